#pragma once

#include <fleetsim/import/archive.hpp>

namespace fleetsim::import {

/// What a file is for packing.
enum class InputKind {
    trace,     ///< Tasks that arrive.
    items,     ///< One or several instances of bin packing.
    tasks,     ///< A list of ECS task definitions.
    scenario,  ///< A fleetsim scenario.
};

/// Told from the contents alone. An archive of several files is one of instances; what could be nothing else counts as
/// a trace.
[[nodiscard]] InputKind kind_of(const FileReading& reading);

}  // namespace fleetsim::import

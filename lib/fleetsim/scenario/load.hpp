#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::scenario {

/// What the command line says in place of the file.
struct Overrides {
    std::optional<std::uint64_t> seed;
    /// Traffic sources and the trace files whose rates replace theirs.
    std::vector<std::pair<std::string, std::filesystem::path>> traffic;
};

struct Loaded {
    std::optional<sim::Scenario> scenario;  ///< Absent when there is any error.
    Diagnostics diagnostics;
};

/// Reads a scenario file. A file that cannot be read is an error among the diagnostics. Trace files are looked for from
/// the scenario's folder.
[[nodiscard]] Loaded load_file(const std::filesystem::path& file, const Overrides& overrides = {});

/// Reads a scenario from text that messages call `file`; relative names of traces begin at `folder`.
[[nodiscard]] Loaded load_text(std::string_view text, std::string file, const std::filesystem::path& folder,
                               const Overrides& overrides = {});

}  // namespace fleetsim::scenario

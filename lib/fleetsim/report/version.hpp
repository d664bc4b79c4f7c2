#pragma once

#include <string_view>

namespace fleetsim::report {

/// The project's version, such as `0.1.0`; the build defines it.
[[nodiscard]] std::string_view version();

}  // namespace fleetsim::report

#pragma once

#include <string>
#include <string_view>

#include <fleetsim/sim/result.hpp>

/// Comma-separated files with a header line. Lines end in a newline; fields are quoted as RFC 4180 says, where they
/// must be.
namespace fleetsim::report {

/// `field` as it must stand in a file: in double quotes where it holds a comma, a quote or a line break.
[[nodiscard]] std::string csv_field(std::string_view field);

/// An instant as seconds with all its nanoseconds and no zeros at the end: `61.5`.
[[nodiscard]] std::string csv_seconds(des::Duration since_start);

/// `timeseries.csv`: `time_s`, the end of a minute, then the columns of `Result::minutes`. Nothing to report: empty.
[[nodiscard]] std::string timeseries_csv(const sim::Result& result);

/// `events.csv`: what the control plane decided or saw. Three zero resources are no resources: empty. The last columns
/// are of decisions about scaling alone.
[[nodiscard]] std::string events_csv(const sim::Result& result);

}  // namespace fleetsim::report

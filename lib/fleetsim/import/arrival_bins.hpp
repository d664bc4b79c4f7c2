#pragma once

#include <fleetsim/import/task_list.hpp>
#include <fleetsim/import/trace_files.hpp>

namespace fleetsim::import {

/// Whether a text's first line is that of a trace of bins: a number of seconds, a space, and letters between commas.
[[nodiscard]] bool looks_like_arrival_bins(std::string_view text);

/// VM arrivals in bins: `300 g,|,b,m,|` says that at 300 s one tenant asked for a VM of flavour g, and another for one
/// of b and one of m. Lifetimes come in a file of the same shape, `U4` for a VM that left and `C4` for one still there
/// at the end; a lifetime is the mean of the shortest and the longest duration that the list of intervals gives its
/// number.
///
/// Durations are counted in whole steps, of which the shortest one listed above 0 is one. An interval that lists only
/// the duration 0 holds VMs that left within the step in which they came: they were there, for half a step on average,
/// and that is their lifetime, not nothing.
[[nodiscard]] TaskList read_arrival_bins(const TraceTexts& texts, Problems& problems,
                                         scenario::Diagnostics& diagnostics);

}  // namespace fleetsim::import

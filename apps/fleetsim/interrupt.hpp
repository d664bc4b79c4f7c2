#pragma once

#include <atomic>

namespace fleetsim::app {

/// From now on the first Ctrl-C (or SIGTERM) only sets the flag that is returned; a second one ends the program at
/// once.
[[nodiscard]] const std::atomic<bool>& watch_for_interrupt();

}  // namespace fleetsim::app

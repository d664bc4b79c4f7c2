#pragma once

#include <atomic>

namespace fleetsim::app {

/// From now on the first Ctrl-C (or SIGTERM) only sets the flag that is returned; a second one ends the program at
/// once.
[[nodiscard]] const std::atomic<bool>& watch_for_interrupt();

/// From now on Ctrl-C (or SIGTERM) says that nothing was written and ends the program with `ExitStatus::interrupted`,
/// in the middle of whatever it does: for commands that leave no traces until they write their results.
void end_on_interrupt();

/// From now on both end the program as the system has it: for the time in which results are written.
void forget_interrupts();

}  // namespace fleetsim::app

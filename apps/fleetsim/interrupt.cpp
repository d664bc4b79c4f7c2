#include "interrupt.hpp"

#include <csignal>
#include <string_view>

#include <unistd.h>

#include "commands.hpp"
#include "terminal.hpp"

namespace fleetsim::app {
namespace {

std::atomic<bool> interrupted{false};
/// Whether a line of progress may stand on the terminal, which then stays there.
std::atomic<bool> line_to_end{false};
// A signal handler may touch nothing but lock-free atomics.
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void note_interrupt(int) { interrupted = true; }

// Only what POSIX calls safe in a handler: it comes in the middle of anything.
extern "C" void end_now(int) {
    constexpr std::string_view message = "\nfleetsim: interrupted; nothing was written\n";
    const std::string_view text = message.substr(line_to_end ? 0 : 1);
    // There is nobody to tell when this fails.
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text.data(), text.size());
    _exit(static_cast<int>(ExitStatus::interrupted));
}

void handle(void (*handler)(int), int flags) {
    struct sigaction action {};
    action.sa_handler = handler;
    action.sa_flags = flags;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

const std::atomic<bool>& watch_for_interrupt() {
    handle(note_interrupt, static_cast<int>(SA_RESETHAND) | SA_RESTART);
    return interrupted;
}

void end_on_interrupt() {
    line_to_end = error_output_is_terminal();
    handle(end_now, 0);
}

void forget_interrupts() { handle(SIG_DFL, 0); }

}  // namespace fleetsim::app

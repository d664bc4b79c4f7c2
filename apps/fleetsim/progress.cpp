#include "progress.hpp"

#include <cstdio>

#include <fmt/format.h>

#include <fleetsim/report/format.hpp>

namespace fleetsim::app {
namespace {

constexpr std::chrono::milliseconds first_draw{500};
constexpr std::chrono::milliseconds draw_interval{100};
constexpr const char* erase_line = "\r\x1b[K";

}  // namespace

Progress::Progress(bool visible, des::Duration whole)
    : visible_(visible && whole.count() > 0), whole_(whole), next_draw_(started_ + first_draw) {}

void Progress::update(des::Time reached) {
    if (!visible_) return;
    const Clock::time_point now = Clock::now();
    if (now < next_draw_) return;
    next_draw_ = now + draw_interval;
    drawn_ = true;

    const double share = des::seconds(reached) / des::seconds(whole_);
    const double spent = std::chrono::duration<double>(now - started_).count();
    const std::string left = share > 0 ? fmt::format("   about {:.0f} s left", spent / share - spent) : std::string{};
    fmt::print(stderr, "{}simulated {} of {} ({:.0f} %){}", erase_line,
               report::duration_text(reached.time_since_epoch()), report::duration_text(whole_), share * 100, left);
    std::fflush(stderr);
}

void Progress::erase() {
    if (drawn_) std::fputs(erase_line, stderr);
    drawn_ = false;
}

}  // namespace fleetsim::app

// The expressions of scheduled actions against any text, driven by libFuzzer: a text is a schedule whose runs follow
// one another, or has errors inside it. Prints nothing unless that fails.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include <fleetsim/scaling/schedule.hpp>

namespace {

using namespace fleetsim::scaling;

void require(bool condition) {
    if (!condition) std::abort();
}

void look_at(std::string_view text, const ParsedSchedule& parsed) {
    require(parsed.schedule.has_value() == parsed.errors.empty());
    std::size_t last = 0;
    for (const ExpressionError& error : parsed.errors) {
        require(error.offset >= last && error.offset <= text.size());
        require(!error.message.empty());
        last = error.offset;
    }
    if (!parsed.schedule) return;
    std::chrono::sys_seconds after = std::chrono::sys_seconds::min();
    for (int i = 0; i < 5; ++i) {
        const std::optional<std::chrono::sys_seconds> at = parsed.schedule->next_after(after);
        require(at ? *at > after : i > 0);
        if (!at) return;
        require(parsed.schedule->next_after(*at - std::chrono::seconds{1}) == at);
        after = *at;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const ScheduleSettings berlin{.time_zone = find_time_zone("Europe/Berlin").time_zone.value()};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (const ScheduleSettings& settings : {ScheduleSettings{}, berlin}) {
        look_at(text, parse_cron(text, settings));
        look_at(text, parse_schedule(text, settings));
    }
    return 0;
}

#include <algorithm>
#include <exception>

#include <date/tz.h>
#include <fmt/format.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/scaling/expression_scanner.hpp>
#include <fleetsim/scaling/schedule.hpp>

namespace fleetsim::scaling {

namespace {

using namespace std::chrono;

// Before and after every instant at which a schedule can run, wherever it is. Between them no calendar overflows.
constexpr sys_seconds earliest{sys_days{year{first_schedule_year - 1} / December / 30}};
constexpr sys_seconds latest{sys_days{year{last_schedule_year + 1} / January / 3}};

constexpr std::string_view default_zone = "Etc/UTC";

[[nodiscard]] std::optional<sys_seconds> next_run(const detail::Once& once, const ScheduleSettings&,
                                                  sys_seconds after) {
    return after < once.at ? std::optional(once.at) : std::nullopt;
}

[[nodiscard]] std::optional<sys_seconds> next_run(const detail::Interval& interval, const ScheduleSettings&,
                                                  sys_seconds after) {
    if (after < interval.origin) return interval.origin;
    return after + interval.length - (after - interval.origin) % interval.length;
}

[[nodiscard]] std::optional<sys_seconds> next_run(const detail::CronFields& fields, const ScheduleSettings& settings,
                                                  sys_seconds after) {
    const TimeZone& zone = settings.time_zone;
    detail::LocalMinutes from = floor<minutes>(zone.local(after)) + minutes{1};
    while (const std::optional<detail::LocalMinutes> found = detail::first_from(fields, from)) {
        const sys_seconds at = zone.first_instant(*found);
        // Clocks that were put back show times whose first instant has passed: as many as they were put back by.
        const bool passes = settings.scheduler == Scheduler::event_bridge && zone.local(at) != *found;
        if (at > after && !passes) return at;
        from = *found + minutes{1};
    }
    return std::nullopt;
}

[[nodiscard]] std::string names_near(std::string_view name) {
    constexpr std::size_t longer_than_any = 64;
    if (name.size() > longer_than_any) return {};
    std::vector<std::string_view> names;
    for (const date::time_zone& zone : date::get_tzdb().zones) names.emplace_back(zone.name());
    return des::did_you_mean(des::nearest_names(name, names));
}

}  // namespace

std::string TimeZone::name() const { return zone_ == nullptr ? std::string(default_zone) : zone_->name(); }

local_seconds TimeZone::local(sys_seconds at) const {
    const seconds offset = zone_ == nullptr ? seconds{0} : zone_->get_info(at).offset;
    return local_seconds{at.time_since_epoch() + offset};
}

sys_seconds TimeZone::first_instant(local_seconds local) const {
    if (zone_ == nullptr) return sys_seconds{local.time_since_epoch()};
    const date::local_info info = zone_->get_info(date::local_seconds{local.time_since_epoch()});
    if (info.result == date::local_info::nonexistent) return info.first.end;
    return sys_seconds{local.time_since_epoch() - info.first.offset};
}

FoundTimeZone find_time_zone(std::string_view name) {
    if (name == default_zone || name == "UTC") return {TimeZone{}, "", ""};
    try {
        const auto& zones = date::get_tzdb().zones;
        const auto found =
            std::find_if(zones.begin(), zones.end(), [&](const date::time_zone& zone) { return zone.name() == name; });
        if (found == zones.end()) {
            return {std::nullopt, fmt::format("unknown time zone {}", detail::expression_shown(name)),
                    names_near(name)};
        }
        // The zone's file is read at its first use, and never again.
        static_cast<void>(found->get_info(sys_seconds{}));
        return {TimeZone{&*found}, "", ""};
    } catch (const std::exception&) {
        return {std::nullopt,
                fmt::format("the machine's time zone database has no readable {}", detail::expression_shown(name)),
                "on Debian it is the package tzdata"};
    }
}

std::optional<sys_seconds> Schedule::next_after(sys_seconds after) const {
    if (after >= latest) return std::nullopt;
    after = std::max(after, earliest);
    const auto not_too_late = [&](sys_seconds at) {
        return at < latest && (!settings_.end || at <= *settings_.end) ? std::optional(at) : std::nullopt;
    };
    if (settings_.start && after < *settings_.start) {
        const bool runs_at_start =
            settings_.scheduler == Scheduler::auto_scaling && !std::holds_alternative<detail::Once>(recurrence_);
        if (runs_at_start) return not_too_late(*settings_.start);
        after = *settings_.start - seconds{1};
    }
    const auto at = std::visit([&](const auto& rule) { return next_run(rule, settings_, after); }, recurrence_);
    return at ? not_too_late(*at) : std::nullopt;
}

std::optional<sys_seconds> Schedule::start() const {
    const auto* const once = std::get_if<detail::Once>(&recurrence_);
    return once == nullptr ? settings_.start : std::optional(once->at);
}

bool Schedule::same_time(const Schedule& other) const {
    if (start() || other.start()) return start() == other.start();
    return recurrence_ == other.recurrence_ && settings_.time_zone == other.settings_.time_zone;
}

}  // namespace fleetsim::scaling

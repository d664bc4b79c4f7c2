#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fleetsim/scaling/expression_error.hpp>
#include <fleetsim/scaling/schedule_calendar.hpp>

namespace date {
class time_zone;
}

/// When scheduled actions run, and scheduled tasks.
///
/// An Auto Scaling group's action recurs by the five fields of a crontab, `30 6 * * 2`; a service's action, and a task
/// that EventBridge Scheduler runs, by an expression:
///
/// | expression | runs |
/// |---|---|
/// | `at(2026-01-05T10:00:00)` | once |
/// | `rate(5 minutes)` | every so many minutes, hours or days; `rate(1 minute)`, but `rate(2 minutes)` |
/// | `cron(0 8 ? * MON-FRI *)` | by six fields, the last of which is the year |
///
/// | field | five fields | six fields |
/// |---|---|---|
/// | minute | 0-59 | 0-59 |
/// | hour | 0-23 | 0-23 |
/// | day of the month | 1-31 | 1-31, `L` (the last), `15W` (of Monday to Friday the nearest), `?` |
/// | month | 1-12, JAN-DEC | 1-12, JAN-DEC |
/// | day of the week | 0-7, SUN-SAT | 1-7, SUN-SAT, `L` (SAT), `6L` (the last FRI), `3#2` (the second TUE), `?` |
/// | year | | 1970-2199 |
///
/// Sunday is 0 and 7 of five fields, and 1 of six.
///
/// Fields know `*`, lists (`1,15`), ranges (`MON-FRI`) and steps (`*/10`, `0-30/10`); six fields know `5/10` (from 5
/// on) too, but no steps of days of the week.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Scheduled scaling for Amazon EC2 Auto Scaling"; crontab(5);
/// Application Auto Scaling User Guide, "Schedule recurring scaling actions using cron expressions"; Amazon EventBridge
/// User Guide, "Cron expressions reference"; Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge
/// Scheduler".
///
/// Of five fields either day is enough if neither is `*`. Of six fields one day is `?`.
///
/// The guides leave these open, and the model decides:
/// - A local time that a change of the clock skips runs at the first instant after it, together with others that it
///   skips and with what runs then anyway. (EventBridge Scheduler says that it lets it pass.)
/// - A local time that comes twice runs the first time only: `0 * * * *` leaves an hour out.
/// - `*/2` restricts a day, as anything but `*` does. Cron programs differ in this.
/// - Without a start, `rate` counts from 1970-01-01T00:00:00Z, so that `rate(1 hour)` runs on the hour.
/// - Where AWS does not say what something means it is refused: ranges that run over the end, `5/10` in five fields,
///   and `L`, `W` and `#` in lists or together.
///
/// Left out: the delay of up to two minutes; changes of the clock after 2037, where the system's time zone files end.
namespace fleetsim::scaling {

/// An IANA time zone, by default UTC. Its rules are those of the machine's time zone database.
class TimeZone {
public:
    TimeZone() = default;

    [[nodiscard]] std::string name() const;
    [[nodiscard]] std::chrono::local_seconds local(std::chrono::sys_seconds at) const;
    /// When clocks show that time first; if they never do, when they are put forward past it.
    [[nodiscard]] std::chrono::sys_seconds first_instant(std::chrono::local_seconds local) const;

    friend bool operator==(const TimeZone&, const TimeZone&) = default;

private:
    friend struct FoundTimeZone find_time_zone(std::string_view name);
    explicit TimeZone(const date::time_zone* zone) : zone_{zone} {}

    const date::time_zone* zone_ = nullptr;  ///< Of the database, which lives as long as the program; null is UTC.
};

/// A time zone, or else why there is none of that name.
struct FoundTimeZone {
    std::optional<TimeZone> time_zone;
    std::string message;
    std::string hint;
};

/// The time zone of a name such as `Europe/Berlin`, upper and lower case told apart.
[[nodiscard]] FoundTimeZone find_time_zone(std::string_view name);

/// Who watches the clock. What is scheduled by EventBridge Scheduler runs at its start only if its expression says so,
/// not at all at a local time that a change of the clock skips, and once (`at`) whatever its start and its end are.
///
/// Source: Amazon EventBridge Scheduler User Guide, "Schedule types in EventBridge Scheduler"; Amazon EventBridge
/// Scheduler API Reference, CreateSchedule (StartDate, EndDate).
enum class Scheduler : std::uint8_t { auto_scaling, event_bridge };

/// What AWS asks for beside an expression.
struct ScheduleSettings {
    TimeZone time_zone{};  ///< Of the expression's times of day. `rate` has none.
    /// A recurring action runs at its start, whatever its expression says, and then by its expression.
    std::optional<std::chrono::sys_seconds> start{};
    std::optional<std::chrono::sys_seconds> end{};  ///< It still runs at that instant, but not later.
    Scheduler scheduler = Scheduler::auto_scaling;

    friend bool operator==(const ScheduleSettings&, const ScheduleSettings&) = default;
};

namespace detail {

struct Once {
    std::chrono::sys_seconds at;

    friend bool operator==(const Once&, const Once&) = default;
};

struct Interval {
    std::chrono::sys_seconds origin;  ///< The first run.
    std::chrono::seconds length;

    friend bool operator==(const Interval&, const Interval&) = default;
};

using Recurrence = std::variant<Once, Interval, CronFields>;

}  // namespace detail

/// A checked schedule.
class Schedule {
public:
    /// An action with a start and without a recurrence.
    [[nodiscard]] static Schedule once(std::chrono::sys_seconds at) { return Schedule{detail::Once{at}, {}}; }

    explicit Schedule(detail::Recurrence recurrence, ScheduleSettings settings)
        : recurrence_{std::move(recurrence)}, settings_{std::move(settings)} {}

    /// The first run later than `after`; none if there is none any more.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> next_after(std::chrono::sys_seconds after) const;

    /// Are both times one to an Auto Scaling group, which takes no two actions at the same time? Their start counts,
    /// and of two without one the recurrence and its time zone.
    ///
    /// Source: Amazon EC2 Auto Scaling User Guide, "Scheduled scaling for Amazon EC2 Auto Scaling" (limitations: "a
    /// scheduled action must have a unique time value"). What is unique is a model decision.
    [[nodiscard]] bool same_time(const Schedule& other) const;

    friend bool operator==(const Schedule&, const Schedule&) = default;

private:
    /// Of an action that runs once, when it does.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> start() const;

    detail::Recurrence recurrence_;
    ScheduleSettings settings_;
};

/// A schedule, or else at least one error, in the order of the text.
struct ParsedSchedule {
    std::optional<Schedule> schedule;
    std::vector<ExpressionError> errors;
};

/// Characters of the longest expressions. Source: Amazon EC2 Auto Scaling API Reference,
/// "PutScheduledUpdateGroupAction"; Application Auto Scaling API Reference, "PutScheduledAction".
inline constexpr std::size_t longest_recurrence = 255;
inline constexpr std::size_t longest_schedule = 1600;

/// Reads the five fields by which an Auto Scaling group's action recurs. What can never run is an error too.
[[nodiscard]] ParsedSchedule parse_cron(std::string_view text, const ScheduleSettings& settings = {});

/// Reads the `at`, `rate` or `cron` of a service's action or of a scheduled task. What can never run is an error too.
[[nodiscard]] ParsedSchedule parse_schedule(std::string_view text, const ScheduleSettings& settings = {});

}  // namespace fleetsim::scaling

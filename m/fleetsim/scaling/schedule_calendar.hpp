#pragma once

#include <algorithm>
#include <bit>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace fleetsim::scaling {

/// Schedules run in the years that the year field of `cron(...)` can name, and in no others.
///
/// Source: Amazon EventBridge User Guide, "Cron expressions reference".
inline constexpr int first_schedule_year = 1970;
inline constexpr int last_schedule_year = 2199;

}  // namespace fleetsim::scaling

/// A checked cron expression on the calendar, in the local time of wherever it is meant for.
namespace fleetsim::scaling::detail {

/// Days that cannot be listed, since they differ from month to month.
enum class SpecialDay : std::uint8_t {
    none,
    last_day,         ///< `L` as day of the month.
    nearest_weekday,  ///< `15W`: of Monday to Friday the day nearest to the 15th, in the same month.
    last_of_kind,     ///< `6L`: the last Friday.
    nth_of_kind,      ///< `3#2`: the second Tuesday.
};

/// The values that each field allows; no field is empty. Bit n stands for the value n.
struct CronFields {
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0;
    std::uint32_t days_of_month = 0;  ///< From 1.
    std::uint32_t months = 0;         ///< From 1.
    std::uint32_t days_of_week = 0;   ///< Sunday is 0.
    std::bitset<last_schedule_year - first_schedule_year + 1> years{};
    bool either_day = false;  ///< One of the two days is enough; otherwise it must be both.

    SpecialDay special = SpecialDay::none;  ///< If any, it stands instead of the two fields of days.
    unsigned special_day = 0;               ///< Of the month for `nearest_weekday`, otherwise of the week.
    unsigned special_count = 0;             ///< Of `nth_of_kind`, from 1.

    friend bool operator==(const CronFields&, const CronFields&) = default;
};

using LocalMinutes = std::chrono::local_time<std::chrono::minutes>;

[[nodiscard]] constexpr bool allows(std::uint64_t values, unsigned value) { return (values >> value & 1) != 0; }

/// What days a month has, and how they fall on the week.
struct MonthShape {
    unsigned first_weekday = 0;  ///< Of the 1st; Sunday is 0.
    unsigned days = 0;

    explicit MonthShape(std::chrono::year_month month)
        : first_weekday{std::chrono::weekday{std::chrono::sys_days{month / std::chrono::day{1}}}.c_encoding()},
          days{static_cast<unsigned>((month / std::chrono::last).day())} {}

    [[nodiscard]] unsigned weekday(unsigned day) const { return (first_weekday + day - 1) % 7; }

    /// The first day of the month that is this day of the week.
    [[nodiscard]] unsigned first_of_kind(unsigned weekday) const { return 1 + (weekday + 7 - first_weekday) % 7; }
};

/// Zero if the month has no such day.
[[nodiscard]] inline unsigned nearest_weekday(unsigned day, const MonthShape& month) {
    constexpr unsigned sunday = 0;
    constexpr unsigned saturday = 6;
    if (day > month.days) return 0;
    if (month.weekday(day) == saturday) return day > 1 ? day - 1 : day + 2;
    if (month.weekday(day) == sunday) return day < month.days ? day + 1 : day - 2;
    return day;
}

/// Zero if the month has no such day.
[[nodiscard]] inline unsigned special_day(const CronFields& fields, const MonthShape& month) {
    const unsigned first = month.first_of_kind(fields.special_day);
    switch (fields.special) {
        case SpecialDay::none: return 0;
        case SpecialDay::last_day: return month.days;
        case SpecialDay::nearest_weekday: return nearest_weekday(fields.special_day, month);
        case SpecialDay::last_of_kind: return first + 28 <= month.days ? first + 28 : first + 21;
        case SpecialDay::nth_of_kind: {
            const unsigned day = first + 7 * (fields.special_count - 1);
            return day <= month.days ? day : 0;
        }
    }
    return 0;
}

/// The days of a month that the fields of days allow; bit n stands for the nth.
[[nodiscard]] inline std::uint32_t matching_days(const CronFields& fields, std::chrono::year_month month) {
    const MonthShape shape{month};
    if (fields.special != SpecialDay::none) {
        const unsigned day = special_day(fields, shape);
        return day == 0 ? 0 : std::uint32_t{1} << day;
    }
    std::uint32_t days = 0;
    for (unsigned day = 1; day <= shape.days; ++day) {
        const bool by_month = allows(fields.days_of_month, day);
        const bool by_week = allows(fields.days_of_week, shape.weekday(day));
        if (fields.either_day ? by_month || by_week : by_month && by_week) days |= std::uint32_t{1} << day;
    }
    return days;
}

/// The first time of a day at which the expression runs, from `from` on.
[[nodiscard]] inline std::optional<std::chrono::minutes> first_time_of_day(const CronFields& fields,
                                                                           std::chrono::minutes from) {
    using std::chrono::minutes;
    for (unsigned hour = 0; hour < 24; ++hour) {
        const minutes start = std::chrono::hours{hour};
        if (!allows(fields.hours, hour) || start + std::chrono::hours{1} <= from) continue;
        const minutes skipped = std::max(from - start, minutes{0});
        const std::uint64_t left = fields.minutes >> skipped.count();
        if (left != 0) return start + skipped + minutes{std::countr_zero(left)};
    }
    return std::nullopt;
}

/// The first local time at which the expression runs, from `from` on; none if it never does any more. It looks at
/// every month at most once, so that even a day that comes once in eight years is found in microseconds.
[[nodiscard]] inline std::optional<LocalMinutes> first_from(const CronFields& fields, LocalMinutes from) {
    using namespace std::chrono;
    from = std::max(from, LocalMinutes{local_days{year{first_schedule_year} / January / 1}});
    const local_days today = floor<days>(from);
    const year_month_day start{today};
    const year_month this_month = start.year() / start.month();

    for (year_month month = this_month; month.year() <= year{last_schedule_year}; month += months{1}) {
        const auto year_index = static_cast<std::size_t>(static_cast<int>(month.year()) - first_schedule_year);
        if (!fields.years[year_index] || !allows(fields.months, static_cast<unsigned>(month.month()))) continue;
        std::uint32_t left = matching_days(fields, month);
        if (month == this_month) left &= ~std::uint32_t{0} << static_cast<unsigned>(start.day());
        for (; left != 0; left &= left - 1) {
            const local_days date{month / day{static_cast<unsigned>(std::countr_zero(left))}};
            const auto time = first_time_of_day(fields, date == today ? from - LocalMinutes{today} : minutes{0});
            if (time) return date + *time;
        }
    }
    return std::nullopt;
}

}  // namespace fleetsim::scaling::detail

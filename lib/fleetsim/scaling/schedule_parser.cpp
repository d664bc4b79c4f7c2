#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/scaling/schedule.hpp>
#include <fleetsim/scaling/schedule_field.hpp>

namespace fleetsim::scaling {

namespace {

using namespace std::chrono;
using detail::CronFields;
using detail::FieldKind;
using detail::FieldValues;
using detail::Piece;
using detail::ScheduleErrors;
using detail::SpecialDay;

constexpr std::string_view blanks = " \t\r\n";

[[nodiscard]] Piece trimmed(Piece piece) {
    const std::size_t last = piece.text.find_last_not_of(blanks);
    if (last == std::string_view::npos) return piece.from(piece.text.size());
    return piece.first(last + 1).from(piece.text.find_first_not_of(blanks));
}

[[nodiscard]] std::vector<Piece> words(Piece piece) {
    std::vector<Piece> found;
    for (Piece rest = trimmed(piece); !rest.text.empty(); rest = trimmed(rest)) {
        found.push_back(rest.first(rest.text.find_first_of(blanks)));
        rest = rest.from(found.back().text.size());
    }
    return found;
}

constexpr std::array<std::string_view, 12> month_names{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::string_view for_services = "L, W, # and ? belong to the cron(...) of a service's action";
constexpr std::string_view stand_alone = "L, W and # stand alone in a field of days, and ? in one of the two";

enum Field : std::size_t { minute_field, hour_field, day_of_month_field, month_field, day_of_week_field, year_field };

constexpr std::array<FieldKind, 5> five_fields{{
    {"minute", 0, 59, {}, true, false, {}},
    {"hour", 0, 23, {}, true, false, {}},
    {"day of the month", 1, 31, {}, true, false, for_services},
    {"month", 1, 12, month_names, true, false, {}},
    {"day of the week", 0, 7, weekday_names, true, false, for_services},
}};

constexpr std::array<FieldKind, 6> six_fields{{
    {"minute", 0, 59, {}, true, true, {}},
    {"hour", 0, 23, {}, true, true, {}},
    {"day of the month", 1, 31, {}, true, true, stand_alone},
    {"month", 1, 12, month_names, true, true, {}},
    {"day of the week", 1, 7, weekday_names, false, false, stand_alone},
    {"year", first_schedule_year, last_schedule_year, {}, true, true, {}},
}};

/// Bit n for the value n, of any field but the year.
[[nodiscard]] std::uint64_t mask(const FieldKind& kind, const FieldValues& values) {
    return values.to_ullong() << kind.first;
}

/// Reads an expression, and goes on after an error as long as it can tell what is what.
class Parser {
public:
    Parser(std::string_view text, const ScheduleSettings& settings) : text_{text}, settings_{settings} {}

    [[nodiscard]] ParsedSchedule recurrence() &&;
    [[nodiscard]] ParsedSchedule expression() &&;

private:
    using Found = std::optional<detail::Recurrence>;

    [[nodiscard]] bool readable(std::size_t longest, std::string_view such_as);
    [[nodiscard]] ParsedSchedule checked(Found found);

    [[nodiscard]] bool count_is(const std::vector<Piece>& fields, std::span<const FieldKind> kinds, Piece all);
    [[nodiscard]] FieldValues values(const FieldKind& kind, Piece field);
    void times_and_month(CronFields& cron, std::span<const FieldKind> kinds, const std::vector<Piece>& fields);
    [[nodiscard]] Found runs(const CronFields& cron, Piece days);

    [[nodiscard]] bool known(Piece kind);
    [[nodiscard]] Found parenthesis(std::string_view kind, Piece rest);
    [[nodiscard]] Found at(Piece inside);
    [[nodiscard]] Found rate(Piece inside);
    [[nodiscard]] Found cron(Piece inside);
    void day_of_month(CronFields& cron, Piece field);
    void day_of_week(CronFields& cron, Piece field);
    void last_of_kind(CronFields& cron, Piece field);
    void nth_of_kind(CronFields& cron, Piece field);

    std::string_view text_;
    ScheduleSettings settings_;
    ScheduleErrors errors_;
};

bool Parser::readable(std::size_t longest, std::string_view such_as) {
    const auto strange = [](char letter) {
        return (letter < ' ' || letter > '~') && blanks.find(letter) == std::string_view::npos;
    };
    const auto found = std::find_if(text_.begin(), text_.end(), strange);
    if (text_.find_first_not_of(blanks) == std::string_view::npos) {
        errors_.note(0, "the expression is empty", fmt::format("such as {}", such_as));
    } else if (text_.size() > longest) {
        errors_.note(longest, fmt::format("the expression has {} characters, more than {}", text_.size(), longest));
    } else if (found != text_.end()) {
        errors_.note(static_cast<std::size_t>(found - text_.begin()), "a character outside printable ASCII");
    }
    return errors_.none();
}

ParsedSchedule Parser::checked(Found found) {
    if (found && errors_.none()) {
        Schedule schedule{std::move(*found), settings_};
        if (schedule.next_after(sys_seconds::min())) return {std::move(schedule), {}};
        errors_.note(0, "it never runs between its start and its end");
    }
    return {std::nullopt, std::move(errors_).take()};
}

ParsedSchedule Parser::recurrence() && {
    if (!readable(longest_recurrence, "30 6 * * 2")) return checked(std::nullopt);
    const Piece all = trimmed({text_});
    const std::vector<Piece> fields = words(all);
    if (!count_is(fields, five_fields, all)) return checked(std::nullopt);

    CronFields cron;
    cron.years.set();
    times_and_month(cron, five_fields, fields);
    const FieldKind& by_month = five_fields[day_of_month_field];
    const FieldKind& by_week = five_fields[day_of_week_field];
    cron.days_of_month = static_cast<std::uint32_t>(mask(by_month, values(by_month, fields[day_of_month_field])));
    const std::uint64_t week = mask(by_week, values(by_week, fields[day_of_week_field]));
    cron.days_of_week = static_cast<std::uint32_t>(week | week >> 7) & 0x7f;
    cron.either_day = fields[day_of_month_field].text != "*" && fields[day_of_week_field].text != "*";
    return checked(runs(cron, fields[day_of_month_field]));
}

bool Parser::count_is(const std::vector<Piece>& fields, std::span<const FieldKind> kinds, Piece all) {
    if (fields.size() == kinds.size()) return true;
    std::vector<std::string_view> names;
    for (const FieldKind& kind : kinds) names.push_back(kind.name);
    const std::string hint = fmt::format("the {} fields are {}", kinds.size(), des::listed(names, "and"));
    if (fields.size() > kinds.size()) {
        errors_.note(fields[kinds.size()].offset, fmt::format("{} fields, not {}", fields.size(), kinds.size()), hint);
    } else {
        errors_.note(all.end(), fmt::format("expected {}, found the end", detail::with_article(kinds[fields.size()])),
                     hint);
    }
    return false;
}

FieldValues Parser::values(const FieldKind& kind, Piece field) {
    return detail::read_field(kind, field, errors_).value_or(FieldValues{});
}

void Parser::times_and_month(CronFields& cron, std::span<const FieldKind> kinds, const std::vector<Piece>& fields) {
    const auto bits = [&](Field field) { return mask(kinds[field], values(kinds[field], fields[field])); };
    cron.minutes = bits(minute_field);
    cron.hours = static_cast<std::uint32_t>(bits(hour_field));
    cron.months = static_cast<std::uint32_t>(bits(month_field));
}

/// `days` is where an error points if there is no such day.
Parser::Found Parser::runs(const CronFields& cron, Piece days) {
    if (!errors_.none()) return std::nullopt;
    if (detail::first_from(cron, detail::LocalMinutes{})) return cron;
    errors_.note(days.offset, "it never runs: none of its months has such a day");
    return std::nullopt;
}

ParsedSchedule Parser::expression() && {
    if (!readable(longest_schedule, "cron(0 8 ? * MON-FRI *)")) return checked(std::nullopt);
    const Piece all = trimmed({text_});
    const Piece kind = all.first(all.text.find_first_of(" \t\r\n("));
    return checked(known(kind) ? parenthesis(kind.text, all.from(kind.text.size())) : std::nullopt);
}

bool Parser::known(Piece kind) {
    constexpr std::array<std::string_view, 3> kinds{"at", "rate", "cron"};
    if (std::find(kinds.begin(), kinds.end(), kind.text) != kinds.end()) return true;
    const std::string near = des::did_you_mean(des::nearest_names(kind.text, kinds));
    errors_.expected("at(...), rate(...) or cron(...)", kind, near.empty() ? "such as rate(5 minutes)" : near);
    return false;
}

Parser::Found Parser::parenthesis(std::string_view kind, Piece rest) {
    if (!rest.text.starts_with('(')) {
        errors_.expected(fmt::format("\"(\" right after {}", kind), rest.first(1));
        return std::nullopt;
    }
    const Piece open = rest.from(1);
    const std::size_t close = open.text.find(')');
    if (close == std::string_view::npos) {
        errors_.expected("\")\"", rest.from(rest.text.size()));
        return std::nullopt;
    }
    const Piece inside = trimmed(open.first(close));
    Found found = kind == "at" ? at(inside) : kind == "rate" ? rate(inside) : cron(inside);
    const Piece after = trimmed(open.from(close + 1));
    if (!after.text.empty()) errors_.expected("the end", after);
    return found;
}

/// A part of a date and time, of a fixed number of digits, and the letter behind it.
struct DatePart {
    std::string_view name;
    std::size_t digits;
    int first;
    int last;
    char behind;
};

constexpr std::array<DatePart, 6> date_parts{{{"year", 4, first_schedule_year, last_schedule_year, '-'},
                                              {"month", 2, 1, 12, '-'},
                                              {"day", 2, 1, 31, 'T'},
                                              {"hour", 2, 0, 23, ':'},
                                              {"minute", 2, 0, 59, ':'},
                                              {"second", 2, 0, 59, '\0'}}};

Parser::Found Parser::at(Piece inside) {
    const std::string example = "such as at(2026-01-05T10:00:00)";
    std::array<int, date_parts.size()> found{};
    Piece rest = inside;
    for (std::size_t i = 0; i < date_parts.size(); ++i) {
        const DatePart& part = date_parts[i];
        const Piece digits = rest.first(part.digits);
        const std::optional<int> number = detail::read_number(digits.text);
        if (!number || digits.text.size() != part.digits || *number < part.first || *number > part.last) {
            errors_.expected(fmt::format("the {} from {:0{}} to {}", part.name, part.first, part.digits, part.last),
                             digits, example);
            return std::nullopt;
        }
        found[i] = *number;
        rest = rest.from(part.digits);
        if (part.behind == '\0') break;
        if (!rest.text.starts_with(part.behind)) {
            errors_.expected(fmt::format("\"{}\" after the {}", part.behind, part.name), rest.first(1), example);
            return std::nullopt;
        }
        rest = rest.from(1);
    }
    if (!rest.text.empty()) {
        errors_.expected("\")\" after the second", rest, "a time zone is not part of the expression");
        return std::nullopt;
    }
    const year_month_day date{year{found[0]}, month{static_cast<unsigned>(found[1])},
                              day{static_cast<unsigned>(found[2])}};
    if (!date.ok()) {
        errors_.note(inside.offset, fmt::format("{} is not a day of the calendar", inside.text.substr(0, 10)));
        return std::nullopt;
    }
    if (settings_.scheduler == Scheduler::event_bridge) settings_.start = settings_.end = std::nullopt;
    const local_seconds local = local_days{date} + hours{found[3]} + minutes{found[4]} + seconds{found[5]};
    return detail::Once{settings_.time_zone.first_instant(local)};
}

struct RateUnit {
    std::string_view one;
    std::string_view more;
    seconds length;
};

constexpr std::array<RateUnit, 3> rate_units{
    {{"minute", "minutes", minutes{1}}, {"hour", "hours", hours{1}}, {"day", "days", days{1}}}};

Parser::Found Parser::rate(Piece inside) {
    const std::string example = "such as rate(5 minutes)";
    const std::vector<Piece> parts = words(inside);
    const std::optional<int> value = parts.empty() ? std::nullopt : detail::read_number(parts.front().text);
    if (!value || *value < 1) {
        errors_.expected("a whole number from 1 to 2147483647", parts.empty() ? inside : parts.front(), example);
        return std::nullopt;
    }
    std::vector<std::string_view> names;
    for (const RateUnit& unit : rate_units) names.push_back(*value == 1 ? unit.one : unit.more);
    const Piece unit = parts.size() > 1 ? parts[1] : inside.from(inside.text.size());
    const auto found = std::find(names.begin(), names.end(), unit.text);
    if (found == names.end()) {
        errors_.expected(fmt::format("{} after {}", des::listed(names), *value), unit,
                         des::did_you_mean(des::nearest_names(unit.text, names)));
        return std::nullopt;
    }
    if (parts.size() > 2) {
        errors_.expected("\")\"", parts[2], example);
        return std::nullopt;
    }
    const sys_seconds start_of_time{};
    const seconds length = rate_units[static_cast<std::size_t>(found - names.begin())].length * *value;
    return detail::Interval{std::max(settings_.start.value_or(start_of_time), start_of_time), length};
}

Parser::Found Parser::cron(Piece inside) {
    const std::vector<Piece> fields = words(inside);
    if (!count_is(fields, six_fields, inside)) return std::nullopt;
    const Piece by_month = fields[day_of_month_field];
    const Piece by_week = fields[day_of_week_field];

    CronFields cron;
    times_and_month(cron, six_fields, fields);
    if ((by_month.text == "?") == (by_week.text == "?")) {
        errors_.note(by_week.offset, "one of the day of the month and the day of the week is ?, and the other is not",
                     "such as 0 8 ? * MON-FRI * or 0 8 1 * ? *");
    } else if (by_week.text == "?") {
        cron.days_of_week = ~std::uint32_t{0};
        day_of_month(cron, by_month);
    } else {
        cron.days_of_month = ~std::uint32_t{0};
        day_of_week(cron, by_week);
    }
    cron.years = values(six_fields[year_field], fields[year_field]);
    return runs(cron, by_week.text == "?" ? by_month : by_week);
}

void Parser::day_of_month(CronFields& cron, Piece field) {
    const FieldKind& kind = six_fields[day_of_month_field];
    const std::string_view text = field.text;
    if (text == "L") {
        cron.special = SpecialDay::last_day;
    } else if (text.size() > 1 && text.ends_with('W') && text.find(',') == std::string_view::npos) {
        cron.special = SpecialDay::nearest_weekday;
        const auto day = detail::read_value(kind, field.first(text.size() - 1), errors_);
        cron.special_day = static_cast<unsigned>(day.value_or(0));
    } else {
        cron.days_of_month = static_cast<std::uint32_t>(mask(kind, values(kind, field)));
    }
}

void Parser::day_of_week(CronFields& cron, Piece field) {
    const FieldKind& kind = six_fields[day_of_week_field];
    const std::string_view text = field.text;
    const bool alone = text.find(',') == std::string_view::npos;
    if (text == "L") {
        cron.days_of_week = std::uint32_t{1} << 6;
    } else if (alone && text.ends_with('L')) {
        last_of_kind(cron, field);
    } else if (alone && text.find('#') != std::string_view::npos) {
        nth_of_kind(cron, field);
    } else {
        cron.days_of_week = static_cast<std::uint32_t>(mask(kind, values(kind, field)) >> 1);
    }
}

void Parser::last_of_kind(CronFields& cron, Piece field) {
    const auto day = detail::read_value(six_fields[day_of_week_field], field.first(field.text.size() - 1), errors_);
    cron.special = SpecialDay::last_of_kind;
    cron.special_day = static_cast<unsigned>(day.value_or(1) - 1);
}

void Parser::nth_of_kind(CronFields& cron, Piece field) {
    constexpr int most_in_a_month = 5;
    const std::size_t sign = field.text.find('#');
    const auto day = detail::read_value(six_fields[day_of_week_field], field.first(sign), errors_);
    const Piece count = field.from(sign + 1);
    const std::optional<int> number = detail::read_number(count.text);
    if (!number || *number < 1 || *number > most_in_a_month) {
        errors_.expected("a number from 1 to 5 after #", count, "3#2 is the second Tuesday of a month");
    }
    cron.special = SpecialDay::nth_of_kind;
    cron.special_day = static_cast<unsigned>(day.value_or(1) - 1);
    cron.special_count = static_cast<unsigned>(number.value_or(1));
}

}  // namespace

ParsedSchedule parse_cron(std::string_view text, const ScheduleSettings& settings) {
    return Parser(text, settings).recurrence();
}

ParsedSchedule parse_schedule(std::string_view text, const ScheduleSettings& settings) {
    return Parser(text, settings).expression();
}

}  // namespace fleetsim::scaling

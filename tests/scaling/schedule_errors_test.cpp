#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/scaling/schedule.hpp>

#include "catch.hpp"

namespace {

using fleetsim::des::Draws;
using fleetsim::des::Stream;
using fleetsim::scaling::ExpressionError;
using fleetsim::scaling::find_time_zone;
using fleetsim::scaling::longest_recurrence;
using fleetsim::scaling::longest_schedule;
using fleetsim::scaling::parse_cron;
using fleetsim::scaling::parse_schedule;
using fleetsim::scaling::ParsedSchedule;

/// `§` stands before the character at which the one error must point.
struct Row {
    std::string_view text;
    std::string_view message;
    std::string_view hint = "";
};

using Parse = ParsedSchedule (*)(std::string_view);

ParsedSchedule recurrence(std::string_view text) { return parse_cron(text); }
ParsedSchedule expression(std::string_view text) { return parse_schedule(text); }

void check(Parse parse, const std::vector<Row>& rows) {
    constexpr std::string_view mark = "§";
    for (const Row& row : rows) {
        std::string text{row.text};
        const std::size_t at = text.find(mark);
        REQUIRE(at != std::string::npos);
        text.erase(at, mark.size());
        CAPTURE(text);
        const ParsedSchedule parsed = parse(text);
        CHECK_FALSE(parsed.schedule);
        CHECK(parsed.errors.size() == 1);
        if (parsed.errors.empty()) continue;
        CHECK(parsed.errors[0].message == row.message);
        CHECK(parsed.errors[0].hint == row.hint);
        CHECK(parsed.errors[0].offset == at);
    }
}

constexpr std::string_view five = "the 5 fields are minute, hour, day of the month, month and day of the week";
constexpr std::string_view six = "the 6 fields are minute, hour, day of the month, month, day of the week and year";
constexpr std::string_view for_services = "L, W, # and ? belong to the cron(...) of a service's action";
constexpr std::string_view stand_alone = "L, W and # stand alone in a field of days, and ? in one of the two";
constexpr std::string_view either_day =
    "one of the day of the month and the day of the week is ?, and the other is not";
constexpr std::string_view day_example = "such as 0 8 ? * MON-FRI * or 0 8 1 * ? *";

TEST_CASE("a value outside of its field is answered with what was expected") {
    check(recurrence,
          {
              {"§60 * * * *", R"-(expected a minute from 0 to 59, found "60")-"},
              {"§-1 * * * *", R"-(expected a minute from 0 to 59, found "-")-"},
              {"§a * * * *", R"-(expected a minute from 0 to 59, found "a")-"},
              {"§+5 * * * *", R"-(expected a minute from 0 to 59, found "+5")-"},
              {"§1.5 * * * *", R"-(expected a minute from 0 to 59, found "1.5")-"},
              {"§0x10 * * * *", R"-(expected a minute from 0 to 59, found "0x10")-"},
              {"§99999999999999999999 * * * *", R"-(expected a minute from 0 to 59, found "99999999999999999999")-"},
              {"0 §24 * * *", R"-(expected an hour from 0 to 23, found "24")-"},
              {"0 0 §0 * *", R"-(expected a day of the month from 1 to 31, found "0")-"},
              {"0 0 1,§32 * *", R"-(expected a day of the month from 1 to 31, found "32")-"},
              {"0 0 1-§32 * *", R"-(expected a day of the month from 1 to 31, found "32")-"},
              {"0 0 * §13 *", R"-(expected a month from 1 to 12 or JAN to DEC, found "13")-"},
              {"0 0 * §January *", R"-(expected a month from 1 to 12 or JAN to DEC, found "January")-",
               "did you mean JAN?"},
              {"0 0 * §JNA *", R"-(expected a month from 1 to 12 or JAN to DEC, found "JNA")-", "did you mean JAN?"},
              {"0 0 * * §8", R"-(expected a day of the week from 0 to 7 or SUN to SAT, found "8")-"},
              {"0 0 * * MON-§FRY", R"-(expected a day of the week from 0 to 7 or SUN to SAT, found "FRY")-",
               "did you mean FRI?"},
          });
    check(expression,
          {
              {"cron(§60 * * * ? *)", R"-(expected a minute from 0 to 59, found "60")-"},
              {"cron(0 0 ? * §0 *)", R"-(expected a day of the week from 1 to 7 or SUN to SAT, found "0")-"},
              {"cron(0 0 ? * §8 *)", R"-(expected a day of the week from 1 to 7 or SUN to SAT, found "8")-"},
              {"cron(0 0 1 * ? §1969)", R"-(expected a year from 1970 to 2199, found "1969")-"},
              {"cron(0 0 1 * ? 2026-§2200)", R"-(expected a year from 1970 to 2199, found "2200")-"},
              {"  cron(§60 * * * ? *)", R"-(expected a minute from 0 to 59, found "60")-"},
          });
}

TEST_CASE("what stands in the wrong place of a field is told") {
    check(recurrence, {
                          {"1,§,2 * * * *", R"-(expected a minute from 0 to 59, found ",")-"},
                          {"1,§ * * * *", "expected a minute from 0 to 59, found nothing"},
                          {"§,1 * * * *", R"-(expected a minute from 0 to 59, found ",")-"},
                          {"1-§ * * * *", "expected a minute from 0 to 59, found nothing"},
                          {"1-§-2 * * * *", R"-(expected a minute from 0 to 59, found "-")-"},
                          {"1-2§-3 * * * *", R"-(expected a comma or a blank, found "-")-"},
                          {"*§5 * * * *", R"-(expected a comma or a blank, found "5")-"},
                          {"*§* * * * *", R"-(expected a comma or a blank, found "*")-"},
                          {"*/5§* * * * *", R"-(expected a comma or a blank, found "*")-"},
                          {"5§* * * * *", R"-(expected a comma or a blank, found "*")-"},
                          {"*/§ * * * *", "expected a step from 1 to 60, found nothing"},
                          {"*/§0 * * * *", R"-(expected a step from 1 to 60, found "0")-"},
                          {"*/§61 * * * *", R"-(expected a step from 1 to 60, found "61")-"},
                          {"*/§/5 * * * *", R"-(expected a step from 1 to 60, found "/")-"},
                          {"*/5§/5 * * * *", R"-(expected a comma or a blank, found "/")-"},
                          {"* */§25 * * *", R"-(expected a step from 1 to 24, found "25")-"},
                          {"* * */§32 * *", R"-(expected a step from 1 to 31, found "32")-"},
                          {"* * * */§MON *", R"-(expected a step from 1 to 12, found "MON")-"},
                          {"* * * * */§-1", R"-(expected a step from 1 to 8, found "-")-"},
                          {"5§/10 * * * *", "a step after a single value", "write 5-59/10"},
                          {"* * * MAR§/2,8 *", "a step after a single value", "write 3-12/2"},
                      });
    check(expression, {
                          {"cron(0 8 ? * 2§/2 *)", "a day of the week takes no step", "write a list"},
                          {"cron(0 8 ? * *§/2 *)", "a day of the week takes no step", "write a list"},
                          {"cron(0 8 1 * ? */§231)", R"-(expected a step from 1 to 230, found "231")-"},
                      });
}

TEST_CASE("a range that runs over the end is refused with what may be meant") {
    check(recurrence, {
                          {"0 §22-2 * * *", "the range 22-2 begins after its end", "write 22-23,0-2"},
                          {"0 1,§22-2,5 * * *", "the range 22-2 begins after its end", "write 22-23,0-2"},
                          {"0 0 * §NOV-FEB *", "the range NOV-FEB begins after its end", "write 11-12,1-2"},
                          {"0 0 * * §FRI-MON", "the range FRI-MON begins after its end", "write 5-7,0-1"},
                      });
    check(expression, {
                          {"cron(0 0 ? * §FRI-MON *)", "the range FRI-MON begins after its end", "write 6-7,1-2"},
                      });
}

TEST_CASE("too few or too many fields are answered with what the fields are") {
    check(recurrence, {
                          {"§", "the expression is empty", "such as 30 6 * * 2"},
                          {"§ \t ", "the expression is empty", "such as 30 6 * * 2"},
                          {"*§", "expected an hour, found the end", five},
                          {"* * * *§", "expected a day of the week, found the end", five},
                          {" * * * *§ ", "expected a day of the week, found the end", five},
                          {"* * * * * §*", "6 fields, not 5", five},
                          {"0 8 ? * MON §2026 x", "7 fields, not 5", five},
                          {"@daily§", "expected an hour, found the end", five},
                      });
    check(expression, {
                          {"§", "the expression is empty", "such as cron(0 8 ? * MON-FRI *)"},
                          {"cron(§)", "expected a minute, found the end", six},
                          {"cron(0 8 ? * MON-FRI§)", "expected a year, found the end", six},
                          {"cron(0 8 ? * MON-FRI * §*)", "7 fields, not 6", six},
                      });
}

TEST_CASE("L and W and # and ? have their places") {
    check(recurrence,
          {
              {"0 0 §? * *", R"-(expected a day of the month from 1 to 31, found "?")-", for_services},
              {"0 0 §L * *", R"-(expected a day of the month from 1 to 31, found "L")-", for_services},
              {"0 0 §15W * *", R"-(expected a day of the month from 1 to 31, found "15W")-", for_services},
              {"0 0 * * §2#1", R"-(expected a day of the week from 0 to 7 or SUN to SAT, found "2#1")-", for_services},
              {"§? 0 * * *", R"-(expected a minute from 0 to 59, found "?")-"},
          });
    check(expression,
          {
              {"cron(0 8 ? * §? *)", either_day, day_example},
              {"cron(0 8 * * §* *)", either_day, day_example},
              {"cron(0 8 1 * §MON *)", either_day, day_example},
              {"cron(0 8 §?,1 * ? *)", R"-(expected a day of the month from 1 to 31, found "?")-", stand_alone},
              {"cron(0 8 1,§L * ? *)", R"-(expected a day of the month from 1 to 31, found "L")-", stand_alone},
              {"cron(0 8 §L-3 * ? *)", R"-(expected a day of the month from 1 to 31, found "L")-", stand_alone},
              {"cron(0 8 §LW * ? *)", R"-(expected a day of the month from 1 to 31, found "L")-", stand_alone},
              {"cron(0 8 §W * ? *)", R"-(expected a day of the month from 1 to 31, found "W")-", stand_alone},
              {"cron(0 8 §32W * ? *)", R"-(expected a day of the month from 1 to 31, found "32")-"},
              {"cron(0 8 §1-3W * ? *)", R"-(expected a day of the month from 1 to 31, found "1-3")-"},
              {"cron(0 8 §15W,16W * ? *)", R"-(expected a day of the month from 1 to 31, found "15W")-", stand_alone},
              {"cron(0 8 ? * §8L *)", R"-(expected a day of the week from 1 to 7 or SUN to SAT, found "8")-"},
              {"cron(0 8 ? * §3#1,6#3 *)", R"-(expected a day of the week from 1 to 7 or SUN to SAT, found "3#1")-",
               stand_alone},
              {"cron(0 8 ? * §#2 *)", "expected a day of the week from 1 to 7 or SUN to SAT, found nothing"},
              {"cron(0 8 ? * §9#2 *)", R"-(expected a day of the week from 1 to 7 or SUN to SAT, found "9")-"},
              {"cron(0 8 ? * 3#§6 *)", R"-(expected a number from 1 to 5 after #, found "6")-",
               "3#2 is the second Tuesday of a month"},
              {"cron(0 8 ? * 3#§0 *)", R"-(expected a number from 1 to 5 after #, found "0")-",
               "3#2 is the second Tuesday of a month"},
              {"cron(0 8 ? * 3#§ *)", "expected a number from 1 to 5 after #, found nothing",
               "3#2 is the second Tuesday of a month"},
              {"cron(§L 8 ? * 3 *)", R"-(expected a minute from 0 to 59, found "L")-"},
          });
}

TEST_CASE("an expression is at or rate or cron and nothing else") {
    constexpr std::string_view example = "such as rate(5 minutes)";
    check(
        expression,
        {
            {"§30 6 * * 2", R"-(expected at(...), rate(...) or cron(...), found "30")-", example},
            {"§every(5 minutes)", R"-(expected at(...), rate(...) or cron(...), found "every")-", example},
            {"§Rate(5 minutes)", R"-(expected at(...), rate(...) or cron(...), found "Rate")-", "did you mean rate?"},
            {"§corn(0 8 ? * * *)", R"-(expected at(...), rate(...) or cron(...), found "corn")-", "did you mean cron?"},
            {"rate§", R"-(expected "(" right after rate, found nothing)-"},
            {"cron§ (0 8 ? * * *)", R"-(expected "(" right after cron, found " ")-"},
            {"§(0 8 ? * * *)", R"-(expected at(...), rate(...) or cron(...), found nothing)-", example},
            {"rate(5 minutes§", R"-(expected ")", found nothing)-"},
            {"cron(0 8 ? * * *§", R"-(expected ")", found nothing)-"},
            {"rate(5 minutes) §x", R"-(expected the end, found "x")-"},
            {"rate(5 minutes)§)", R"-(expected the end, found ")")-"},
        });
}

TEST_CASE("a rate says minute of one and minutes of more") {
    constexpr std::string_view example = "such as rate(5 minutes)";
    constexpr std::string_view number = "expected a whole number from 1 to 2147483647, found ";
    check(
        expression,
        {
            {"rate(1 §minutes)", R"-(expected minute, hour or day after 1, found "minutes")-", "did you mean minute?"},
            {"rate(5 §minute)", R"-(expected minutes, hours or days after 5, found "minute")-",
             "did you mean minutes?"},
            {"rate(2 §hour)", R"-(expected minutes, hours or days after 2, found "hour")-", "did you mean hours?"},
            {"rate(1 §days)", R"-(expected minute, hour or day after 1, found "days")-", "did you mean day?"},
            {"rate(2 §weeks)", R"-(expected minutes, hours or days after 2, found "weeks")-"},
            {"rate(2 §Hours)", R"-(expected minutes, hours or days after 2, found "Hours")-", "did you mean hours?"},
            {"rate(5§)", "expected minutes, hours or days after 5, found nothing"},
            {"rate(5 minutes §ago)", R"-(expected ")", found "ago")-", example},
            {"rate(§0 minutes)", std::string(number) + R"-("0")-", example},
            {"rate(§-5 minutes)", std::string(number) + R"-("-5")-", example},
            {"rate(§1.5 hours)", std::string(number) + R"-("1.5")-", example},
            {"rate(§5minutes)", std::string(number) + R"-("5minutes")-", example},
            {"rate(§2147483648 days)", std::string(number) + R"-("2147483648")-", example},
            {"rate(§)", std::string(number) + "nothing", example},
            {"rate(§minutes 5)", std::string(number) + R"-("minutes")-", example},
        });
}

TEST_CASE("at takes one date and time and no time zone") {
    constexpr std::string_view example = "such as at(2026-01-05T10:00:00)";
    constexpr std::string_view no_zone = "a time zone is not part of the expression";
    check(expression,
          {
              {"at(§)", "expected the year from 1970 to 2199, found nothing", example},
              {"at(§26-01-05T10:00:00)", R"-(expected the year from 1970 to 2199, found "26-0")-", example},
              {"at(§1969-12-31T23:59:59)", R"-(expected the year from 1970 to 2199, found "1969")-", example},
              {"at(2026§/01/05T10:00:00)", R"-(expected "-" after the year, found "/")-", example},
              {"at(2026-§1-05T10:00:00)", R"-(expected the month from 01 to 12, found "1-")-", example},
              {"at(2026-§13-05T10:00:00)", R"-(expected the month from 01 to 12, found "13")-", example},
              {"at(2026-01-§32T10:00:00)", R"-(expected the day from 01 to 31, found "32")-", example},
              {"at(§2026-02-29T10:00:00)", "2026-02-29 is not a day of the calendar", ""},
              {"at(2026-01-05§ 10:00:00)", R"-(expected "T" after the day, found " ")-", example},
              {"at(2026-01-05§)", R"-(expected "T" after the day, found nothing)-", example},
              {"at(2026-01-05T§24:00:00)", R"-(expected the hour from 00 to 23, found "24")-", example},
              {"at(2026-01-05T10:§60:00)", R"-(expected the minute from 00 to 59, found "60")-", example},
              {"at(2026-01-05T10:00§)", R"-(expected ":" after the minute, found nothing)-", example},
              {"at(2026-01-05T10:00:§60)", R"-(expected the second from 00 to 59, found "60")-", example},
              {"at(2026-01-05T10:00:00§Z)", R"-(expected ")" after the second, found "Z")-", no_zone},
              {"at(2026-01-05T10:00:00§+01:00)", R"-(expected ")" after the second, found "+01:00")-", no_zone},
              {"at(2026-01-05T10:00:00§", R"-(expected ")", found nothing)-"},
          });
}

TEST_CASE("what can never run is told when it is read") {
    constexpr std::string_view no_such_day = "it never runs: none of its months has such a day";
    check(recurrence, {
                          {"0 0 §31 2 *", no_such_day},
                          {"0 0 §30,31 FEB *", no_such_day},
                          {"0 0 §31 4,6,9,11 *", no_such_day},
                      });
    check(expression, {
                          {"cron(0 0 §31 2 ? *)", no_such_day},
                          {"cron(0 0 §29 2 ? 2026)", no_such_day},
                          {"cron(0 0 §29 2 ? 2100)", no_such_day},
                          {"cron(0 0 §31W 2,4 ? *)", no_such_day},
                          {"cron(0 0 ? 2 §2#5 2026)", no_such_day},
                      });

    const auto between = [](int from_year, int to_year) {
        return fleetsim::scaling::ScheduleSettings{.start = std::chrono::sys_days{std::chrono::year{from_year} / 1 / 1},
                                                   .end = std::chrono::sys_days{std::chrono::year{to_year} / 1 / 1}};
    };
    const std::vector<ExpressionError> never{{0, "it never runs between its start and its end", ""}};
    CHECK(parse_schedule("at(2025-12-31T23:59:59)", between(2026, 2027)).errors == never);
    CHECK(parse_schedule("at(2027-01-01T00:00:01)", between(2026, 2027)).errors == never);
    CHECK(parse_schedule("at(2027-01-01T00:00:00)", between(2026, 2027)).errors.empty());
    CHECK(parse_cron("* * * * *", between(2027, 2026)).errors == never);
    CHECK(parse_schedule("rate(5 minutes)", between(2027, 2026)).errors == never);
    const auto until_2026 = fleetsim::scaling::ScheduleSettings{.end = between(2026, 2026).end};
    CHECK(parse_schedule("cron(0 0 1 1 ? 2027)", until_2026).errors == never);
    CHECK(parse_schedule("cron(0 0 1 1 ? 2025)", until_2026).errors.empty());
}

TEST_CASE("every field that is wrong is told in the order of the text") {
    const ParsedSchedule parsed = parse_cron("60 24 0 13 8");
    REQUIRE(parsed.errors.size() == 5);
    const std::vector<std::size_t> offsets{0, 3, 6, 8, 11};
    for (std::size_t i = 0; i < offsets.size(); ++i) CHECK(parsed.errors[i].offset == offsets[i]);
    CHECK(parse_schedule("cron(60 0 32 1 ? 1) x").errors.size() == 4);
}

TEST_CASE("hostile text is answered in one short line") {
    check(recurrence, {
                          {"* * * * §\xc3\xa9", "a character outside printable ASCII"},
                          {"* * §\x1b[31m * *", "a character outside printable ASCII"},
                          {"* * * * *§\x7f", "a character outside printable ASCII"},
                      });
    const std::string with_null("* * * * *\0", 10);
    CHECK(parse_cron(with_null).errors == std::vector<ExpressionError>{{9, "a character outside printable ASCII", ""}});

    const std::string digits(200, '9');
    const ParsedSchedule parsed = parse_cron(digits + " * * * *");
    REQUIRE(parsed.errors.size() == 1);
    CHECK(parsed.errors[0].message == "expected a minute from 0 to 59, found \"" + std::string(40, '9') + "...\"");

    const std::string longest = "0" + std::string(longest_recurrence - 9, ' ') + "0 * * *";
    REQUIRE(longest.size() == longest_recurrence - 1);
    CHECK(parse_cron(longest + " ").schedule);
    CHECK(parse_cron(longest + "  ").errors ==
          std::vector<ExpressionError>{{255, "the expression has 256 characters, more than 255", ""}});
    const std::string huge(1'000'000, '*');
    CHECK(parse_schedule(huge).errors.front().offset == longest_schedule);
    CHECK(parse_schedule("cron(" + std::string(1500, ',') + " * * * ? *)").errors.front().offset == 5);
}

TEST_CASE("a time zone nobody knows is answered with the nearest that there is") {
    struct Unknown {
        std::string_view name;
        std::string_view message;
        std::string_view hint;
    };
    for (const Unknown& row : std::vector<Unknown>{
             {"Europe/Berln", R"-(unknown time zone "Europe/Berln")-", "did you mean Europe/Berlin?"},
             {"europe/berlin", R"-(unknown time zone "europe/berlin")-", "did you mean Europe/Berlin?"},
             {"America/NewYork", R"-(unknown time zone "America/NewYork")-", "did you mean America/New_York?"},
             {"etc/utc", R"-(unknown time zone "etc/utc")-", "did you mean Etc/UTC?"},
             {"", R"-(unknown time zone "")-", ""},
             {"../../etc/passwd", R"-(unknown time zone "../../etc/passwd")-", ""},
             {"Mars/Olympus_Mons_And_Everything_Around",
              R"-(unknown time zone "Mars/Olympus_Mons_And_Everything_Around")-", ""},
             {"a\x1b[31m\nb", R"-(unknown time zone "a [31m b")-", ""}}) {
        CAPTURE(row.name);
        const auto found = find_time_zone(row.name);
        CHECK_FALSE(found.time_zone);
        CHECK(found.message == row.message);
        CHECK(found.hint == row.hint);
    }
    CHECK(find_time_zone(std::string(1'000'000, 'E')).message ==
          "unknown time zone \"" + std::string(40, 'E') + "...\"");
    CHECK(find_time_zone("Europe/Berlin").message.empty());
}

/// So many fields, most of them right wherever they stand.
std::string random_fields(Draws& draws, int count) {
    constexpr std::string_view values[] = {"*",   "*",   "*",   "?",    "0",   "1",   "2",   "7",
                                           "12",  "1-5", "*/2", "1,3",  "5/2", "MON", "JAN", "L",
                                           "15W", "6L",  "3#2", "2026", "31",  "60",  "5-1", "x"};
    std::string text;
    for (int i = 0; i < count; ++i) {
        constexpr std::size_t of_times = 12;
        text += i == 0 ? "" : " ";
        text += values[draws.word() % (i < 2 ? of_times : std::size(values))];
    }
    return text;
}

std::string random_expression(Draws& draws) {
    switch (draws.word() % 6) {
        case 0: return random_fields(draws, 5);
        case 1: return random_fields(draws, 6);
        case 2: return "rate(1 minute)";
        case 3: return "at(2028-02-29T23:59:59)";
        default: return "cron(" + random_fields(draws, 6) + ")";
    }
}

/// Text that looks like an expression until it does not.
std::string random_text(Draws& draws) {
    constexpr std::string_view noise = ",-/ #LW?*():9\t\xff";
    std::string text = random_expression(draws);
    for (auto changes = draws.word() % 3; changes > 0; --changes) {
        const std::size_t at = draws.word() % text.size();
        if (draws.word() % 2 == 0) text.erase(at, 1);
        text.insert(at, 1, noise[draws.word() % noise.size()]);
    }
    return text;
}

TEST_CASE("any text is a schedule that ends or has errors inside it") {
    const Stream stream{1, 0, "schedule errors", "test"};
    int schedules = 0;
    for (std::uint64_t k = 0; k < 20000; ++k) {
        Draws draws = stream.draws(k);
        const std::string text = random_text(draws);
        CAPTURE(text);
        for (const Parse parse : {recurrence, expression}) {
            const ParsedSchedule parsed = parse(text);
            REQUIRE(parsed.schedule.has_value() == parsed.errors.empty());
            std::size_t last = 0;
            for (const ExpressionError& error : parsed.errors) {
                REQUIRE(error.offset >= last);
                REQUIRE(error.offset <= text.size());
                REQUIRE(!error.message.empty());
                REQUIRE(error.message.size() < 160);
                last = error.offset;
            }
            if (!parsed.schedule) continue;
            ++schedules;
            REQUIRE(parsed.schedule->next_after(std::chrono::sys_seconds{}) > std::chrono::sys_seconds{});
        }
    }
    CHECK(schedules > 1000);
}

}  // namespace

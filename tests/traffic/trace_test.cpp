#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <fleetsim/traffic/trace.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::traffic;
using namespace std::chrono_literals;
using des::Time;

namespace {

/// All problems, one a line: `row:column text`.
std::string problems_of(const std::string& text) {
    const TraceReading reading = parse_trace(text);
    if (!reading.problems.empty()) CHECK(reading.rate == RateProfile{});
    std::string all;
    for (const TraceProblem& problem : reading.problems) {
        all += std::to_string(problem.row) + ":" + std::to_string(problem.column) + " " + problem.text + "\n";
    }
    return all;
}

RateProfile rate_of(const std::string& text) {
    CHECK(problems_of(text).empty());
    return parse_trace(text).rate;
}

const RateProfile three_rows = steps({{0s, 0.5}, {60s, 2}, {120s, 0}}, 180s);

}  // namespace

TEST_CASE("a count is spread over the time until the next row") {
    CHECK(rate_of("timestamp,value\n2014-04-10 00:04:00,30.0\n2014-04-10 00:05:00,120\n2014-04-10 00:06:00,0\n") ==
          three_rows);
}

TEST_CASE("a trace may be written in many ways") {
    const std::string text =
        GENERATE(as<std::string>{}, "1998-05-21 22:00,30\n1998-05-21 22:01,120\n1998-05-21 22:02,0",
                 "\xEF\xBB\xBFtime,requests\r\n2014-04-10T00:04:00Z,30\r\n\r\n2014-04-10T00:05:00Z,120\r\n2014-04-"
                 "10T00:06Z,0\r\n",
                 "\n  \n0,30\n60,120\n120,0\n\n", "1397088240,30\n1397088300,1.2e2\n1397088360,0\n",
                 "Region, Count ,DATE\neu,30,2014-04-10 00:04\nus,120,2014-04-10 00:05\neu,0,2014-04-10 00:06\n",
                 "\"ds\",\"request_count\"\n\"2014-04-10 00:04\",\"30\"\n\"2014-04-10 00:05\",\"120\"\n\"2014-04-10 "
                 "00:06\",\"0\"\n",
                 "datetime,rate\n2014-04-10 00:04,0.5\n2014-04-10 00:05,2\n2014-04-10 00:06,0\n",
                 "time,requests_per_second\n5,0.5\n65,2\n125,0\n", "rps,time\n0.5,10.5\n2,70.5\n0,130.5\n");
    CAPTURE(text);
    CHECK(rate_of(text) == three_rows);
}

TEST_CASE("a last row lasts as long as most others, and a gap dilutes the count before it") {
    const RateProfile rate = rate_of("time,count\n0,10\n5,10\n10,10\n30,10\n35,10\n45,10\n");
    CHECK(rate.end() == 50s);
    CHECK(rate.rate(Time{12s}) == 0.5);
    CHECK(rate.rate(Time{46s}) == 2);
    CHECK(rate.expected(Time{0s}, Time{50s}) == Approx(60).epsilon(1e-14));
    // Of steps that are as common, the shortest.
    CHECK(rate_of("time,count\n0,10\n30,10\n40,10\n").end() == 50s);
}

TEST_CASE("values are taken as they are whatever their column is called") {
    const RateProfile expected = steps({{0s, 30}, {60s, 120}, {120s, 0}}, 180s);
    for (const std::string column : {"value", "count", "requests", "rate"}) {
        CAPTURE(column);
        const std::string text = "time," + column + "\n0,30\n60,120\n120,0\n";
        const TraceReading reading = parse_trace(text, TraceNumbers::values);
        CHECK(reading.problems.empty());
        CHECK(reading.rate == expected);
    }
}

TEST_CASE("a trace with dates knows when it began") {
    const TraceReading dated = parse_trace("time,count\n1970-01-02T00:00:00Z,1\n1970-01-02T00:01:00Z,1\n");
    CHECK(dated.first_row_since_1970 == 24h);
    CHECK_FALSE(parse_trace("time,count\n86400,1\n86460,1\n").first_row_since_1970.has_value());
    CHECK_FALSE(parse_trace("time,count\n1970-01-02,many\n").first_row_since_1970.has_value());
}

TEST_CASE("every wrong row is told, with its place") {
    CHECK(problems_of("timestamp,value\n"
                      "2014-04-10 00:04:00,94\n"
                      "2014-04-10 00:09:00\n"
                      "yesterday,12,13\n"
                      "\n"
                      "yesterday,abc\n"
                      "2014-04-10 00:14:00,-5\n"
                      "2014-04-10 00:19:00,nan\n"
                      "2014-04-10 00:24:00,inf\n"
                      "2014-04-10 00:29:00,1e999\n"
                      "2014-04-10 00:34:00, 1e300\n"
                      "2014-04-10 00:39:00,\n"
                      "2014-04-10 00:44:00,12 13\n"
                      "2014-04-10 00:44:00,12\n"
                      "2014-04-10 00:05:00,12\n"
                      "2014-04-10 00:45:00,12\n"
                      "300,12\n"
                      "2099-04-10,12\n") ==
          "3:0 1 column where the first line has 2\n"
          "4:0 3 columns where the first line has 2\n"
          "6:1 'yesterday' is not a timestamp; expected 2014-04-10 00:04:00, 2014-04-10T00:04:00Z or seconds\n"
          "6:11 'abc' is not a number\n"
          "7:21 -5 is negative\n"
          "8:21 'nan' is not a finite number\n"
          "9:21 'inf' is not a finite number\n"
          "10:21 1e999 is beyond what a number can hold\n"
          "11:22 1e300 is more than fleetsim can replay\n"
          "12:21 the value is missing\n"
          "13:21 '12 13' is not a number\n"
          "14:1 2014-04-10 00:44:00 repeats the timestamp of row 13\n"
          "15:1 2014-04-10 00:05:00 lies before the timestamp of row 13; sort the rows\n"
          "17:1 300 is a number of seconds, but row 16 has a date\n"
          "18:1 2099-04-10 lies more than 36 years after the first row\n");
}

TEST_CASE("a header without the columns we need is told with what it has") {
    CHECK(problems_of("when,hits\n1,2\n") ==
          "1:0 no column of timestamps among 'when', 'hits'; expected one of timestamp, time, date, datetime, ds\n"
          "1:0 no column of values among 'when', 'hits'; expected one of count, requests, request_count, value, rate, "
          "requests_per_second, rps\n");
    CHECK(problems_of("ds,y\n2014-04-10,9.5\n2014-04-11,8.5\n") ==
          "1:0 no column of values among 'ds', 'y'; expected one of count, requests, request_count, value, rate, "
          "requests_per_second, rps\n");
    CHECK(problems_of("date,time,count\n2014-04-10,00:04,5\n") ==
          "1:6 'date' and 'time' are both columns of timestamps; keep one\n");
    CHECK(problems_of("time,count,rate\n0,5,1\n") == "1:12 'count' and 'rate' are both columns of values; keep one\n");
    CHECK(problems_of("0,5,6\n1,5,6\n") ==
          "1:0 without a header line a trace has two columns, timestamp and count; this one has 3\n");
}

TEST_CASE("a trace needs two rows to know how long one lasts") {
    CHECK(problems_of("") == "0:0 a trace needs at least two rows, and this one has 0\n");
    CHECK(problems_of("time,count\n") == "0:0 a trace needs at least two rows, and this one has 0\n");
    CHECK(problems_of("time,count\n0,5\n") == "0:0 a trace needs at least two rows, and this one has 1\n");
}

TEST_CASE("what is not text is told once") {
    const std::string told = "0:0 the file is not text; expected CSV with a timestamp and a value in each line\n";
    CHECK(problems_of(std::string("\x1f\x8b\x08\x00\x00", 5)) == told);
    CHECK(problems_of(std::string("\xff\xfet\0i\0m\0e\0", 10)) == told);
}

TEST_CASE("twenty problems are told and the others counted") {
    const auto with_bad_rows = [](int bad) {
        std::string text = "time,count\n";
        for (int i = 0; i < bad; ++i) text += std::to_string(i) + ",x\n";
        return parse_trace(text).problems;
    };
    CHECK(with_bad_rows(20).size() == 20);
    CHECK(with_bad_rows(20).back() == TraceProblem{21, 4, "'x' is not a number"});
    CHECK(with_bad_rows(33).size() == 21);
    CHECK(with_bad_rows(33).back() == TraceProblem{0, 0, "and 13 more problems"});
    CHECK(with_bad_rows(21).back() == TraceProblem{0, 0, "and 1 more problem"});
}

TEST_CASE("a file that cannot be read is a problem of the user's") {
    const std::vector<TraceProblem> missing = read_trace("/nowhere/at all.csv").problems;
    CHECK(missing == std::vector<TraceProblem>{{0, 0, "the file cannot be read: No such file or directory"}});
    const std::vector<TraceProblem> directory = read_trace(std::filesystem::temp_directory_path()).problems;
    CHECK(directory == std::vector<TraceProblem>{{0, 0, "the file cannot be read: it is a directory"}});
}

#ifdef FLEETSIM_SHARED_DATA_DIR
TEST_CASE("published traces keep their requests, their length and their steps") {
    const std::filesystem::path traces = std::filesystem::path(FLEETSIM_SHARED_DATA_DIR) / "samples" / "traces";
    struct Example {
        const char* file;
        double requests;  // The sum of the file's last column.
        des::Duration length;
        std::size_t rows;
    };
    // The balancer's trace has 4,032 rows over fourteen days and 40 minutes: a row every five minutes, and eight gaps
    // of one row. The World Cup's have a row a minute, and one more than a day has minutes.
    const Example example = GENERATE(Example{"nab/elb_request_count_8c0756.csv", 249'327, 14 * 24h + 40min, 4032},
                                     Example{"worldcup98/wc_day27_1.csv", 3'279'725, 24h + 1min, 1441},
                                     Example{"worldcup98/wc_day33_1.csv", 4'482'602, 24h + 1min, 1441},
                                     Example{"worldcup98/wc_day42_1.csv", 5'452'684, 24h + 1min, 1441},
                                     Example{"worldcup98/wc_day81_1.csv", 6'326'015, 24h + 1min, 1441});
    CAPTURE(example.file);
    if (!std::filesystem::exists(traces / example.file)) return;

    const TraceReading reading = read_trace(traces / example.file);
    REQUIRE(reading.problems.empty());
    CHECK(reading.rate.pieces().size() == example.rows);
    CHECK(reading.rate.end() == example.length);
    CHECK(reading.rate.expected(Time{0s}, Time{reading.rate.end()}) == Approx(example.requests).epsilon(1e-12));
}
#endif

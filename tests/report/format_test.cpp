#include <chrono>
#include <string>

#include <fleetsim/report/format.hpp>

#include "catch.hpp"

using namespace std::chrono_literals;
using namespace fleetsim::report;

TEST_CASE("text is as wide as a terminal shows it, not as long as its bytes") {
    CHECK(display_width("") == 0);
    CHECK(display_width("web") == 3);
    CHECK(display_width("größe") == 5);
    CHECK(display_width("–✓✗·×µ") == 6);
    CHECK(display_width("東京") == 4);
    CHECK(display_width("🚀") == 2);
    CHECK(display_width("e\u0301") == 1);   // An e and a combining accent.
    CHECK(display_width("\xff\xe2") == 2);  // No UTF-8: some width, and no harm.
}

TEST_CASE("large numbers are grouped by thousands") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1'904) == "1 904");
    CHECK(grouped(1'234'567) == "1 234 567");
    CHECK(grouped(2'456.28, 1) == "2 456.3");
    CHECK(grouped(999'999.96, 1) == "1 000 000.0");
    CHECK(grouped(-1'234.5, 2) == "-1 234.50");
    CHECK(grouped(-123) == "-123");
}

TEST_CASE("counts beyond ten thousand are shown in three digits") {
    CHECK(short_count(0) == "0");
    CHECK(short_count(9'999) == "9 999");
    CHECK(short_count(10'000) == "10.0 k");
    CHECK(short_count(734'210'000) == "734 M");
    CHECK(short_count(5'184'000) == "5.18 M");
    CHECK(short_count(999'499) == "999 k");
    CHECK(short_count(999'500) == "1.00 M");
}

TEST_CASE("a latency has three digits and the unit that suits it") {
    CHECK(span_text(0) == "0 ms");
    CHECK(span_text(0.0005) == "500 ns");
    CHECK(span_text(0.85) == "850 µs");
    CHECK(span_text(8.125) == "8.12 ms");  // A tie, exact in binary: to the even digit.
    CHECK(span_text(38.24) == "38.2 ms");
    CHECK(span_text(212.4) == "212 ms");
    CHECK(span_text(999.4) == "999 ms");
    CHECK(span_text(999.6) == "1.00 s");
    CHECK(span_text(3'912) == "3.91 s");
    CHECK(span_text(90'000) == "1.50 min");
}

TEST_CASE("a duration has its two largest units") {
    CHECK(duration_text(0s) == "0 ms");
    CHECK(duration_text(250ms) == "250 ms");
    CHECK(duration_text(1min) == "1 min");
    CHECK(duration_text(90s) == "1 min 30 s");
    CHECK(duration_text(24h) == "24 h");
    CHECK(duration_text(90min) == "1 h 30 min");
    CHECK(duration_text(48h) == "2 days");
    CHECK(duration_text(7 * 24h + 5h) == "7 days 5 h");
}

TEST_CASE("a share below one never reads as all of it") {
    CHECK(percent_text(1, 3) == "100.000 %");
    CHECK(percent_text(0.99999999, 3) == "99.999 %");
    CHECK(percent_text(0.999, 3) == "99.900 %");
    CHECK(percent_text(0.57, 0) == "57 %");  // 0.57 * 100 is a little below 57 in binary.
    CHECK(percent_text(0, 1) == "0.0 %");
    CHECK(percent_text(1.5, 1) == "150.0 %");  // A task may use more CPU than it reserves.
}

TEST_CASE("money below ten cents needs more digits") {
    CHECK(usd_text(0) == "$0.00");
    CHECK(usd_text(0.0213) == "$0.0213");
    CHECK(usd_text(0.51) == "$0.51");
    CHECK(usd_text(1'814.44) == "$1 814.44");
}

TEST_CASE("a table's columns stay aligned under names of any script") {
    using Align = Table::Align;
    Table table{{Align::left, Align::right, Align::left}, 1};
    table.row({"name", "figure", "remark"});
    table.row({"größe", "1", ""});
    table.row({"東京", "22", "wide"});
    table.row({"short"});
    CHECK(table.text() ==
          " name    figure   remark\n"
          " größe        1\n"
          " 東京        22   wide\n"
          " short\n");
}

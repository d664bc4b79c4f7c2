#include <chrono>
#include <limits>
#include <memory>
#include <string>

#include <fleetsim/report/csv.hpp>

#include "catch.hpp"
#include "sample_result.hpp"

using namespace std::chrono_literals;
using fleetsim::report::csv_field;
using fleetsim::report::csv_seconds;
using fleetsim::report::events_csv;
using fleetsim::report::timeseries_csv;
using fleetsim::report::testing::sample_result;

TEST_CASE("a field is quoted only where a reader would misunderstand it") {
    struct Row {
        const char* text;
        const char* written;
    };
    const Row rows[] = {
        {"", ""},
        {"web", "web"},
        {"two words", "two words"},
        {"a,b", "\"a,b\""},
        {"say \"no\"", "\"say \"\"no\"\"\""},
        {"\"", "\"\"\"\""},
        {"line\nbreak", "\"line\nbreak\""},
        {"carriage\rreturn", "\"carriage\rreturn\""},
        {"größe", "größe"},
    };
    for (const Row& row : rows) CHECK(csv_field(row.text) == row.written);
}

TEST_CASE("an instant keeps every nanosecond and loses every needless zero") {
    CHECK(csv_seconds(0ns) == "0");
    CHECK(csv_seconds(1ns) == "0.000000001");
    CHECK(csv_seconds(100ns) == "0.0000001");
    CHECK(csv_seconds(10s) == "10");
    CHECK(csv_seconds(61'500ms) == "61.5");
    // A double could not hold this one.
    CHECK(csv_seconds(31'536'000s + 1ns) == "31536000.000000001");
}

TEST_CASE("the time series has a row a minute and an empty field where there is nothing to report") {
    auto result = sample_result();
    CHECK(timeseries_csv(result) ==
          "time_s,services.web.requests,services.web.latency_ms.p99\n"
          "60,84,400.5\n"
          "120,0,\n");

    result.minutes.values[2] = std::numeric_limits<double>::infinity();
    result.minutes.values[3] = 0.1;
    result.simulated = 90s;
    CHECK(timeseries_csv(result) ==
          "time_s,services.web.requests,services.web.latency_ms.p99\n"
          "60,84,400.5\n"
          "90,,0.1\n");
    CHECK(timeseries_csv({}) == "time_s\n");
}

TEST_CASE("an event tells what happened, to whom, where and why, and of a scaling decision how it came about") {
    auto result = sample_result();
    result.events.push_back({fleetsim::des::Time{120s}, "alarm", "service/web", "AlarmHigh", "", "", 0, 0, 0, "OK",
                             "ALARM", "3 of 3 minutes above 60 %"});
    fleetsim::sim::EventRow scaling{fleetsim::des::Time{120s}, "scaling", "service/web", "desired_count"};
    scaling.from = "2";
    scaling.to = "4";
    scaling.reason = "scale out";
    scaling.scaling = std::make_shared<const fleetsim::sim::ScalingDetails>(
        fleetsim::sim::ScalingDetails{"cpu, tracked", "AlarmHigh", "61 - 70", "5", "max_capacity 4"});
    result.events.push_back(scaling);
    CHECK(events_csv(result) ==
          "time_s,event,resource,subject,instance,zone,cpu_units,memory_mib,gpu,from,to,reason,"
          "policy,alarm,datapoints,wanted,clamped_by\n"
          "61.5,task_placed,service/web,web/3,i-1,us-east-1a,256,512,0,provisioning,pending,"
          "\"spread, then \"\"binpack\"\"\",,,,,\n"
          "120,alarm,service/web,AlarmHigh,,,,,,OK,ALARM,3 of 3 minutes above 60 %,,,,,\n"
          "120,scaling,service/web,desired_count,,,,,,2,4,scale out,\"cpu, tracked\",AlarmHigh,61 - 70,5,"
          "max_capacity 4\n");
}

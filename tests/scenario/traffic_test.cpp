#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

TEST_CASE("faults of traffic") {
    check({
        {"to: public", "to: §pubilc", "unknown load balancer \"pubilc\"", "did you mean public?"},
        {"  visitors:\n    to: public", "  §visitors:", "traffic \"visitors\" needs the key to"},
        {"  visitors:", "  §visitors!:", "\"visitors!\" is not a name"},
        {"to: public", "to: public\n    port: §81", "load balancer \"public\" has no listener on port 81", "80"},
        {"to: public", "to: public\n    path: §api", "path: expected a path such as /api"},
        {"to: public", "to: public\n    §ratio: 1", "unknown key \"ratio\" in traffic \"visitors\"",
         "it takes to, path, port"},
        {"rate: 10/s", "rate: §10", "rate: expected a rate such as 120/s, found \"10\"", "did you mean 10/s?"},
        {"rate: 10/s", "rate: §-10/s", "rate: expected a rate from 0 to 1000M/s"},
        {"rate: 10/s", "rate: §1e999/s", "rate: expected a rate such as 120/s"},
        {"rate: 10/s", "rate: §[10/s]", "rate: expected a rate such as 120/s or a mapping, found a list"},
        {"rate: 10/s", "rate: {§diurnl: {}}", "unknown key \"diurnl\" in rate", "did you mean diurnal?"},
        {"rate: 10/s", "rate: {constant: 1/s, §scale: 2}", "unknown key \"scale\" in rate", "it takes trace, constant"},
        {"rate: 10/s", "rate: {constant: §fast}", "constant: expected a rate such as 120/s"},
        {"rate: 10/s", "rate: {diurnal: {mean: 2/s, peak: §1/s, peak_at: 12:00}}",
         "diurnal: the peak is below the mean"},
        {"rate: 10/s", "rate: {diurnal: {mean: 1/s, peak: 1/s, peak_at: §24:00}}",
         "peak_at: expected a time of day from 00:00 to 23:59"},
        {"rate: 10/s", "rate: {§diurnal: {mean: 1/s, peak: 1/s}}", "diurnal needs the key peak_at"},
        {"rate: 10/s", "rate: {piecewise_linear: §[]}", "piecewise_linear: expected pairs of a time and a rate"},
        {"rate: 10/s", "rate: {piecewise_linear: [[§1s, 1/s]]}", "piecewise_linear: the first time must be 0s"},
        {"rate: 10/s", "rate: {piecewise_linear: [[0s, 1/s], [§0s, 2/s]]}",
         "piecewise_linear: times must increase, 0s follows 0s"},
        {"rate: 10/s", "rate: {piecewise_linear: [§[0s]]}", "piecewise_linear: expected pairs of a time and a rate"},
        {"rate: 10/s", "rate: {piecewise_linear: [[0s, §1]]}", "expected a rate such as 120/s", "did you mean 1/s?"},
        {"rate: 10/s", "rate: {trace: §none.csv}", "cannot read the trace \"./none.csv\": no such file"},
        {"rate: 10/s", "rate: {trace: none.csv, scale: §-1}", "scale: expected a number from 0 to"},
        {"rate: 10/s", "rate: {trace: {file: none.csv, scale: §x}}", "scale: expected a number from 0 to"},
        {"rate: 10/s", "rate: 10/s\n    client: {timeout: §5}", "timeout: expected a duration such as 90s", "5s?"},
        {"rate: 10/s", "rate: 10/s\n    client: {timeout: §0s}", "timeout: expected a duration above 0s"},
        {"rate: 10/s", "rate: 10/s\n    client: {retries: §101}", "retries: expected a whole number from 0 to 100"},
        {"rate: 10/s", "rate: 10/s\n    client: {backoff: §full-jitter}",
         "backoff: expected none, exponential, full_jitter or equal_jitter", "did you mean full_jitter?"},
        {"rate: 10/s", "rate: 10/s\n    client: {backoff_base: §30s}", "backoff_base 30s is above backoff_cap 20s"},
    });
}

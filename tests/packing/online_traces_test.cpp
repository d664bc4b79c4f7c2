#ifdef FLEETSIM_SHARED_DATA_DIR

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/import/trace_files.hpp>
#include <fleetsim/packing/benchmark.hpp>
#include <fleetsim/packing/online_registry.hpp>
#include <fleetsim/packing/server_hours_bound.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

struct Row {
    std::string algorithm;
    double hours_percent;  ///< Above the bound.
    double peak_percent;
};

struct Column {
    std::string file;
    Capacity server;
    double bound_hours;  ///< To the nearest whole one.
    std::int64_t bound_peak;
    std::vector<Row> rows;
};

constexpr auto huawei = "huawei_east1/huawei_east1_first_two_thirds.csv.gz";
constexpr auto azure = "azure_v1_flavors/v1.dev.txt.gz";

/// The trace, or nothing where the files are not there.
std::optional<Trace> trace_of(const std::string& file) {
    const auto path = std::filesystem::path{FLEETSIM_SHARED_DATA_DIR} / "placement" / file;
    if (!std::filesystem::exists(path)) return std::nullopt;
    auto reading = import::read_trace({path});
    REQUIRE(reading.trace.has_value());
    return std::move(reading.trace);
}

}  // namespace

TEST_CASE("published traces need as many server-hours as the placement rules say") {
    const Column column = GENERATE(Column{huawei,
                                          {64'000, 128 * 1024},
                                          19'060,
                                          67,
                                          {{"first_fit", 58.8, 17.9},
                                           {"best_fit_cpu", 66.3, 11.9},
                                           {"best_fit_memory", 71.2, 17.9},
                                           {"best_fit", 69.3, 13.4},
                                           {"largest_dot_product", 115.9, 29.9},
                                           {"worst_fit", 117.7, 32.8},
                                           {"lifetime_aware", 32.4, 6.0}}},
                                   Column{huawei,
                                          {128'000, 512 * 1024},
                                          9'528,
                                          34,
                                          {{"first_fit", 68.3, 5.9},
                                           {"best_fit_cpu", 85.4, 5.9},
                                           {"best_fit_memory", 85.0, 5.9},
                                           {"best_fit", 83.1, 5.9},
                                           {"largest_dot_product", 157.3, 23.5},
                                           {"worst_fit", 147.8, 17.6},
                                           {"lifetime_aware", 39.2, 2.9}}},
                                   Column{azure,
                                          {64'000, 256 * 1024},
                                          31'586,
                                          690,
                                          {{"first_fit", 11.0, 1.0},
                                           {"best_fit_cpu", 11.2, 0.6},
                                           {"best_fit_memory", 11.5, 1.2},
                                           {"best_fit", 11.1, 0.9},
                                           {"largest_dot_product", 16.7, 3.8},
                                           {"worst_fit", 16.2, 3.5},
                                           {"lifetime_aware", 6.6, 1.0}}});
    const std::optional<Trace> trace = trace_of(column.file);
    if (!trace) {
        WARN("skipped: " << column.file << " is not there");
        return;
    }
    const ServerHoursBound bound = server_hours_bound(*trace, column.server);
    CHECK(std::round(bound.server_hours) == column.bound_hours);
    CHECK(bound.peak_servers == column.bound_peak);
    BenchmarkOptions options;
    options.server = column.server;
    for (const Row& row : column.rows) {
        CAPTURE(row.algorithm);
        const Report report = benchmark({find_online_algorithm(row.algorithm), 1}, *trace, options);
        const Result& result = report.results.front();
        const double peak =
            100 * (static_cast<double>(*result.peak_servers) / static_cast<double>(bound.peak_servers) - 1);
        // The table has one decimal.
        CHECK(result.gap_percent.value() == Approx(row.hours_percent).margin(0.0501));
        CHECK(peak == Approx(row.peak_percent).margin(0.0501));
    }
}

#endif

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include <fmt/format.h>

#include <fleetsim/report/csv.hpp>

namespace fleetsim::report {
namespace {

constexpr std::chrono::minutes row_length{1};

void append_event(std::string& out, const sim::EventRow& row) {
    const auto field = [&out](std::string_view text) {
        out += ',';
        out += csv_field(text);
    };
    const bool has_resources = row.cpu_units != 0 || row.memory_mib != 0 || row.gpus != 0;

    out += csv_seconds(row.at.time_since_epoch());
    field(row.event);
    field(row.resource);
    field(row.subject);
    field(row.instance);
    field(row.zone);
    for (const std::int32_t amount : {row.cpu_units, row.memory_mib, row.gpus}) {
        field(has_resources ? fmt::to_string(amount) : std::string{});
    }
    field(row.from);
    field(row.to);
    field(row.reason);
    const sim::ScalingDetails none;
    const sim::ScalingDetails& scaling = row.scaling ? *row.scaling : none;
    field(scaling.policy);
    field(scaling.alarm);
    field(scaling.datapoints);
    field(scaling.wanted);
    field(scaling.clamped_by);
    out += '\n';
}

}  // namespace

std::string csv_field(std::string_view field) {
    if (field.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{field};
    std::string quoted = "\"";
    for (const char c : field) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string csv_seconds(des::Duration since_start) {
    constexpr std::int64_t nanoseconds_in_second = 1'000'000'000;
    const std::int64_t count = since_start.count();
    std::string text = fmt::format("{}.{:09}", count / nanoseconds_in_second, count % nanoseconds_in_second);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

std::string timeseries_csv(const sim::Result& result) {
    const sim::TimeSeries& minutes = result.minutes;
    std::string out = "time_s";
    for (const std::string& column : minutes.columns) out += ',' + csv_field(column);
    out += '\n';
    for (std::size_t row = 0; row < minutes.rows(); ++row) {
        // The last minute ends with the run, which need not be whole minutes long.
        const des::Duration end = row_length * static_cast<std::int64_t>(row + 1);
        out += csv_seconds(std::min(end, result.simulated));
        for (std::size_t column = 0; column < minutes.columns.size(); ++column) {
            const double value = minutes.values[row * minutes.columns.size() + column];
            out += ',';
            if (std::isfinite(value)) fmt::format_to(std::back_inserter(out), "{}", value);
        }
        out += '\n';
    }
    return out;
}

std::string events_csv(const sim::Result& result) {
    std::string out =
        "time_s,event,resource,subject,instance,zone,cpu_units,memory_mib,gpu,from,to,reason,"
        "policy,alarm,datapoints,wanted,clamped_by\n";
    for (const sim::EventRow& row : result.events) append_event(out, row);
    return out;
}

}  // namespace fleetsim::report

#pragma once

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fleetsim/des/time.hpp>
#include <fleetsim/report/csv.hpp>
#include <fleetsim/report/format.hpp>

/// What all kinds of explanations are made of. `start` is the scenario's time zero.
namespace fleetsim::report {

[[nodiscard]] inline std::chrono::sys_seconds instant_of(des::Time at, std::chrono::sys_seconds start) {
    return start + std::chrono::floor<std::chrono::seconds>(at.time_since_epoch());
}

/// `14:05:00`, with the date when it is not that of the start.
[[nodiscard]] inline std::string clock_text(des::Time at, std::chrono::sys_seconds start) {
    using std::chrono::days;
    const auto instant = instant_of(at, start);
    const bool first_day = std::chrono::floor<days>(instant) == std::chrono::floor<days>(start);
    return first_day ? fmt::format("{:%T}", instant) : fmt::format("{:%F %T}", instant);
}

/// The first line of an explanation.
[[nodiscard]] inline std::string explanation_title(const std::string& what, des::Time at,
                                                   std::chrono::sys_seconds start, const TextOptions& options) {
    return fmt::format("\n  {}   {} · {:%FT%TZ} · time_s {}\n", bold("EXPLANATION", options), what,
                       instant_of(at, start), csv_seconds(at.time_since_epoch()));
}

/// Names and values under the title STATE.
[[nodiscard]] inline std::string state_section(const std::vector<std::pair<std::string, std::string>>& state,
                                               const TextOptions& options) {
    Table table{{Table::Align::left, Table::Align::left}};
    table.row({"STATE"});
    for (const auto& [what, value] : state) table.row({"  " + what, value});
    return section(table, "STATE", options);
}

/// A key without a text is left out.
inline void put(nlohmann::ordered_json& to, const char* key, const std::string& text) {
    if (!text.empty()) to[key] = text;
}

/// `in service and warm` → `in_service_and_warm`.
[[nodiscard]] inline std::string key_of(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == ' ' || c == '-'; }, '_');
    return text;
}

/// A whole number as one.
[[nodiscard]] inline nlohmann::ordered_json value_of(const std::string& text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    return read.ec == std::errc{} && read.ptr == end ? nlohmann::ordered_json(number) : nlohmann::ordered_json(text);
}

/// Instant and seconds, as every explanation begins.
[[nodiscard]] inline nlohmann::ordered_json explained_at(des::Time at, std::chrono::sys_seconds start) {
    return {{"at", fmt::format("{:%FT%TZ}", instant_of(at, start))}, {"time_s", des::seconds(at)}};
}

}  // namespace fleetsim::report

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/scenario/map_reader.hpp>
#include <fleetsim/scenario/rates.hpp>
#include <fleetsim/traffic/diurnal.hpp>
#include <fleetsim/traffic/trace.hpp>

namespace fleetsim::scenario {

namespace {

using Profile = std::optional<traffic::RateProfile>;

constexpr std::array<std::string_view, 4> shapes{"constant", "diurnal", "piecewise_linear", "trace"};

Profile read_constant(Diagnostics& diagnostics, const Field& field, const ProfileNumbers& numbers) {
    double value = 0;
    if (!read_field(diagnostics, field, value, numbers.parse)) return std::nullopt;
    return traffic::constant(value);
}

Profile read_diurnal(Diagnostics& diagnostics, const Field& field, const RateSurroundings& around,
                     const ProfileNumbers& numbers) {
    MapReader wave(diagnostics, field);
    double mean = 0;
    double peak = 0;
    std::chrono::minutes peak_at{};
    const bool mean_good = wave.require("mean", mean, numbers.parse);
    const bool peak_good = wave.require("peak", peak, numbers.parse);
    const bool time_good = wave.require("peak_at", peak_at, parse_time_of_day);
    if (!wave.finish() || !mean_good || !peak_good || !time_good) return std::nullopt;
    if (peak < mean) {
        diagnostics.error(wave.place_of("peak"), "diurnal: the peak is below the mean");
        return std::nullopt;
    }
    const auto midnight = std::chrono::floor<std::chrono::days>(around.start);
    return traffic::diurnal({mean, peak, peak_at, around.start - midnight, around.duration});
}

Profile read_piecewise_linear(Diagnostics& diagnostics, const Field& field, const ProfileNumbers& numbers) {
    const std::string wanted =
        fmt::format("expected pairs of a time and {} such as [5m, {}]", numbers.what, numbers.example);
    if (field.value.node->kind != Node::Kind::list) {
        wrong_kind(diagnostics, field, fmt::format("a list of pairs such as [5m, {}]", numbers.example));
        return std::nullopt;
    }
    const std::vector<Field> items = items_of(diagnostics, field);
    std::vector<traffic::Knot> knots;
    for (const Field& item : items) {
        if (item.value.node->kind != Node::Kind::list || item.value.node->items.size() != 2) {
            diagnostics.error(item.at(), fmt::format("piecewise_linear: {}", wanted));
            continue;
        }
        const std::vector<Field> pair = items_of(diagnostics, item);
        traffic::Knot knot;
        const bool time_good = read_field(diagnostics, pair[0], knot.at, DurationIn{});
        const bool rate_good = read_field(diagnostics, pair[1], knot.per_second, numbers.parse);
        if (!time_good || !rate_good) continue;
        if (!knots.empty() && knot.at <= knots.back().at) {
            diagnostics.error(pair[0].value.at, fmt::format("piecewise_linear: times must increase, {} follows {}",
                                                            duration_text(knot.at), duration_text(knots.back().at)));
            continue;
        }
        if (&item == &items.front() && knot.at != des::Duration::zero()) {
            diagnostics.error(pair[0].value.at, "piecewise_linear: the first time must be 0s");
            continue;
        }
        knots.push_back(knot);
    }
    if (items.empty()) diagnostics.error(field.at(), fmt::format("piecewise_linear: {}", wanted));
    if (items.empty() || knots.size() != items.size()) return std::nullopt;
    return traffic::piecewise_linear(knots);
}

/// The trace's file may stand alone or in a mapping; a scale in `beside`, next to the key `trace`, or in that mapping.
Profile read_trace(Diagnostics& diagnostics, const Field& field, MapReader& beside, const RateSurroundings& around,
                   const ProfileNumbers& numbers) {
    constexpr NumberIn any_scale{0, 1e9};
    std::string file;
    double scale = 1;
    bool good = beside.read("scale", scale, any_scale);
    Position file_at = field.value.at;
    if (field.value.node->kind == Node::Kind::mapping) {
        MapReader trace(diagnostics, field);
        good = trace.require("file", file, Text{"a file name"}) && good;
        good = trace.read("scale", scale, any_scale) && good;
        if (trace.find("scale") && beside.find("scale")) {
            diagnostics.error(trace.place_of("scale"), "trace: the scale is written twice");
            good = false;
        }
        good = trace.finish() && good;
        file_at = trace.place_of("file");
    } else {
        good = read_field(diagnostics, field, file, Text{"a file name or a mapping with file and scale"}) && good;
    }
    if (!good) return std::nullopt;
    const auto trace = read_trace_file(diagnostics, file_at, around.folder / file, numbers.in_traces);
    if (!trace) return std::nullopt;
    if (trace->rate.peak() * scale > numbers.largest) {
        diagnostics.error(file_at, fmt::format("trace: {} above {}", numbers.plural, numbers.largest_text));
        return std::nullopt;
    }
    return trace->rate.scaled(scale);
}

}  // namespace

Parsed<double> parse_level(std::string_view text) { return NumberIn{0, plain_numbers.largest}(text); }

std::optional<traffic::TraceReading> read_trace_file(Diagnostics& diagnostics, Position at,
                                                     const std::filesystem::path& file, traffic::TraceNumbers numbers) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
        const bool exists = std::filesystem::exists(file, ignored);
        diagnostics.error(at, fmt::format("cannot read the trace {}: {}", in_quotes(file.string()),
                                          exists ? "not a file" : "no such file"));
        return std::nullopt;
    }
    traffic::TraceReading reading = traffic::read_trace(file, numbers);
    for (const traffic::TraceProblem& problem : reading.problems) {
        const std::string row = problem.row > 0 ? fmt::format(", line {}", problem.row) : "";
        const std::string column = problem.column > 0 ? fmt::format(", column {}", problem.column) : "";
        diagnostics.error(at, fmt::format("trace {}{}{}: {}", in_quotes(file.string()), row, column, problem.text));
    }
    if (!reading.problems.empty()) return std::nullopt;
    return reading;
}

std::optional<traffic::RateProfile> read_profile(Diagnostics& diagnostics, const Field& field,
                                                 const RateSurroundings& around, const ProfileNumbers& numbers) {
    if (field.value.node->kind == Node::Kind::scalar) return read_constant(diagnostics, field, numbers);
    if (field.value.node->kind != Node::Kind::mapping) {
        wrong_kind(diagnostics, field, fmt::format("{} such as {} or a mapping", numbers.what, numbers.example));
        return std::nullopt;
    }
    MapReader choice(diagnostics, field);
    // Only a trace has a scale, and it stands beside it.
    if (choice.find("trace")) static_cast<void>(choice.find("scale"));
    const auto chosen = choice.only_one_of(shapes);
    if (!chosen) return std::nullopt;
    if (chosen->name == "constant") return read_constant(diagnostics, *chosen, numbers);
    if (chosen->name == "diurnal") return read_diurnal(diagnostics, *chosen, around, numbers);
    if (chosen->name == "piecewise_linear") return read_piecewise_linear(diagnostics, *chosen, numbers);
    return read_trace(diagnostics, *chosen, choice, around, numbers);
}

bool is_diurnal(const Field& field) {
    const auto& entries = field.value.node->entries;
    return std::any_of(entries.begin(), entries.end(),
                       [](const Entry& entry) { return entry.key.node->text == "diurnal"; });
}

}  // namespace fleetsim::scenario

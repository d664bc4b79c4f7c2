#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/map_reader.hpp>

namespace fleetsim::scenario {

namespace {

constexpr DurationIn any_duration{};
constexpr DurationIn positive_duration{above_zero};
constexpr NumberIn any_cv{0, des::largest_cv};

struct MeanAndCv {
    double mean_seconds = 0;
    double cv = 0;
};

[[nodiscard]] std::optional<MeanAndCv> mean_and_cv(MapReader& law, DurationIn mean_domain, NumberIn cv_domain) {
    des::Duration mean{};
    double cv = 0;
    const bool mean_good = law.require("mean", mean, mean_domain);
    const bool cv_good = law.require("cv", cv, cv_domain);
    if (!law.finish() || !mean_good || !cv_good) return std::nullopt;
    return MeanAndCv{des::seconds(mean), cv};
}

using Read = std::optional<des::Distribution>;

Read read_constant(Diagnostics& diagnostics, const Field& field) {
    des::Duration value{};
    if (!read_field(diagnostics, field, value, any_duration)) return std::nullopt;
    return des::constant(des::seconds(value));
}

Read read_uniform(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    des::Duration min{};
    des::Duration max{};
    const bool min_good = law.require("min", min, any_duration);
    const bool max_good = law.require("max", max, any_duration);
    if (!law.finish() || !min_good || !max_good) return std::nullopt;
    if (min > max) {
        diagnostics.error(law.place_of("max"),
                          fmt::format("uniform: max {} is below min {}", duration_text(max), duration_text(min)));
        return std::nullopt;
    }
    return des::uniform(des::seconds(min), des::seconds(max));
}

Read read_exponential(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    des::Duration mean{};
    const bool good = law.require("mean", mean, any_duration);
    if (!law.finish() || !good) return std::nullopt;
    return des::exponential(des::seconds(mean));
}

Read read_normal(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    des::Duration mean{};
    des::Duration stddev{};
    const bool mean_good = law.require("mean", mean, any_duration);
    const bool stddev_good = law.require("stddev", stddev, any_duration);
    if (!law.finish() || !mean_good || !stddev_good) return std::nullopt;
    return des::truncated_normal(des::seconds(mean), des::seconds(stddev));
}

/// `{median, p99}` or `{median, p95}`.
Read read_lognormal_quantile(Diagnostics& diagnostics, MapReader& law) {
    des::Duration median{};
    des::Duration p95{};
    des::Duration p99{};
    const bool median_good = law.require("median", median, positive_duration);
    const bool has_p95 = law.find("p95").has_value();
    const bool has_p99 = law.find("p99").has_value();
    const bool quantiles_good = law.read("p95", p95, positive_duration) && law.read("p99", p99, positive_duration);
    if (!law.finish() || !median_good || !quantiles_good) return std::nullopt;
    if (has_p95 == has_p99) {
        diagnostics.error(law.at(), has_p95 ? "lognormal: expected p95 or p99, found both"
                                            : "lognormal: expected p95 or p99 besides the median");
        return std::nullopt;
    }
    const des::Duration value = has_p95 ? p95 : p99;
    if (value < median) {
        diagnostics.error(law.place_of(has_p95 ? "p95" : "p99"),
                          fmt::format("lognormal: {} {} is below the median {}", has_p95 ? "p95" : "p99",
                                      duration_text(value), duration_text(median)));
        return std::nullopt;
    }
    return des::lognormal_median_quantile(des::seconds(median), has_p95 ? 0.95 : 0.99, des::seconds(value));
}

Read read_lognormal(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    if (!law.is_mapping()) return std::nullopt;
    if (law.find("median")) return read_lognormal_quantile(diagnostics, law);
    const auto read = mean_and_cv(law, positive_duration, any_cv);
    if (!read) return std::nullopt;
    return des::lognormal(read->mean_seconds, read->cv);
}

Read read_gamma(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    const auto read = mean_and_cv(law, any_duration, any_cv);
    if (!read) return std::nullopt;
    return des::gamma(read->mean_seconds, read->cv);
}

Read read_hyperexponential(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    const auto read = mean_and_cv(law, any_duration, {1, des::largest_cv});
    if (!read) return std::nullopt;
    return des::hyperexponential(read->mean_seconds, read->cv);
}

Read read_bounded_pareto(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    des::Duration min{};
    des::Duration max{};
    double shape = 0;
    const bool min_good = law.require("min", min, positive_duration);
    const bool max_good = law.require("max", max, positive_duration);
    const bool shape_good = law.require("shape", shape, NumberIn{0.01, 100});
    if (!law.finish() || !min_good || !max_good || !shape_good) return std::nullopt;
    // Nearer to one another the law's own formula would divide by nothing.
    if (des::seconds(max) < 1.01 * des::seconds(min)) {
        diagnostics.error(law.place_of("max"), fmt::format("bounded_pareto: max {} is not at least 1 % above min {}",
                                                           duration_text(max), duration_text(min)));
        return std::nullopt;
    }
    return des::bounded_pareto(des::seconds(min), des::seconds(max), shape);
}

Read read_empirical(Diagnostics& diagnostics, const Field& field) {
    constexpr double largest_weight = 1e12;
    const std::vector<Field> items = items_of(diagnostics, field);
    std::vector<std::pair<double, double>> pairs;
    double total = 0;
    for (const Field& item : items) {
        if (item.value.node->kind != Node::Kind::list || item.value.node->items.size() != 2) {
            diagnostics.error(item.at(), "empirical: expected pairs of a duration and a weight such as [5ms, 3]");
            continue;
        }
        const std::vector<Field> pair = items_of(diagnostics, item);
        des::Duration value{};
        double weight = 0;
        const bool value_good = read_field(diagnostics, pair[0], value, any_duration);
        const bool weight_good = read_field(diagnostics, pair[1], weight, NumberIn{0, largest_weight});
        if (value_good && weight_good) pairs.emplace_back(des::seconds(value), weight);
        total += weight;
    }
    if (field.value.node->kind != Node::Kind::list && field.value.node->kind != Node::Kind::null) return std::nullopt;
    if (pairs.size() != items.size()) return std::nullopt;
    // Far below any weight that means something, and far above where shares of it lose their digits.
    if (!(total > 1e-12)) {
        diagnostics.error(field.at(), "empirical: expected at least one pair with a weight above 0");
        return std::nullopt;
    }
    return des::empirical(pairs);
}

struct Law {
    std::string_view name;
    Read (*read)(Diagnostics&, const Field&);
};

constexpr std::array laws{
    Law{"constant", read_constant},
    Law{"uniform", read_uniform},
    Law{"exponential", read_exponential},
    Law{"normal", read_normal},
    Law{"lognormal", read_lognormal},
    Law{"gamma", read_gamma},
    Law{"hyperexponential", read_hyperexponential},
    Law{"bounded_pareto", read_bounded_pareto},
    Law{"empirical", read_empirical},
};

constexpr auto law_names = [] {
    std::array<std::string_view, laws.size()> names{};
    for (std::size_t i = 0; i < laws.size(); ++i) names[i] = laws[i].name;
    return names;
}();

}  // namespace

bool read_distribution(Diagnostics& diagnostics, const Field& field, des::Distribution& out) {
    Read read;
    if (field.value.node->kind == Node::Kind::mapping) {
        MapReader choice(diagnostics, field);
        const auto chosen = choice.only_one_of(law_names);
        if (!chosen) return false;
        for (const Law& law : laws) {
            if (law.name == chosen->name) read = law.read(diagnostics, *chosen);
        }
    } else if (field.value.node->kind == Node::Kind::scalar) {
        read = read_constant(diagnostics, field);
    } else {
        wrong_kind(diagnostics, field, "a duration such as 90s or a distribution");
    }
    if (!read) return false;
    out = std::move(*read);
    return true;
}

}  // namespace fleetsim::scenario

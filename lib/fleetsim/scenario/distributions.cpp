#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/des/truncation.hpp>
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

Read read_erlang(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    int k = 0;
    des::Duration mean{};
    const bool k_good = law.require("k", k, IntegerIn{1, des::largest_erlang_k});
    const bool mean_good = law.require("mean", mean, any_duration);
    if (!law.finish() || !k_good || !mean_good) return std::nullopt;
    return des::erlang(k, des::seconds(mean));
}

/// `{shape, mean}` or `{shape, scale}`.
Read read_weibull(Diagnostics& diagnostics, const Field& field) {
    MapReader law(diagnostics, field);
    double shape = 0;
    des::Duration mean{};
    des::Duration scale{};
    const bool shape_good = law.require("shape", shape, NumberIn{des::least_weibull_shape, des::largest_weibull_shape});
    const bool has_mean = law.find("mean").has_value();
    const bool has_scale = law.find("scale").has_value();
    const bool mean_good = law.read("mean", mean, any_duration);
    const bool scale_good = law.read("scale", scale, any_duration);
    if (!law.finish() || !shape_good || !mean_good || !scale_good) return std::nullopt;
    if (has_mean == has_scale) {
        diagnostics.error(law.at(), has_mean ? "weibull: expected mean or scale, found both"
                                             : "weibull: expected mean or scale besides the shape");
        return std::nullopt;
    }
    return has_mean ? des::weibull_mean(des::seconds(mean), shape) : des::weibull(des::seconds(scale), shape);
}

/// A list of pairs of a value and a weight, as `law` takes it. `read_value` makes a value of a field, or nothing.
template <class T, class ReadValue>
std::optional<std::vector<std::pair<T, double>>> read_pairs(Diagnostics& diagnostics, const Field& field,
                                                            std::string_view pair_expected, ReadValue read_value) {
    constexpr double largest_weight = 1e12;
    const std::vector<Field> items = items_of(diagnostics, field);
    std::vector<std::pair<T, double>> pairs;
    double total = 0;
    for (const Field& item : items) {
        if (item.value.node->kind != Node::Kind::list || item.value.node->items.size() != 2) {
            diagnostics.error(item.at(), fmt::format("{}: expected pairs of {}", field.name, pair_expected));
            continue;
        }
        std::vector<Field> pair = items_of(diagnostics, item);
        pair[0].name = fmt::format("{} value", field.name);
        pair[1].name = fmt::format("{} weight", field.name);
        double weight = 0;
        std::optional<T> value = read_value(pair[0]);
        const bool weight_good = read_field(diagnostics, pair[1], weight, NumberIn{0, largest_weight});
        if (value && weight_good) pairs.emplace_back(std::move(*value), weight);
        total += weight;
    }
    if (field.value.node->kind != Node::Kind::list && field.value.node->kind != Node::Kind::null) return std::nullopt;
    if (pairs.size() != items.size()) return std::nullopt;
    // Far below any weight that means something, and far above where shares of it lose their digits.
    if (!(total > 1e-12)) {
        diagnostics.error(field.at(), fmt::format("{}: expected at least one pair with a weight above 0", field.name));
        return std::nullopt;
    }
    return pairs;
}

Read read_empirical(Diagnostics& diagnostics, const Field& field) {
    const auto read_value = [&](const Field& item) -> std::optional<double> {
        des::Duration value{};
        if (!read_field(diagnostics, item, value, any_duration)) return std::nullopt;
        return des::seconds(value);
    };
    const auto pairs = read_pairs<double>(diagnostics, field, "a duration and a weight such as [5ms, 3]", read_value);
    if (!pairs) return std::nullopt;
    return des::empirical(*pairs);
}

/// Laws inside one another: a mixture of truncated laws is three. More say nothing more, and every truncation may make
/// sampling a hundred times slower.
constexpr int deepest_laws = 4;

/// Reads a law that stands inside `depth - 1` others.
Read read_law(Diagnostics& diagnostics, const Field& field, int depth);

Read read_mixture(Diagnostics& diagnostics, const Field& field, int depth) {
    const auto read_part = [&](const Field& part) { return read_law(diagnostics, part, depth + 1); };
    auto pairs = read_pairs<des::Distribution>(
        diagnostics, field, "a distribution and a weight such as [{exponential: {mean: 5ms}}, 3]", read_part);
    if (!pairs) return std::nullopt;
    return des::mixture(std::move(*pairs));
}

Read read_truncated(Diagnostics& diagnostics, const Field& field, int depth) {
    MapReader map(diagnostics, field);
    const auto law_field = map.require("law");
    const Read law = law_field ? read_law(diagnostics, *law_field, depth + 1) : std::nullopt;
    const bool has_min = map.find("min").has_value();
    const bool has_max = map.find("max").has_value();
    des::Duration min{};
    des::Duration max{};
    const bool min_good = map.read("min", min, any_duration);
    const bool max_good = map.read("max", max, any_duration);
    if (!map.finish() || !law || !min_good || !max_good) return std::nullopt;
    if (!has_min && !has_max) {
        diagnostics.error(map.at(), "truncated: expected min, max or both besides the law");
        return std::nullopt;
    }
    if (has_max && min > max) {
        diagnostics.error(map.place_of("max"),
                          fmt::format("truncated: max {} is below min {}", duration_text(max), duration_text(min)));
        return std::nullopt;
    }
    des::Bounds bounds{.min = des::seconds(min)};
    if (has_max) bounds.max = des::seconds(max);
    const double probability = des::probability_of_condition(*law, bounds);
    if (!(probability >= des::least_probability_within)) {
        diagnostics.error(
            map.at(),
            fmt::format("truncated: only {:.3g} % of the law lies {}, at least {:g} % must", 100 * probability,
                        has_max ? fmt::format("from {} to {}", duration_text(min), duration_text(max))
                                : fmt::format("from {} up", duration_text(min)),
                        100 * des::least_probability_within));
        return std::nullopt;
    }
    return des::truncated(*law, bounds);
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
    Law{"erlang", read_erlang},
    Law{"weibull", read_weibull},
    Law{"hyperexponential", read_hyperexponential},
    Law{"bounded_pareto", read_bounded_pareto},
    Law{"empirical", read_empirical},
};

struct CompoundLaw {
    std::string_view name;
    Read (*read)(Diagnostics&, const Field&, int depth);
};

constexpr std::array compound_laws{
    CompoundLaw{"mixture", read_mixture},
    CompoundLaw{"truncated", read_truncated},
};

constexpr auto law_names = [] {
    std::array<std::string_view, laws.size() + compound_laws.size()> names{};
    std::size_t next = 0;
    for (const Law& law : laws) names[next++] = law.name;
    for (const CompoundLaw& law : compound_laws) names[next++] = law.name;
    return names;
}();

Read read_law(Diagnostics& diagnostics, const Field& field, int depth) {
    if (depth > deepest_laws) {
        diagnostics.error(field.at(),
                          fmt::format("{}: more than {} laws inside one another", field.name, deepest_laws));
        return std::nullopt;
    }
    if (field.value.node->kind == Node::Kind::scalar) return read_constant(diagnostics, field);
    if (field.value.node->kind != Node::Kind::mapping) {
        wrong_kind(diagnostics, field, "a duration such as 90s or a distribution");
        return std::nullopt;
    }
    const auto chosen = MapReader(diagnostics, field).only_one_of(law_names);
    if (!chosen) return std::nullopt;
    for (const Law& law : laws) {
        if (law.name == chosen->name) return law.read(diagnostics, *chosen);
    }
    for (const CompoundLaw& law : compound_laws) {
        if (law.name == chosen->name) return law.read(diagnostics, *chosen, depth);
    }
    return std::nullopt;
}

}  // namespace

bool read_distribution(Diagnostics& diagnostics, const Field& field, des::Distribution& out) {
    Read read = read_law(diagnostics, field, 1);
    if (!read) return false;
    out = std::move(*read);
    return true;
}

}  // namespace fleetsim::scenario

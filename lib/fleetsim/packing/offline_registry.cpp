#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/packing/any_fit.hpp>
#include <fleetsim/packing/bin_centric.hpp>
#include <fleetsim/packing/decreasing.hpp>
#include <fleetsim/packing/destroy_and_repair.hpp>
#include <fleetsim/packing/harmonic.hpp>
#include <fleetsim/packing/measure.hpp>
#include <fleetsim/packing/min_bin_slack.hpp>
#include <fleetsim/packing/min_bin_slack_restarts.hpp>
#include <fleetsim/packing/offline_registry.hpp>

namespace fleetsim::packing {
namespace {

using Algorithms = std::vector<OfflineAlgorithm>;

/// An algorithm to which neither chance nor time matters.
template <class Pack>
OfflineAlgorithm fixed(std::string name, Pack pack) {
    return {std::move(name), [pack](const Items& items, const OfflineOptions&) { return pack(items); }};
}

OfflineAlgorithm one_dimension(OfflineAlgorithm algorithm) {
    algorithm.refuses = several_dimensions;
    return algorithm;
}

std::string joined(std::string_view a, std::string_view b, std::string_view c) {
    return std::string(a) + "_" + std::string(b) + (c.empty() ? "" : "_") + std::string(c);
}

void add_in_given_order(Algorithms& all) {
    using Rule = Bins (*)(const Items&, const Order&);
    const auto add = [&](const char* name, Rule rule) {
        all.push_back(fixed(name, [rule](const Items& items) { return rule(items, as_given(items)); }));
    };
    add("next_fit", next_fit);
    add("first_fit", first_fit);
    add("best_fit", best_fit);
    add("worst_fit", worst_fit);
    all.push_back(one_dimension(fixed("harmonic", [](const Items& items) { return harmonic(items); })));
}

void add_decreasing(Algorithms& all) {
    for (const BinRule& rule : bin_rules) {
        for (const Measure& measure : measures) {
            for (const Weighting& weighting : weightings) {
                all.push_back(fixed(joined(rule.name, measure.name, weighting.name),
                                    [rule, measure, weighting](const Items& items) {
                                        return decreasing(items, rule, measure, weighting);
                                    }));
            }
        }
    }
}

void add_bin_centric(Algorithms& all) {
    const auto add = [&](const BinScore& score, const Weighting& weighting, WeighedOver weighed) {
        const std::string name = joined("bcs", score.name, weighting.name);
        all.push_back(fixed(
            weighed == WeighedOver::all_items ? name : name + "_dyn",
            [score, weighting, weighed](const Items& items) { return bin_centric(items, score, weighting, weighed); }));
    };
    for (const BinScore& score : bin_scores) {
        for (const Weighting& weighting : weightings) {
            add(score, weighting, WeighedOver::all_items);
            // Unit weights stay what they are, whatever they are computed over.
            if (weighting.name != "unit") add(score, weighting, WeighedOver::items_left);
        }
    }
}

Algorithms everything() {
    Algorithms all;
    add_in_given_order(all);
    add_decreasing(all);
    add_bin_centric(all);
    all.push_back(one_dimension(fixed("min_bin_slack", min_bin_slack)));
    all.push_back(one_dimension({"min_bin_slack_restarts", min_bin_slack_restarts}));
    all.push_back({"destroy_and_repair", destroy_and_repair});
    return all;
}

}  // namespace

const std::vector<OfflineAlgorithm>& offline_algorithms() {
    static const Algorithms all = everything();
    return all;
}

const OfflineAlgorithm* offline_algorithm(std::string_view name) {
    const Algorithms& all = offline_algorithms();
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace fleetsim::packing

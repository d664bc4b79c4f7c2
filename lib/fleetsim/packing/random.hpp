#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// Which of `count` equally likely things the draw means.
[[nodiscard]] inline std::size_t pick(double draw, std::size_t count) {
    FLEETSIM_CHECK(count > 0);
    return std::min(count - 1, static_cast<std::size_t>(draw * static_cast<double>(count)));
}

/// Any node that fits, and on it any device that fits, all equally likely: what a policy has to beat.
///
/// It may also be asked for scores: all nodes are equals, and `equals_by_draw` says that among equals the draw decides.
struct RandomFit {
    static constexpr std::string_view name = "random";
    static constexpr bool timeless = true;
    static constexpr bool equals_by_draw = true;

    [[nodiscard]] static std::int8_t score(const Node&, const Arrival&) { return 0; }

    [[nodiscard]] static std::optional<std::size_t> choose(std::span<const Node> nodes, const Arrival& task) {
        std::size_t fitting = 0;
        for (const Node& node : nodes) fitting += fits(task.demand, node) ? 1 : 0;
        if (fitting == 0) return std::nullopt;
        std::size_t to_pass = pick(task.node_draw, fitting);
        for (std::size_t at = 0;; ++at) {
            if (fits(task.demand, nodes[at]) && to_pass-- == 0) return at;
        }
    }

    [[nodiscard]] static std::int32_t device(const Node& node, const Arrival& task) {
        const std::span<const std::int32_t> devices = node.devices();
        const auto takes = [&](std::int32_t left) { return left >= task.demand.gpu_milli; };
        const auto fitting = static_cast<std::size_t>(std::count_if(devices.begin(), devices.end(), takes));
        std::size_t to_pass = pick(task.device_draw, fitting);
        for (std::size_t at = 0;; ++at) {
            if (takes(devices[at]) && to_pass-- == 0) return static_cast<std::int32_t>(at);
        }
    }
};
static_assert(ChoosingPolicy<RandomFit> && ScoringPolicy<RandomFit>);

}  // namespace fleetsim::packing

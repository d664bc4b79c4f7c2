#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/fragmentation.hpp>
#include <fleetsim/packing/gpu_scale.hpp>
#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/rollouts.hpp>

namespace fleetsim::packing {

/// Where placing the task raises least what is, and what will be, of no use: the node's fragmentation now, plus a
/// quarter of the GPU capacity expected to be idle on it at last. Increases within one step of 150 milli-GPU are ties,
/// so that the first of almost equals is filled up. A sharing task gets the device of the least increase, of equal ones
/// the tightest.
///
/// Fragmentation gradient descent looks one task ahead; this looks as far as the node goes, which pays where tasks may
/// only run on some models. It places a few points less between 80 and 95 % of demand where many tasks ask for several
/// GPUs.
///
/// Its own, with fragmentation from "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation
/// Gradient Descent" (USENIX ATC 2023).
class ExpectedTerminalWaste {
public:
    static constexpr std::string_view name = "expected_terminal_waste";
    static constexpr bool timeless = true;

    explicit ExpectedTerminalWaste(std::shared_ptr<const TypicalMix> mix)
        : mix_(std::move(mix)), rollouts_(mix_), step_(150 * futures_per_unit * mix_->weight()) {}

    [[nodiscard]] static ExpectedTerminalWaste make(const Trace& trace) {
        return ExpectedTerminalWaste{std::make_shared<const TypicalMix>(typical_tasks(trace.tasks))};
    }

    [[nodiscard]] GpuScore score(const Node& node, const Arrival& task) { return best(node, task.demand).score; }
    [[nodiscard]] std::int32_t device(const Node& node, const Arrival& task) { return best(node, task.demand).device; }

private:
    struct Choice {
        GpuScore score = 0;
        std::int32_t device = -1;
    };

    /// A quarter of a mean over the rollouts is their sum over this many.
    static constexpr auto futures_per_unit = static_cast<std::int64_t>(4 * Rollouts::count);

    [[nodiscard]] Choice best(const Node& node, const Demand& task) {
        const std::int64_t before = waste(node);
        if (!task.shares_a_gpu()) return {score_of(waste_after(node, task, -1) - before), -1};
        Choice best;
        std::int32_t tightest = 0;
        for (std::int32_t device = 0; device < node.capacity.gpus; ++device) {
            const std::int32_t left = node.gpu_milli[static_cast<std::size_t>(device)];
            if (left < task.gpu_milli || before_has(node, device)) continue;
            const GpuScore score = score_of(waste_after(node, task, device) - before);
            if (best.device >= 0 && (score < best.score || (score == best.score && left > tightest))) continue;
            best = {score, device};
            tightest = left;
        }
        return best;
    }

    /// Whether an earlier device has just as much left.
    [[nodiscard]] static bool before_has(const Node& node, std::int32_t device) {
        const auto end = node.gpu_milli.begin() + device;
        return std::find(node.gpu_milli.begin(), end, *end) != end;
    }

    [[nodiscard]] std::int64_t waste_after(Node node, const Demand& task, std::int32_t device) {
        // Memory is no part of the mix, and no part of what is asked here.
        const Demand asked{task.cpu_milli, 0, task.gpus, task.gpu_milli, task.models};
        take(asked, devices_for(asked, node, device), node);
        return waste(node);
    }

    /// Fragmentation and a quarter of the idle capacity at last, in milli-GPU, times `futures_per_unit` and the mix's
    /// weight.
    [[nodiscard]] std::int64_t waste(const Node& node) {
        return futures_per_unit * mix_->weighted_fragment_milli(node) +
               rollouts_.idle_at_last_milli(node) * mix_->weight();
    }

    /// The smaller the increase the larger the score; rounded down, to the left of nothing too.
    [[nodiscard]] GpuScore score_of(std::int64_t increase) const {
        const std::int64_t steps = increase / step_ - (increase % step_ < 0 ? 1 : 0);
        return static_cast<GpuScore>(-steps);
    }

    std::shared_ptr<const TypicalMix> mix_;
    Rollouts rollouts_;
    std::int64_t step_;
};
static_assert(ScoringPolicy<ExpectedTerminalWaste>);

}  // namespace fleetsim::packing

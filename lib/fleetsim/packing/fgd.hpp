#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/fragmentation.hpp>
#include <fleetsim/packing/gpu_scale.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// Fragmentation gradient descent: where placing the task lowers fragmentation most. The gain in whole GPUs goes
/// through the logistic function to a score of 0 to 100, cut to a whole number: what is almost as good is a tie, and
/// ties consolidate.
///
/// A sharing task gets the device of the best score, of equal ones the tightest; the study takes the first, which here
/// would make the outcome depend on the order of devices.
///
/// Source: "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent" (USENIX ATC
/// 2023).
class Fgd {
public:
    static constexpr std::string_view name = "fgd";
    static constexpr bool timeless = true;

    explicit Fgd(std::shared_ptr<const TypicalMix> mix) : mix_(std::move(mix)) {
        FLEETSIM_CHECK(mix_ != nullptr);
        // The score is at least s from a gain of log(s / (100 - s)) GPUs on. It nears 100 but does not reach it.
        std::vector<std::int64_t> gains;
        for (int score = 1; score < 100; ++score) {
            const double gain_milli = whole_gpu_milli * std::log(score / (100.0 - score));
            gains.push_back(static_cast<std::int64_t>(std::ceil(gain_milli * static_cast<double>(mix_->weight()))));
        }
        score_of_gain_ = ThresholdCount{std::move(gains)};
    }

    [[nodiscard]] static Fgd make(const Trace& trace) {
        return Fgd{std::make_shared<const TypicalMix>(typical_tasks(trace.tasks))};
    }

    [[nodiscard]] GpuScore score(const Node& node, const Arrival& task) const {
        const Gains gains{*mix_, node, task.demand};
        if (!task.demand.shares_a_gpu()) return score_of(gains.with_whole(task.demand.gpus));
        std::int64_t most = std::numeric_limits<std::int64_t>::min();
        for (const std::int32_t left : node.devices()) {
            if (left >= task.demand.gpu_milli) most = std::max(most, gains.on(left));
        }
        return score_of(most);
    }

    [[nodiscard]] std::int32_t device(const Node& node, const Arrival& task) const {
        const Gains gains{*mix_, node, task.demand};
        std::int32_t best = -1;
        std::pair<std::int32_t, std::int32_t> best_rank{};  // Score, and how tight.
        for (std::int32_t device = 0; device < node.capacity.gpus; ++device) {
            const std::int32_t left = node.gpu_milli[static_cast<std::size_t>(device)];
            if (left < task.demand.gpu_milli) continue;
            const std::pair<std::int32_t, std::int32_t> rank{score_of(gains.on(left)), -left};
            if (best >= 0 && rank <= best_rank) continue;
            best = device;
            best_rank = rank;
        }
        return best;
    }

private:
    /// By how much placing the task lowers the node's weighted fragmentation, by the devices it could get. Lost as
    /// fragments is what is idle and not usable; so the gain is what the task takes, and what becomes usable.
    class Gains {
    public:
        Gains(const TypicalMix& mix, const Node& node, const Demand& task)
            : then_(mix.on(node, node.cpu_milli - task.cpu_milli)), asked_(task.gpu_milli) {
            const TypicalMix::View now = mix.on(node, node.cpu_milli);
            for (const std::int32_t left : node.devices()) {
                with_cpu_only_ += then_.shared_milli(left) - now.shared_milli(left);
                idle_devices_ += left == whole_gpu_milli ? 1 : 0;
            }
            with_cpu_only_ += then_.whole_milli(idle_devices_) - now.whole_milli(idle_devices_);
            with_cpu_only_ += task.total_gpu_milli() * mix.weight();
            opening_ = idle_devices_ > 0 ? whole_change(1) : 0;
        }

        /// With so many idle devices taken; none for a task without GPUs.
        [[nodiscard]] std::int64_t with_whole(std::int32_t taken) const {
            return with_cpu_only_ - taken * then_.shared_milli(whole_gpu_milli) + whole_change(taken);
        }

        /// With its part taken of a device that has so much left.
        [[nodiscard]] std::int64_t on(std::int32_t left) const {
            const bool opens = left == whole_gpu_milli && asked_ > 0;
            return with_cpu_only_ + then_.shared_milli(left - asked_) - then_.shared_milli(left) +
                   (opens ? opening_ : 0);
        }

    private:
        [[nodiscard]] std::int64_t whole_change(std::int32_t taken) const {
            return then_.whole_milli(idle_devices_ - taken) - then_.whole_milli(idle_devices_);
        }

        TypicalMix::View then_;
        std::int32_t asked_;
        std::int32_t idle_devices_ = 0;
        std::int64_t with_cpu_only_ = 0;
        std::int64_t opening_ = 0;
    };

    [[nodiscard]] GpuScore score_of(std::int64_t weighted_gain) const {
        return static_cast<GpuScore>(score_of_gain_(weighted_gain));
    }

    std::shared_ptr<const TypicalMix> mix_;
    ThresholdCount score_of_gain_;
};
static_assert(ScoringPolicy<Fgd>);

}  // namespace fleetsim::packing

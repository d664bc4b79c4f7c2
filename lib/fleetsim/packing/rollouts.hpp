#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/fragmentation.hpp>
#include <fleetsim/packing/node.hpp>
#include <fleetsim/packing/threshold_count.hpp>

namespace fleetsim::packing {

/// What is idle on a node's GPUs at last, if typical tasks keep coming until none that wants a GPU fits: each is drawn
/// by its frequency among those that still fit, and a sharing one goes to the tightest device.
///
/// The expectation is a mean over rollouts. All nodes meet the same ones, so that the differences between nodes come
/// from the nodes and not from luck. What has been computed is remembered.
class Rollouts {
public:
    static constexpr std::size_t count = 32;

    explicit Rollouts(std::shared_ptr<const TypicalMix> mix)
        : mix_(std::move(mix)), kinds_(mix_->model_classes() * mix_->cpu_levels()) {
        const des::Stream chance{0, 0, "pack", "rollouts"};
        for (std::size_t rollout = 0; rollout < count; ++rollout) {
            des::Draws draws = chance.draws(rollout);
            for (std::uint32_t& draw : draws_[rollout]) draw = static_cast<std::uint32_t>(draws.word() >> 32U);
        }
    }

    /// Thousandths of GPUs idle at last, summed over the rollouts.
    [[nodiscard]] std::int64_t idle_at_last_milli(const Node& node) {
        Node sorted = node;
        std::sort(sorted.gpu_milli.begin(), sorted.gpu_milli.begin() + node.capacity.gpus);
        const auto [found, fresh] = known_.try_emplace(key_of(sorted), 0);
        if (fresh) {
            for (const Draws& draws : draws_) found->second += rest_after(sorted, draws);
        }
        return found->second;
    }

private:
    /// A rollout ends after so many tasks at the latest, which only kinds that ask for next to nothing can reach.
    static constexpr std::size_t most_tasks = 256;
    using Draws = std::array<std::uint32_t, most_tasks>;

    /// All that decides: class of model, cpu left, devices.
    using Key = std::array<std::uint64_t, 4>;
    struct Hash {
        std::size_t operator()(const Key& key) const {
            std::uint64_t hash = 0;
            for (const std::uint64_t word : key) hash = des::mix64(hash + word + 0x9e3779b97f4a7c15U);
            return hash;
        }
    };

    /// Kinds in an order, and which of them a weight falls to when they lie side by side, each as wide as its count.
    struct Row {
        std::vector<Demand> kinds;
        ThresholdCount at;
        std::int64_t weight = 0;

        [[nodiscard]] const Demand& drawn(std::int64_t weight_passed) const { return kinds[at(weight_passed)]; }
    };

    /// The kinds that fit a model's nodes at a level of cpu, devices aside. Those that ask least of devices stand
    /// first, so that what fits the devices too is the beginning of the row.
    struct Kinds {
        bool known = false;
        Row shared;
        Row whole;
        Row without_gpu;
    };

    [[nodiscard]] Key key_of(const Node& sorted) const {
        Key key{mix_->model_class(sorted) << 32U | static_cast<std::uint32_t>(sorted.cpu_milli)};
        // Full devices have no part in what follows, so it does not matter how many there are.
        for (std::size_t device = 0; device < most_gpus; ++device) {
            std::uint64_t& word = key[1 + device / 6];
            word = word << 10U | static_cast<std::uint64_t>(sorted.gpu_milli[device]);
        }
        return key;
    }

    [[nodiscard]] const Kinds& kinds_for(const Node& node) {
        const std::size_t level = mix_->cpu_level(node.cpu_milli);
        Kinds& kinds = kinds_[mix_->model_class(node) * mix_->cpu_levels() + level];
        if (!kinds.known) {
            const auto row = [&](auto belongs) {
                std::vector<TypicalTask> tasks;
                for (const TypicalTask& task : mix_->tasks()) {
                    const bool allowed = task.demand.gpus == 0 || (task.demand.models & node.capacity.model) != 0;
                    if (allowed && task.demand.cpu_milli <= node.cpu_milli && belongs(task.demand))
                        tasks.push_back(task);
                }
                return row_of(std::move(tasks));
            };
            kinds.shared = row([](const Demand& kind) { return kind.shares_a_gpu(); });
            kinds.whole = row([](const Demand& kind) { return kind.gpus > 0 && !kind.shares_a_gpu(); });
            kinds.without_gpu = row([](const Demand& kind) { return kind.gpus == 0; });
            kinds.known = true;
        }
        return kinds;
    }

    [[nodiscard]] static Row row_of(std::vector<TypicalTask> tasks) {
        std::stable_sort(tasks.begin(), tasks.end(), [](const TypicalTask& a, const TypicalTask& b) {
            return a.demand.total_gpu_milli() < b.demand.total_gpu_milli();
        });
        Row row;
        std::vector<std::int64_t> ends;
        for (const TypicalTask& task : tasks) {
            row.kinds.push_back(task.demand);
            row.weight += task.count;
            ends.push_back(row.weight);
        }
        row.at = ThresholdCount{std::move(ends), 64};
        return row;
    }

    /// What is idle at last in one rollout; the node's devices ascend.
    [[nodiscard]] std::int64_t rest_after(Node node, const Draws& draws) {
        std::int32_t* const first = node.gpu_milli.data();
        std::int32_t* last = first + node.capacity.gpus;
        for (const std::uint32_t draw : draws) {
            std::int32_t idle_devices = 0;
            while (last - first > idle_devices && last[-1 - idle_devices] == whole_gpu_milli) ++idle_devices;
            const TypicalMix::View fitting = mix_->on(node, node.cpu_milli);
            const std::int64_t shared = first == last ? 0 : fitting.shared_weight(last[-1]);
            const std::int64_t whole = fitting.whole_weight(idle_devices);
            if (shared + whole == 0) break;
            const Kinds& kinds = kinds_for(node);
            const std::int64_t all = shared + whole + kinds.without_gpu.weight;
            const auto at = static_cast<std::int64_t>(draw * static_cast<std::uint64_t>(all) >> 32U);
            if (at < shared) {
                const Demand& task = kinds.shared.drawn(at);
                node.cpu_milli -= task.cpu_milli;
                // The tightest device is the first that takes it; then it moves to where it belongs.
                std::int32_t* device = first;
                while (*device < task.gpu_milli) ++device;
                const std::int32_t left = *device - task.gpu_milli;
                for (; device != first && device[-1] > left; --device) *device = device[-1];
                *device = left;
            } else if (at < shared + whole) {
                const Demand& task = kinds.whole.drawn(at - shared);
                node.cpu_milli -= task.cpu_milli;
                last -= task.gpus;
            } else {
                node.cpu_milli -= kinds.without_gpu.drawn(at - shared - whole).cpu_milli;
            }
        }
        std::int64_t idle = 0;
        for (const std::int32_t* device = first; device != last; ++device) idle += *device;
        return idle;
    }

    std::shared_ptr<const TypicalMix> mix_;
    std::array<Draws, count> draws_{};
    std::vector<Kinds> kinds_;  ///< By class of model, then by level of cpu; filled in when first needed.
    std::unordered_map<Key, std::int64_t, Hash> known_;  // Only looked up in, never walked through.
};

}  // namespace fleetsim::packing

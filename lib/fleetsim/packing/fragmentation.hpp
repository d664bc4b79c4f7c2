#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/node.hpp>
#include <fleetsim/packing/threshold_count.hpp>
#include <fleetsim/packing/trace.hpp>

/// How much of a node's idle GPU capacity the tasks that usually come cannot use.
///
/// Source: Weng, Yang, Yu, Wang, Tang, Yang, Zhang, "Beware of Fragmentation: Scheduling GPU-Sharing Workloads with
/// Fragmentation Gradient Descent" (USENIX ATC 2023), section 3.
namespace fleetsim::packing {

/// A kind of task that comes often. Memory is no part of the kind: its demand asks for none.
struct TypicalTask {
    Demand demand;
    std::int64_t count = 0;  ///< How many tasks of the workload are of this kind.
};

/// The kinds that come most often and together make up 95 % of the tasks, the most frequent first; of equally frequent
/// ones the larger (cpu, GPU share, devices, models).
[[nodiscard]] inline std::vector<TypicalTask> typical_tasks(std::span<const Task> tasks) {
    using Key = std::tuple<std::int32_t, std::int32_t, std::int32_t, ModelSet>;
    std::map<Key, std::int64_t> counts;
    for (const Task& task : tasks) {
        const Demand& asked = task.demand;
        ++counts[{asked.cpu_milli, asked.gpu_milli, asked.gpus, asked.models}];
    }
    std::vector<std::pair<std::int64_t, Key>> ranked;
    for (const auto& [key, count] : counts) ranked.emplace_back(count, key);
    std::sort(ranked.rbegin(), ranked.rend());

    std::vector<TypicalTask> typical;
    const auto all = static_cast<std::int64_t>(tasks.size());
    std::int64_t taken = 0;
    for (const auto& [count, key] : ranked) {
        if (taken * 100 >= all * 95) break;
        const auto& [cpu_milli, gpu_milli, gpus, models] = key;
        typical.push_back({{cpu_milli, 0, gpus, gpu_milli, models}, count});
        taken += count;
    }
    return typical;
}

/// Idle thousandths of GPUs on the node that a task of this kind cannot use: all of them when it does not fit or wants
/// no GPU, otherwise those on devices too full for it. The definition; `TypicalMix` computes the same much faster.
[[nodiscard]] inline std::int64_t fragment_milli(const Demand& kind, const Node& node) {
    const std::int64_t idle = node.total_gpu_milli();
    if (kind.gpus == 0 || (kind.models & node.capacity.model) == 0 || node.cpu_milli < kind.cpu_milli) return idle;
    std::int32_t usable_devices = 0;
    std::int64_t usable = 0;
    for (const std::int32_t left : node.devices()) {
        if (left < kind.gpu_milli) continue;
        ++usable_devices;
        usable += left;
    }
    return usable_devices < kind.gpus ? idle : idle - usable;
}

/// The kinds of tasks that usually come, and the fragmentation of nodes with regard to them. Immutable.
///
/// All sums are exact integers, weighted by the kinds' counts and divided by `weight()` by whoever wants milli-GPU, so
/// that no order of evaluation can change a decision.
///
/// What a device adds to the usable capacity depends only on what it has left and on how many of the kinds' cpu
/// demands the node can still meet (its level): a sharing task uses each device by itself, and a task of whole devices
/// uses the idle ones. So a node's fragmentation takes one table entry per device and one for the idle devices
/// together, whatever the number of kinds.
class TypicalMix {
public:
    /// Tasks of several devices ask for whole ones, as `Demand` promises.
    explicit TypicalMix(std::vector<TypicalTask> tasks) : tasks_(std::move(tasks)) {
        for (const TypicalTask& task : tasks_) {
            FLEETSIM_CHECK(task.count > 0 && (task.demand.gpus <= 1 || task.demand.gpu_milli == whole_gpu_milli));
            weight_ += task.count;
        }
        levels_ = ThresholdCount{distinct([](const Demand& kind) { return kind.cpu_milli; })};
        const ThresholdCount shares{
            distinct([](const Demand& kind) { return kind.shares_a_gpu() ? kind.gpu_milli : 0; })};
        share_milli_ = shares.thresholds();
        for (std::size_t left = 0; left < rank_.size(); ++left) {
            rank_[left] = static_cast<std::uint16_t>(shares(static_cast<std::int64_t>(left)));
        }
        for (std::size_t bit = 0; bit < most_models; ++bit) of_model_[bit] = tables_for(ModelSet{1} << bit);
    }

    [[nodiscard]] const std::vector<TypicalTask>& tasks() const { return tasks_; }

    /// What the weighted sums are to be divided by: the number of tasks that are of typical kinds.
    [[nodiscard]] std::int64_t weight() const { return weight_; }

    /// How many of the kinds' cpu demands a node with so much left can meet, equal demands counted once.
    [[nodiscard]] std::size_t cpu_level(std::int32_t cpu_milli) const { return levels_(cpu_milli); }
    [[nodiscard]] std::size_t cpu_levels() const { return levels_.thresholds().size() + 1; }

    /// GPU models that the same kinds allow form one class.
    [[nodiscard]] std::size_t model_class(const Node& node) const {
        // A node without GPUs has no model and no devices to ask about, so any class does.
        return of_model_[static_cast<std::size_t>(std::countr_zero(node.capacity.model | ModelSet{1} << 63U))];
    }
    [[nodiscard]] std::size_t model_classes() const { return tables_.size(); }

    /// Fragmentation in thousandths of a GPU, times `weight()`.
    [[nodiscard]] std::int64_t weighted_fragment_milli(const Node& node) const {
        return on(node, node.cpu_milli).fragment_milli(node.devices());
    }

    /// The node's kind of GPU and its level of cpu: what is left to know are its devices.
    class View {
    public:
        /// Weight of the sharing kinds that a device with so much left can take.
        [[nodiscard]] std::int64_t shared_weight(std::int32_t left) const {
            return shared_[mix_->rank_[static_cast<std::size_t>(left)]];
        }
        /// Weighted capacity that sharing tasks can use of it.
        [[nodiscard]] std::int64_t shared_milli(std::int32_t left) const { return left * shared_weight(left); }

        /// Weight of the kinds of whole devices that so many idle ones can take.
        [[nodiscard]] std::int64_t whole_weight(std::int32_t idle_devices) const { return whole_[idle_devices]; }
        /// Weighted capacity that tasks of whole devices can use of them.
        [[nodiscard]] std::int64_t whole_milli(std::int32_t idle_devices) const {
            return std::int64_t{idle_devices} * whole_gpu_milli * whole_weight(idle_devices);
        }

        /// Weighted fragmentation of these devices.
        [[nodiscard]] std::int64_t fragment_milli(std::span<const std::int32_t> devices) const {
            std::int64_t idle = 0;
            std::int64_t usable = 0;
            std::int32_t idle_devices = 0;
            for (const std::int32_t left : devices) {
                idle += left;
                usable += shared_milli(left);
                idle_devices += left == whole_gpu_milli ? 1 : 0;
            }
            return idle * mix_->weight_ - usable - whole_milli(idle_devices);
        }

    private:
        friend class TypicalMix;
        View(const TypicalMix& mix, const std::int64_t* shared, const std::int64_t* whole)
            : mix_(&mix), shared_(shared), whole_(whole) {}

        const TypicalMix* mix_;
        const std::int64_t* shared_;  ///< By the rank of what a device has left.
        const std::int64_t* whole_;   ///< By idle devices.
    };

    /// The node as it would be with this much cpu left. The mix must outlive the view.
    [[nodiscard]] View on(const Node& node, std::int32_t cpu_milli) const {
        const Tables& tables = tables_[model_class(node)];
        const std::size_t level = cpu_level(cpu_milli);
        return {*this, tables.shared.data() + level * (share_milli_.size() + 1),
                tables.whole.data() + level * whole_columns};
    }

private:
    static constexpr std::size_t whole_columns = most_gpus + 1;

    /// Weights of the kinds that a device or a node can serve; the rows are levels of cpu.
    struct Tables {
        std::vector<std::int64_t> shared;  ///< Sharing kinds, by the number of share sizes that the device can take.
        std::vector<std::int64_t> whole;   ///< Kinds that ask for whole devices, by idle devices.
        friend bool operator==(const Tables&, const Tables&) = default;
    };

    template <class Value>
    [[nodiscard]] std::vector<std::int64_t> distinct(Value value) const {
        std::vector<std::int64_t> values;
        for (const TypicalTask& task : tasks_) values.push_back(value(task.demand));
        std::sort(values.begin(), values.end());
        values.erase(std::unique(values.begin(), values.end()), values.end());
        return values;
    }

    /// The place of the model's tables; models that the same kinds allow share them.
    [[nodiscard]] std::size_t tables_for(ModelSet model) {
        const std::size_t levels = levels_.thresholds().size() + 1;
        const std::size_t ranks = share_milli_.size() + 1;
        Tables tables{std::vector<std::int64_t>(levels * ranks), std::vector<std::int64_t>(levels * whole_columns)};
        for (const TypicalTask& task : tasks_) {
            const Demand& kind = task.demand;
            if (kind.gpus == 0 || (kind.models & model) == 0) continue;
            const bool shares = kind.shares_a_gpu();
            std::vector<std::int64_t>& table = shares ? tables.shared : tables.whole;
            const std::size_t columns = shares ? ranks : whole_columns;
            const std::size_t first =
                shares ? rank_[static_cast<std::size_t>(kind.gpu_milli)] : static_cast<std::size_t>(kind.gpus);
            for (std::size_t level = levels_(kind.cpu_milli); level < levels; ++level) {
                for (std::size_t column = first; column < columns; ++column) {
                    table[level * columns + column] += task.count;
                }
            }
        }
        const auto same = std::find(tables_.begin(), tables_.end(), tables);
        const auto place = static_cast<std::size_t>(same - tables_.begin());
        if (same == tables_.end()) tables_.push_back(std::move(tables));
        return place;
    }

    std::vector<TypicalTask> tasks_;
    std::int64_t weight_ = 0;
    ThresholdCount levels_;                                  ///< Of cpu: how many of the kinds' demands can be met.
    std::vector<std::int64_t> share_milli_;                  ///< Sizes of shares that kinds ask for, ascending.
    std::array<std::uint16_t, whole_gpu_milli + 1> rank_{};  ///< How many of them a device can take, by what it has.
    std::vector<Tables> tables_;
    std::array<std::size_t, most_models> of_model_{};
};

}  // namespace fleetsim::packing

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/random.hpp>

namespace fleetsim::packing {

/// Nodes under a policy whose scores may be remembered: the same decisions as `choose`, without looking at every node.
///
/// Each demand that has been asked for keeps a column of scores, one per node. A node that changes is noted in a log;
/// when a column's demand is asked for the next time, it scores anew what has changed since, each node once. The best
/// node is then found by the maxima of blocks of nodes. (States of nodes recur, seven in eight scores on the GPU
/// traces; remembering scores by state was measured, and looking the state up costs what it saves.)
///
/// With a policy that says `equals_by_draw`, of equals not the first wins but any, by the decision's own draw.
///
/// Invariant: a column that has seen all changes holds the score of every node, or `no_fit`, and the maximum of
/// each block.
template <ScoringPolicy P>
requires(P::timeless) class ScoredNodes {
public:
    ScoredNodes(P policy, std::vector<Node> nodes)
        : policy_(std::move(policy)), nodes_(std::move(nodes)), last_change_(nodes_.size(), 0) {
        FLEETSIM_CHECK(nodes_.size() < std::numeric_limits<std::uint32_t>::max());
    }

    [[nodiscard]] std::span<const Node> nodes() const { return nodes_; }

    /// The position of the node that the policy puts the task on; none if it fits nowhere.
    [[nodiscard]] std::optional<std::size_t> choose(const Arrival& task) {
        const Column& column = up_to_date(task.demand);
        const auto best = std::max_element(column.best.begin(), column.best.end());
        if (best == column.best.end() || *best == no_fit) return std::nullopt;
        if constexpr (requires { requires P::equals_by_draw; }) {
            std::size_t equals = 0;
            for (std::size_t block = 0; block < column.best.size(); ++block) equals += count(column, block, *best);
            std::size_t to_pass = pick(task.node_draw, equals);
            std::size_t block = 0;
            for (std::size_t here = 0; (here = count(column, block, *best)) <= to_pass; ++block) to_pass -= here;
            return nth_in_block(column, block, *best, to_pass);
        } else {
            return nth_in_block(column, static_cast<std::size_t>(best - column.best.begin()), *best, 0);
        }
    }

    /// The device a sharing task gets on the chosen node.
    [[nodiscard]] std::int32_t sharing_device(std::size_t at, const Arrival& task) {
        return packing::sharing_device(policy_, nodes_[at], task);
    }

    void take(const Demand& task, DeviceSet devices, std::size_t at) {
        packing::take(task, devices, nodes_[at]);
        note_change(at);
    }
    void give_back(const Demand& task, DeviceSet devices, std::size_t at) {
        packing::give_back(task, devices, nodes_[at]);
        note_change(at);
    }

private:
    using Score = decltype(std::declval<P&>().score(std::declval<const Node&>(), std::declval<const Arrival&>()));

    static constexpr Score no_fit = std::numeric_limits<Score>::lowest();  ///< No policy gives this score.
    static constexpr std::size_t block_nodes = 64;

    struct Column {
        Arrival task;
        std::vector<Score> scores = {};  ///< By node; padded with `no_fit` to whole blocks.
        std::vector<Score> best = {};    ///< By block.
        std::uint64_t read = 0;          ///< Changes it has seen.
    };

    struct Hash {
        std::size_t operator()(const Demand& d) const {
            const auto low = [](std::int32_t value) {
                return static_cast<std::uint64_t>(static_cast<std::uint32_t>(value));
            };
            return des::mix64(des::mix64(low(d.cpu_milli) << 32U | low(d.memory_mib)) +
                              (low(d.gpu_milli) << 32U | low(d.gpus)) + d.models * 0x9e3779b97f4a7c15U);
        }
    };

    void note_change(std::size_t at) {
        // Who missed more than these compares the nodes' latest changes instead.
        if (log_.size() >= nodes_.size()) {
            log_.erase(log_.begin(), log_.end() - static_cast<std::ptrdiff_t>(log_.size() / 2));
        }
        log_.push_back(static_cast<std::uint32_t>(at));
        last_change_[at] = ++changes_;
    }

    Column& up_to_date(const Demand& demand) {
        const auto [found, fresh] = column_of_.try_emplace(demand, columns_.size());
        if (fresh) columns_.push_back(Column{.task = {.demand = demand}});
        Column& column = columns_[found->second];
        const std::uint64_t missed = changes_ - column.read;
        if (fresh) {
            score_all(column);
        } else if (missed > log_.size()) {
            for (std::size_t at = 0; at < nodes_.size(); ++at) {
                if (last_change_[at] > column.read) score_again(at, column);
            }
        } else {
            std::uint64_t change = column.read;
            for (std::size_t i = log_.size() - missed; i < log_.size(); ++i) {
                if (last_change_[log_[i]] == ++change) score_again(log_[i], column);
            }
        }
        column.read = changes_;
        return column;
    }

    [[nodiscard]] Score score(std::size_t at, const Arrival& task) {
        return fits(task.demand, nodes_[at]) ? policy_.score(nodes_[at], task) : no_fit;
    }

    void score_all(Column& column) {
        const std::size_t blocks = (nodes_.size() + block_nodes - 1) / block_nodes;
        column.scores.assign(blocks * block_nodes, no_fit);
        column.best.resize(blocks);
        for (std::size_t at = 0; at < nodes_.size(); ++at) column.scores[at] = score(at, column.task);
        for (std::size_t block = 0; block < blocks; ++block) column.best[block] = block_best(column, block);
    }

    void score_again(std::size_t at, Column& column) {
        const Score now = score(at, column.task);
        const Score before = std::exchange(column.scores[at], now);
        Score& best = column.best[at / block_nodes];
        if (now >= best) {
            best = now;
        } else if (before == best) {
            best = block_best(column, at / block_nodes);
        }
    }

    [[nodiscard]] static Score block_best(const Column& column, std::size_t block) {
        const Score* scores = column.scores.data() + block * block_nodes;
        Score best = no_fit;
        for (std::size_t i = 0; i < block_nodes; ++i) best = scores[i] > best ? scores[i] : best;
        return best;
    }

    [[nodiscard]] static std::size_t count(const Column& column, std::size_t block, Score wanted) {
        const Score* scores = column.scores.data() + block * block_nodes;
        std::size_t found = 0;
        for (std::size_t i = 0; i < block_nodes; ++i) found += scores[i] == wanted ? 1 : 0;
        return found;
    }

    /// The position in the block of a node with the score wanted, after passing so many others.
    [[nodiscard]] static std::size_t nth_in_block(const Column& column, std::size_t block, Score wanted,
                                                  std::size_t to_pass) {
        for (std::size_t at = block * block_nodes;; ++at) {
            if (column.scores[at] == wanted && to_pass-- == 0) return at;
        }
    }

    P policy_;
    std::vector<Node> nodes_;
    std::unordered_map<Demand, std::size_t, Hash> column_of_;  // Only looked up in, never walked through.
    std::vector<Column> columns_;
    std::uint64_t changes_ = 0;               ///< So far; the first is number 1.
    std::vector<std::uint32_t> log_;          ///< Which node changed, for the latest changes.
    std::vector<std::uint64_t> last_change_;  ///< By node: the number of its latest change.
};

}  // namespace fleetsim::packing

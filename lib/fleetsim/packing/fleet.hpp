#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/packing/node.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

/// Whether policies see empty servers among the others.
enum class EmptyServers { hidden, shown };

/// Servers numbered from 0, and how long each was in use. They are either a fixed cluster or as many alike as it takes.
///
/// Invariants: a server is in use exactly while it has tasks; the servers on view that have none are empty or, when
/// empty servers are hidden, closed: such a server has less than nothing left, so that not even a task that asks for
/// nothing fits. When there are as many as it takes and empty ones are shown, at least one is on view.
class Fleet {
public:
    /// A fixed cluster; its empty servers are shown.
    explicit Fleet(std::span<const NamedNode> nodes) {
        for (const NamedNode& node : nodes) nodes_.emplace_back(node.capacity);
    }

    /// As many servers as it takes.
    Fleet(const Capacity& server, EmptyServers empty_servers) : server_(server), empty_servers_(empty_servers) {
        if (empty_servers == EmptyServers::shown) append_empty();
    }

    /// What policies look at. Only `Node::ends` may be changed from outside.
    [[nodiscard]] std::vector<Node>& nodes() { return nodes_; }

    /// Opens the lowest-numbered empty server for a task that fits no other; none in a fixed cluster, and none when it
    /// does not fit even there.
    [[nodiscard]] std::optional<std::size_t> open(const Demand& task) {
        if (!server_ || empty_servers_ == EmptyServers::shown || !fits(task, Node{*server_})) return std::nullopt;
        if (closed_.empty()) {
            append_empty();
            return nodes_.size() - 1;
        }
        const std::size_t lowest = closed_.top();
        closed_.pop();
        nodes_[lowest] = Node{*server_};
        return lowest;
    }

    void put(const Demand& task, DeviceSet devices, std::optional<des::Time> departs, std::size_t at, des::Time now) {
        Node& node = nodes_[at];
        FLEETSIM_CHECK(fits(task, node));
        if (node.tasks == 0) {
            count_until(now);
            peak_in_use_ = std::max(peak_in_use_, ++in_use_);
        }
        take(task, devices, node);
        if (departs) node.ends = std::max(node.ends, *departs);
        if (server_ && empty_servers_ == EmptyServers::shown && in_use_ == std::ssize(nodes_)) append_empty();
    }

    void remove(const Demand& task, DeviceSet devices, std::size_t at, des::Time now) {
        Node& node = nodes_[at];
        give_back(task, devices, node);
        if (node.tasks > 0) return;
        count_until(now);
        --in_use_;
        node.ends = des::Time{};
        if (empty_servers_ == EmptyServers::shown) return;
        node.cpu_milli = -1;
        closed_.push(at);
    }

    [[nodiscard]] std::int64_t peak_in_use() const { return peak_in_use_; }

    /// Summed over the servers, in nanoseconds.
    [[nodiscard]] des::Int128 time_in_use(des::Time until) {
        count_until(until);
        return time_in_use_;
    }

private:
    void append_empty() { nodes_.emplace_back(*server_); }

    void count_until(des::Time now) {
        FLEETSIM_CHECK(now >= counted_until_);
        time_in_use_ += static_cast<des::Int128>((now - counted_until_).count()) * in_use_;
        counted_until_ = now;
    }

    std::vector<Node> nodes_;
    std::optional<Capacity> server_;
    EmptyServers empty_servers_ = EmptyServers::shown;
    std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> closed_;
    std::int64_t in_use_ = 0;
    std::int64_t peak_in_use_ = 0;
    des::Time counted_until_{};
    des::Int128 time_in_use_ = 0;
};

}  // namespace fleetsim::packing

#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <fleetsim/des/time.hpp>
#include <fleetsim/packing/node.hpp>
#include <fleetsim/packing/policy.hpp>
#include <fleetsim/packing/trace.hpp>

/// What a policy may know of when tasks leave: nothing, all, or what it learns from those that have left.
namespace fleetsim::packing {

/// A policy that is told how long each task will run: the ideal against which predictions are measured.
template <class P>
concept KnowsLifetimes = Policy<P> && requires {
    { P::knows_lifetimes } -> std::convertible_to<bool>;
    requires P::knows_lifetimes;
};

/// A policy that watches tasks begin and end, and predicts from that alone. Instants never go back from call to call.
template <class P>
concept LearnsLifetimes = Policy<P> &&
    requires(P policy, std::uint32_t task, const Demand& demand, des::Time now, des::Duration age) {
    policy.began(task, demand, now);
    policy.ended(task, demand, now);
    /// How much longer a task of this age will run, by what is known now; more than nothing.
    { policy.time_left(demand, age, now) } -> std::same_as<std::optional<des::Duration>>;
};

/// Keeps `Arrival::departs` and `Node::ends` as the policy may know them. This one is for policies that know nothing:
/// a task's end is unknown even to its node.
template <Policy P>
class Foresight {
public:
    [[nodiscard]] std::optional<des::Time> departure_of(P&, const Task&) const { return std::nullopt; }
    void refresh(P&, std::vector<Node>&, des::Time) {}
    void placed(P&, std::uint32_t, const Task&, std::size_t) {}
    void left(P&, std::uint32_t, const Task&, std::size_t, des::Time) {}
};

template <KnowsLifetimes P>
class Foresight<P> {
public:
    [[nodiscard]] std::optional<des::Time> departure_of(P&, const Task& task) const {
        if (!task.lifetime) return std::nullopt;
        return task.arrives + *task.lifetime;
    }
    void refresh(P&, std::vector<Node>&, des::Time) {}
    void placed(P&, std::uint32_t, const Task&, std::size_t) {}
    void left(P&, std::uint32_t, const Task&, std::size_t, des::Time) {}
};

/// Predicts anew when a node's end has passed although tasks still run there, and when one of its tasks has left.
template <LearnsLifetimes P>
class Foresight<P> {
public:
    [[nodiscard]] std::optional<des::Time> departure_of(P& policy, const Task& task) const {
        const auto left = policy.time_left(task.demand, des::Duration{0}, task.arrives);
        if (!left) return std::nullopt;
        return task.arrives + *left;
    }

    void refresh(P& policy, std::vector<Node>& nodes, des::Time now) {
        running_.resize(nodes.size());
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            if (nodes[i].tasks > 0 && nodes[i].ends <= now) predict(policy, nodes[i], running_[i], now);
        }
    }

    void placed(P& policy, std::uint32_t id, const Task& task, std::size_t at) {
        if (running_.size() <= at) running_.resize(at + 1);
        running_[at].push_back({id, task.arrives, task.demand});
        policy.began(id, task.demand, task.arrives);
    }

    void left(P& policy, std::uint32_t id, const Task& task, std::size_t at, des::Time now) {
        std::erase_if(running_[at], [&](const Running& other) { return other.id == id; });
        policy.ended(id, task.demand, now);
    }

private:
    struct Running {
        std::uint32_t id;
        des::Time began;
        Demand demand;
    };

    static void predict(P& policy, Node& node, const std::vector<Running>& running, des::Time now) {
        node.ends = now;
        for (const Running& task : running) {
            const auto left = policy.time_left(task.demand, now - task.began, now);
            if (left) node.ends = std::max(node.ends, now + *left);
        }
    }

    std::vector<std::vector<Running>> running_;  ///< By node.
};

}  // namespace fleetsim::packing

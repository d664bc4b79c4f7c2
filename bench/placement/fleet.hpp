#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/placement/resources.hpp>

/// The world in which placers are timed: instances of five types in three zones, and services whose tasks come and go
/// at random, with 80 % of what is scarcer of CPU and memory in use.
namespace fleetsim::bench {

using placement::Resources;

inline constexpr std::uint32_t zones = 3;

struct Fleet {
    std::vector<Resources> instances;  ///< What each registers; its zone is its number modulo `zones`.
    std::vector<Resources> shapes;     ///< What a task of each service needs.
};

/// c5, m5 and r5 from large to 2xlarge; tasks of 1/8 to 1 vCPU with 2 to 7.5 MiB a CPU unit.
inline Fleet fleet(std::size_t instances, std::size_t shapes) {
    des::Sequence chance = des::Stream{1, 0, "bench", "fleet"}.sequence();
    const auto below = [&](std::uint64_t bound) { return static_cast<std::int32_t>(chance.word() % bound); };
    const std::vector<Resources> types{
        placement::resources({2048, 3768, 0, 2}), placement::resources({2048, 7680, 0, 2}),
        placement::resources({4096, 15500, 0, 3}), placement::resources({8192, 31000, 0, 3}),
        placement::resources({4096, 31500, 0, 3})};
    Fleet fleet;
    for (std::size_t i = 0; i < instances; ++i) fleet.instances.push_back(types[static_cast<std::size_t>(below(5))]);
    for (std::size_t i = 0; i < shapes; ++i) {
        const std::int32_t cpu = 128 << below(4);
        const std::int32_t memory = cpu * (20 + below(56)) / 10 / 64 * 64;
        fleet.shapes.push_back(placement::resources({cpu, memory, 0, 0}));
    }
    return fleet;
}

/// A task of a service, and the room it is in.
struct Placed {
    std::uint32_t room;
    std::uint32_t shape;
};

/// Cheap, so that little but the contender is timed.
class Chance {
public:
    [[nodiscard]] std::uint32_t below(std::size_t bound) {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return static_cast<std::uint32_t>((state_ >> 32U) * bound >> 32U);
    }

private:
    std::uint64_t state_ = 88172645463325252;
};

/// Places tasks of services chosen at random until the fleet is loaded.
template <class Contender>
[[nodiscard]] std::vector<Placed> filled(const Fleet& fleet) {
    constexpr double load = 0.8;
    Contender contender{fleet};
    Chance chance;
    std::vector<Placed> tasks;
    double total[2] = {0, 0};
    double used[2] = {0, 0};
    for (const Resources& instance : fleet.instances) {
        for (int row = 0; row < 2; ++row) total[row] += instance[row];
    }
    while (used[0] < load * total[0] && used[1] < load * total[1]) {
        const std::uint32_t shape = chance.below(fleet.shapes.size());
        const std::int64_t room = contender.find(shape);
        if (room < 0) break;
        tasks.push_back({static_cast<std::uint32_t>(room), shape});
        contender.take(tasks.back().room, shape);
        for (int row = 0; row < 2; ++row) used[row] += fleet.shapes[shape][row];
    }
    return tasks;
}

/// Steady churn on a contender: a task chosen at random ends, and one of a service chosen at random is placed.
///
/// A contender is made from the fleet and has `find(shape)`, the room's number or -1, `take(room, shape)` and
/// `give_back(room, shape)`.
template <class Contender>
class Churn {
public:
    Churn(const Fleet& fleet, std::vector<Placed> tasks)
        : shapes_(fleet.shapes.size()), contender_(fleet), tasks_(std::move(tasks)) {
        for (const Placed& task : tasks_) contender_.take(task.room, task.shape);
    }

    void run(std::size_t steps) {
        for (; steps > 0; --steps) {
            Placed& task = tasks_[chance_.below(tasks_.size())];
            contender_.give_back(task.room, task.shape);
            const std::uint32_t shape = chance_.below(shapes_);
            const std::int64_t room = contender_.find(shape);
            // A refused task stays away, and the one that was to end stays.
            if (room >= 0) task = {static_cast<std::uint32_t>(room), shape};
            contender_.take(task.room, task.shape);
            result_ = result_ * 31 + static_cast<std::uint64_t>(room + 1);
        }
    }

    [[nodiscard]] Contender& contender() { return contender_; }
    /// A fingerprint of the decisions.
    [[nodiscard]] double result() const { return static_cast<double>(result_ >> 11U); }

private:
    std::size_t shapes_;
    Contender contender_;
    std::vector<Placed> tasks_;
    Chance chance_;
    std::uint64_t result_ = 0;
};

}  // namespace fleetsim::bench

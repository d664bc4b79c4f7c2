#pragma once

#include <cstddef>
#include <cstdint>
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

/// Steady churn on a contender: a task chosen at random ends, and one of a service chosen at random is placed.
///
/// A contender is made from the fleet and has `find(shape)`, the room's number or -1, `take(room, shape)` and
/// `give_back(room, shape)`.
template <class Contender>
class Churn {
public:
    explicit Churn(const Fleet& fleet) : fleet_(fleet), contender_(fleet) {
        double total[2] = {0, 0};
        double used[2] = {0, 0};
        for (const Resources& instance : fleet_.instances) {
            for (int row = 0; row < 2; ++row) total[row] += instance[row];
        }
        while (used[0] < load * total[0] && used[1] < load * total[1]) {
            const auto shape = static_cast<std::uint32_t>(random() % fleet_.shapes.size());
            const std::int64_t room = contender_.find(shape);
            if (room < 0) break;
            contender_.take(static_cast<std::uint32_t>(room), shape);
            tasks_.push_back({static_cast<std::uint32_t>(room), shape});
            for (int row = 0; row < 2; ++row) used[row] += fleet_.shapes[shape][row];
        }
    }

    void run(std::size_t steps) {
        for (; steps > 0; --steps) {
            Task& task = tasks_[random() % tasks_.size()];
            contender_.give_back(task.room, task.shape);
            const auto shape = static_cast<std::uint32_t>(random() % fleet_.shapes.size());
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
    static constexpr double load = 0.8;

    struct Task {
        std::uint32_t room;
        std::uint32_t shape;
    };

    /// Cheap, so that little but the contender is timed.
    std::uint32_t random() {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return static_cast<std::uint32_t>(state_ >> 32U);
    }

    const Fleet& fleet_;
    Contender contender_;
    std::vector<Task> tasks_;
    std::uint64_t state_ = 88172645463325252;
    std::uint64_t result_ = 0;
};

}  // namespace fleetsim::bench

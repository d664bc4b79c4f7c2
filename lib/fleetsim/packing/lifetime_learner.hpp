#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::packing {

/// How long things live, learnt while they do: at every age, how many reached it and how many ended there.
///
/// Ages are told apart by octaves from 2^36 ns (69 s) on. Those that still live count at every age they have reached,
/// so that short lives, which are seen to end first, are not mistaken for all lives.
///
/// Source: E. L. Kaplan, P. Meier, "Nonparametric Estimation from Incomplete Observations" (1958), with ages in octaves
/// and ends spread evenly over an octave.
class LifetimeCurve {
public:
    /// Octaves of age; the last one reaches to the latest instant the kernel can hold.
    static constexpr std::size_t octaves = 26;

    [[nodiscard]] static constexpr std::size_t octave_of(des::Duration age) {
        const auto width = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(age.count())));
        return std::min(octaves - 1, static_cast<std::size_t>(std::max(0, width - first_bits)));
    }
    /// The age at which the octave begins.
    [[nodiscard]] static constexpr des::Duration begin_of(std::size_t octave) {
        if (octave == 0) return des::Duration{0};
        return des::Duration{std::int64_t{1} << (static_cast<int>(octave) + first_bits - 1)};
    }

    void reached(std::size_t octave) { ++reached_[octave]; }
    void ended(std::size_t octave) {
        ++ended_[octave];
        ++ends_;
    }
    [[nodiscard]] std::int64_t ends() const { return ends_; }

    /// The time left to one of this age, on average. Beyond the oldest ever seen it is what lasted so long that is
    /// expected to last as long again.
    [[nodiscard]] des::Duration mean_left(des::Duration age) const {
        double left = 0;
        double alive = 1;
        double from = static_cast<double>(age.count());
        for (std::size_t octave = octave_of(age); octave < octaves; ++octave) {
            if (octave + 1 == octaves || reached_[octave] == 0) {
                left += alive * std::max(from, static_cast<double>(begin_of(1).count()));
                break;
            }
            const auto begin = static_cast<double>(begin_of(octave).count());
            const auto end = static_cast<double>(begin_of(octave + 1).count());
            const double share = static_cast<double>(ended_[octave]) / static_cast<double>(reached_[octave]);
            // Of those that reached the octave, what has not ended by `from`, and of these what ends before it is over.
            const double passed = share * (from - begin) / (end - begin);
            const double ending = passed < 1 ? (share - passed) / (1 - passed) : 1;
            left += alive * (end - from) * (1 - ending / 2);
            alive *= 1 - ending;
            from = end;
        }
        const auto most = static_cast<double>((des::latest_time.time_since_epoch() / 4).count());
        return des::Duration{static_cast<std::int64_t>(std::clamp(left, 1.0, most))};
    }

private:
    static constexpr int first_bits = 36;

    std::array<std::int64_t, octaves> reached_{};
    std::array<std::int64_t, octaves> ended_{};
    std::int64_t ends_ = 0;
};

/// Predicts how long tasks will run from nothing but which began, and which have ended so far: for each demand (the
/// flavour of a virtual machine) its own curve, and until enough tasks of that demand have ended, that of all.
///
/// Invariant: every running task is counted at each age it had reached when the learner was last called.
class LifetimeLearner {
public:
    /// Ends of one demand that make its own curve worth more than that of all.
    static constexpr std::int64_t enough_ends = 10;

    void began(std::uint32_t task, const Demand& demand, des::Time now) {
        move_on(now);
        if (running_.size() <= task) running_.resize(task + 1);
        running_[task] = {curve_of(demand), 0, true};
        reach(task, 0, now);
    }

    void ended(std::uint32_t task, des::Time now) {
        move_on(now);
        Running& done = running_[task];
        FLEETSIM_CHECK(done.runs);
        done.runs = false;
        curves_[done.curve].ended(done.octave);
        all_.ended(done.octave);
    }

    /// Nothing as long as nothing has ended.
    [[nodiscard]] std::optional<des::Duration> time_left(const Demand& demand, des::Duration age, des::Time now) {
        move_on(now);
        if (all_.ends() == 0) return std::nullopt;
        const LifetimeCurve& own = curves_[curve_of(demand)];
        return (own.ends() >= enough_ends ? own : all_).mean_left(age);
    }

private:
    struct Running {
        std::size_t curve = 0;
        std::size_t octave = 0;
        bool runs = false;
    };
    struct Reached {
        std::uint32_t task;
        des::Time began;
    };

    [[nodiscard]] std::size_t curve_of(const Demand& demand) {
        const auto [entry, first] = curve_of_.try_emplace(demand, curves_.size());
        if (first) curves_.emplace_back();
        return entry->second;
    }

    void reach(std::uint32_t task, std::size_t octave, des::Time began) {
        Running& running = running_[task];
        running.octave = octave;
        curves_[running.curve].reached(octave);
        all_.reached(octave);
        in_octave_[octave].push_back({task, began});
    }

    /// All tasks take equally long through an octave, so that each octave is a queue. What has ended drops out at its
    /// turn.
    void move_on(des::Time now) {
        for (std::size_t octave = 0; octave + 1 < LifetimeCurve::octaves; ++octave) {
            std::deque<Reached>& queue = in_octave_[octave];
            while (!queue.empty() && queue.front().began + LifetimeCurve::begin_of(octave + 1) <= now) {
                const Reached first = queue.front();
                queue.pop_front();
                if (running_[first.task].runs) reach(first.task, octave + 1, first.began);
            }
        }
    }

    std::map<Demand, std::size_t> curve_of_;
    std::vector<LifetimeCurve> curves_;
    LifetimeCurve all_;
    std::vector<Running> running_;  ///< By task.
    std::array<std::deque<Reached>, LifetimeCurve::octaves> in_octave_;
};

}  // namespace fleetsim::packing

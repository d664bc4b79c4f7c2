#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::ecs {

/// Tasks that one service's scheduler launches in a minute. Left out: in small Regions it is a quarter of it.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas".
inline constexpr std::int32_t service_launches_per_minute = 500;

/// Tasks that one call of RunTask can start.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas".
inline constexpr std::int32_t tasks_per_run_task_call = 10;

/// Size and refill of a token bucket.
struct BucketRate {
    std::int32_t capacity = 1;
    std::int32_t refill_per_second = 1;
};

/// Tasks launched on Fargate by an account in a Region, on demand and on Spot. Left out: small Regions have less.
///
/// Source: Amazon ECS Developer Guide, "AWS Fargate throttling quotas".
inline constexpr BucketRate fargate_on_demand_launches{100, 20};
inline constexpr BucketRate fargate_spot_launches{100, 20};

/// Calls of RunTask that start tasks on Fargate, by an account in a Region.
///
/// Source: Amazon ECS Developer Guide, "AWS Fargate throttling quotas".
inline constexpr BucketRate fargate_run_task_calls{20, 20};

/// Counts what happened within a window that slides with time: what was taken at `t` is free again at `t` + window.
///
/// Time never runs backwards. Memory and the cost of a call grow with the number of different instants within the
/// window, at most the limit.
class SlidingWindow {
public:
    explicit SlidingWindow(std::int32_t limit = service_launches_per_minute,
                           des::Duration window = std::chrono::minutes{1})
        : limit_{limit}, window_{window} {
        FLEETSIM_CHECK(limit > 0 && window > des::Duration{});
    }

    /// How many can be taken at once.
    [[nodiscard]] std::int32_t available(des::Time now) const {
        std::int32_t left = limit_ - taken_;
        for (std::size_t i = 0; i < runs_.size() && expires_at(runs_[i]) <= now; ++i) left += runs_[i].count;
        return left;
    }

    /// Takes that many; no more than are available.
    void take(des::Time now, std::int32_t count) {
        FLEETSIM_CHECK(count >= 0 && (runs_.empty() || runs_.back().at <= now));
        forget_expired(now);
        FLEETSIM_CHECK(count <= limit_ - taken_);
        if (count == 0) return;
        taken_ += count;
        if (!runs_.empty() && runs_.back().at == now) {
            runs_.back().count += count;
        } else {
            runs_.push_back({now, count});
        }
    }

    /// The first moment from now on at which one can be taken.
    [[nodiscard]] des::Time next_available(des::Time now) const {
        return taken_ < limit_ ? now : std::max(now, expires_at(runs_.front()));
    }

private:
    struct Run {
        des::Time at{};
        std::int32_t count = 0;
    };

    [[nodiscard]] des::Time expires_at(const Run& run) const { return run.at + window_; }

    void forget_expired(des::Time now) {
        auto first_kept = runs_.begin();
        for (; first_kept != runs_.end() && expires_at(*first_kept) <= now; ++first_kept) taken_ -= first_kept->count;
        runs_.erase(runs_.begin(), first_kept);
    }

    std::int32_t limit_;
    des::Duration window_;
    std::vector<Run> runs_;   // By time; they add up to taken_.
    std::int32_t taken_ = 0;  // Including what has expired since the last take.
};

/// A bucket that is full at first and refills evenly, exact to the nanosecond: one token of a bucket with `n` a second
/// comes every 1/n s, however often anyone looks. Time never runs backwards.
class TokenBucket {
public:
    explicit TokenBucket(BucketRate rate) : rate_{rate}, level_{full()} {
        FLEETSIM_CHECK(rate.capacity > 0 && rate.refill_per_second > 0);
    }

    /// Whole tokens that can be taken at once.
    [[nodiscard]] std::int32_t available(des::Time now) const { return static_cast<std::int32_t>(level(now) / token); }

    /// Takes that many; no more than are available.
    void take(des::Time now, std::int32_t count) {
        FLEETSIM_CHECK(count >= 0 && count <= available(now));
        level_ = level(now) - count * token;
        at_ = now;
    }

    /// The first moment from now on at which one can be taken.
    [[nodiscard]] des::Time next_available(des::Time now) const { return now + time_to_gain(token - level(now)); }

private:
    // A billionth of a token is what one nanosecond brings at one token a second, so levels are whole numbers.
    static constexpr std::int64_t token = 1'000'000'000;

    [[nodiscard]] std::int64_t full() const { return rate_.capacity * token; }

    [[nodiscard]] des::Duration time_to_gain(std::int64_t missing) const {
        return des::Duration{(std::max<std::int64_t>(0, missing) + rate_.refill_per_second - 1) /
                             rate_.refill_per_second};
    }

    [[nodiscard]] std::int64_t level(des::Time now) const {
        FLEETSIM_CHECK(now >= at_);
        // Compared before it is multiplied: a long pause would be too much for 64 bits.
        if (now - at_ >= time_to_gain(full() - level_)) return full();
        return level_ + (now - at_).count() * rate_.refill_per_second;
    }

    BucketRate rate_;
    std::int64_t level_;
    des::Time at_{};
};

}  // namespace fleetsim::ecs

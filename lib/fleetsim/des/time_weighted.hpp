#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/wide_integer.hpp>

namespace fleetsim::des {

/// A value that holds from one instant to the next, with its average over time. A value that was replaced at the very
/// instant it was set never held, and counts neither for the minimum nor for the maximum.
template <class Value>
requires std::same_as<Value, std::int64_t> || std::same_as<Value, double>
class BasicTimeWeighted {
public:
    explicit BasicTimeWeighted(Time start = Time{}, Value value = 0) : start_(start), last_(start), value_(value) {}

    /// `now` never lies before an earlier call's.
    void set(Time now, Value value) {
        advance(now);
        value_ = value;
    }

    void add(Time now, Value delta) { set(now, value_ + delta); }

    [[nodiscard]] Value value() const { return value_; }

    /// Value × seconds since the start.
    [[nodiscard]] double integral(Time now) const { return static_cast<double>(value_nanoseconds(now)) / 1e9; }

    /// Average since the start; the value itself when no time has passed.
    [[nodiscard]] double mean(Time now) const {
        if (now == start_) return static_cast<double>(value_);
        return static_cast<double>(value_nanoseconds(now)) / static_cast<double>((now - start_).count());
    }

    [[nodiscard]] Value min() const { return std::min(min_, value_); }
    [[nodiscard]] Value max() const { return std::max(max_, value_); }

    /// Forgets the past and keeps the value: the end of a warm-up.
    void restart(Time now) {
        FLEETSIM_CHECK(now >= last_);
        *this = BasicTimeWeighted{now, value_};
    }

private:
    // A sum of integers stays exact: 2^63 values over 2^61 ns fit in 128 bits.
    using Sum = std::conditional_t<std::same_as<Value, double>, double, Int128>;

    [[nodiscard]] Sum value_nanoseconds(Time now) const {
        FLEETSIM_CHECK(now >= last_);
        return sum_ + static_cast<Sum>(value_) * static_cast<Sum>((now - last_).count());
    }

    void advance(Time now) {
        sum_ = value_nanoseconds(now);
        if (now == last_) return;
        min_ = min();
        max_ = max();
        last_ = now;
    }

    Time start_;
    Time last_;
    Value value_;
    Value min_ = std::numeric_limits<Value>::max();
    Value max_ = std::numeric_limits<Value>::lowest();
    Sum sum_ = 0;
};

/// Counts: tasks, instances, requests in flight. Its integral is exact.
using TimeWeighted = BasicTimeWeighted<std::int64_t>;

/// Measures: a utilisation, a rate.
using TimeWeightedReal = BasicTimeWeighted<double>;

}  // namespace fleetsim::des

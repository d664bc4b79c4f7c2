#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <ratio>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::scaling {

/// Time that one datapoint covers.
inline constexpr des::Duration metric_period = std::chrono::seconds{60};

/// Time from the end of a datapoint's period until alarms can see it. AWS publishes no figures; these are assumptions
/// of the model.
inline constexpr des::Duration ecs_publication_delay = std::chrono::seconds{20};
inline constexpr des::Duration alb_publication_delay = std::chrono::seconds{60};

/// A datapoint is stamped with the start of its minute.
struct Datapoint {
    des::Time period_start;
    double value = 0;
};

/// The recent one-minute datapoints of one metric. Minutes without a datapoint stay missing.
///
/// Source: Amazon CloudWatch User Guide, "CloudWatch metrics concepts".
class MetricSeries {
public:
    /// Minutes kept; older datapoints are forgotten.
    static constexpr std::int64_t kept = 32;

    explicit MetricSeries(des::Duration publication_delay) : publication_delay_{publication_delay} {
        FLEETSIM_CHECK(publication_delay >= des::Duration::zero());
        kept_.fill(Kept{nothing_yet, 0});
    }

    /// Records the value of the minute that began at `period_start`: a whole minute, later than all before it. May be
    /// called as soon as the minute is over: the series itself holds the value back.
    void publish(des::Time period_start, double value) {
        const des::Duration since_start = period_start.time_since_epoch();
        const std::int64_t minute = since_start / metric_period;
        FLEETSIM_CHECK(since_start % metric_period == des::Duration::zero() && minute > newest_minute_);
        FLEETSIM_CHECK(std::isfinite(value));
        newest_minute_ = minute;
        kept_[place(minute)] = Kept{minute, value};
    }

    /// The newest datapoint that can be seen at `now`, however old it is among those kept.
    [[nodiscard]] std::optional<Datapoint> newest_visible(des::Time now) const {
        const std::int64_t newest = newest_visible_minute(now);
        for (std::int64_t minute = newest; minute > newest - kept && minute >= 0; --minute) {
            if (const auto value = at(minute)) return Datapoint{des::Time{minute * metric_period}, *value};
        }
        return std::nullopt;
    }

    /// The newest `count` minutes whose datapoints could be seen at `now`, oldest first.
    [[nodiscard]] std::vector<std::optional<double>> slots(des::Time now, std::size_t count) const {
        const std::int64_t newest = newest_visible_minute(now);
        const std::int64_t oldest = newest + 1 - static_cast<std::int64_t>(count);
        FLEETSIM_CHECK(oldest > newest_minute_ - kept);
        std::vector<std::optional<double>> result;
        result.reserve(count);
        for (std::int64_t minute = oldest; minute <= newest; ++minute) result.push_back(at(minute));
        return result;
    }

private:
    struct Kept {
        std::int64_t minute;
        double value;
    };
    static constexpr std::int64_t nothing_yet = -1;

    [[nodiscard]] static std::size_t place(std::int64_t minute) { return static_cast<std::size_t>(minute % kept); }

    [[nodiscard]] std::optional<double> at(std::int64_t minute) const {
        if (minute < 0 || kept_[place(minute)].minute != minute) return std::nullopt;
        return kept_[place(minute)].value;
    }

    /// Negative while not even the first minute can be seen.
    [[nodiscard]] std::int64_t newest_visible_minute(des::Time now) const {
        using Minutes = std::chrono::duration<std::int64_t, std::ratio<60>>;
        return std::chrono::floor<Minutes>(now.time_since_epoch() - publication_delay_).count() - 1;
    }

    des::Duration publication_delay_;
    std::int64_t newest_minute_ = nothing_yet;
    std::array<Kept, static_cast<std::size_t>(kept)> kept_{};
};

}  // namespace fleetsim::scaling

#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/scaling/statistic.hpp>

namespace fleetsim::scaling {

/// Time that one datapoint of most metrics covers.
inline constexpr des::Duration metric_period = std::chrono::seconds{60};

/// Time that one datapoint of an instance covers if it has no detailed monitoring.
///
/// Source: Amazon EC2 User Guide, "Manage detailed monitoring for your EC2 instances".
inline constexpr des::Duration basic_monitoring_period = std::chrono::seconds{300};

/// Time from the end of a datapoint's period until alarms can see it. AWS publishes no figures; these are assumptions
/// of the model.
inline constexpr des::Duration ecs_publication_delay = std::chrono::seconds{20};
inline constexpr des::Duration alb_publication_delay = std::chrono::seconds{60};
inline constexpr des::Duration ec2_publication_delay = std::chrono::seconds{60};
inline constexpr des::Duration custom_publication_delay = std::chrono::seconds{5};

struct MetricSettings {
    des::Duration resolution = metric_period;  ///< Time that one datapoint covers: 1 s to 300 s.
    des::Duration publication_delay{};         ///< From the end of that time until alarms can see the datapoint.
};

/// A datapoint is stamped with the start of its period.
struct Datapoint {
    des::Time period_start;
    double value = 0;
};

/// The recent datapoints of one metric, as an alarm asks for them: in slots of the alarm's period, of which the newest
/// ends at the last whole minute whose data can have arrived (at the last 10 seconds, for periods below a minute).
/// Slots longer than that slide: five-minute slots are seen anew every minute, and overlap.
///
/// A datapoint lies in the slot that holds its stamp, and is seen once its period and the publication delay are over.
/// Slots without a datapoint are missing. So five-minute datapoints in one-minute slots are four minutes old when they
/// are first seen, and four of five slots are always missing.
///
/// Source: Amazon CloudWatch User Guide, "CloudWatch metrics concepts" and "Alarm evaluation". Where the newest slot
/// ends is our assumption, like the publication delay. Left out: units, of which each metric here has one.
class MetricSeries {
public:
    /// Every series can be asked for that much of the past.
    static constexpr des::Duration shortest_look_back = std::chrono::minutes{40};

    explicit MetricSeries(const MetricSettings& settings) : settings_{settings} {
        using std::chrono::seconds;
        FLEETSIM_CHECK(settings.resolution >= seconds{1} && settings.resolution <= seconds{300});
        FLEETSIM_CHECK(settings.publication_delay >= des::Duration::zero());
    }

    /// From now on the series can be asked for slots that together are so long. Never takes back an earlier wish. To be
    /// told before there are datapoints: those that are forgotten do not come back.
    void look_back(des::Duration time) { look_back_ = std::max(look_back_, time); }

    /// Records the samples of the period that began at `period_start`: a multiple of the resolution, later than all
    /// before it. May be called as soon as the period is over: the series itself holds the datapoint back. Without
    /// samples there is no datapoint.
    void publish(des::Time period_start, const StatisticSet& samples) {
        FLEETSIM_CHECK(period_start.time_since_epoch() % settings_.resolution == des::Duration::zero());
        FLEETSIM_CHECK(points_.empty() || period_start > points_.back().period_start);
        FLEETSIM_CHECK(std::isfinite(samples.sum()));
        if (samples.empty()) return;
        points_.push_back({period_start, samples});
        forget();
    }

    /// Records a period with one sample.
    void publish(des::Time period_start, double value) { publish(period_start, StatisticSet::of(value)); }

    /// The newest `count` slots whose datapoints could be seen at `now`, oldest first.
    [[nodiscard]] std::vector<std::optional<double>> slots(des::Time now, des::Duration period,
                                                           const Statistic& statistic, std::size_t count) const {
        FLEETSIM_CHECK(period > des::Duration::zero());
        FLEETSIM_CHECK(count <= static_cast<std::size_t>(look_back_ / period));
        std::vector<std::optional<double>> result(count);
        des::Time slot_start = newest_slot_end(now, period);
        FLEETSIM_CHECK(slot_start - static_cast<std::int64_t>(count) * period > newest_forgotten_);
        auto point = newest_point_before(slot_start, now);
        for (std::size_t age = 1; age <= count; ++age) {
            slot_start -= period;
            const StatisticSet samples = take_slot(point, slot_start);
            if (!samples.empty()) result[count - age] = samples.value(statistic);
        }
        return result;
    }

    /// The newest slot with a datapoint that can be seen at `now`, however old it is among those kept.
    [[nodiscard]] std::optional<Datapoint> newest_visible(des::Time now, des::Duration period,
                                                          const Statistic& statistic) const {
        FLEETSIM_CHECK(period > des::Duration::zero() && period <= look_back_);
        const des::Time end = newest_slot_end(now, period);
        auto point = newest_point_before(end, now);
        if (point == points_.rend()) return std::nullopt;
        const std::int64_t age = (end - point->period_start + period - des::Duration{1}) / period;
        if (age > look_back_ / period) return std::nullopt;
        const des::Time slot_start = end - age * period;
        return Datapoint{slot_start, take_slot(point, slot_start).value(statistic)};
    }

private:
    struct Point {
        des::Time period_start;
        StatisticSet samples;
    };
    using Points = std::deque<Point>;

    static constexpr des::Duration widest_grid = std::chrono::seconds{60};

    [[nodiscard]] des::Time newest_slot_end(des::Time now, des::Duration period) const {
        using std::chrono::seconds;
        const des::Duration grid = period < widest_grid ? des::Duration{seconds{10}} : widest_grid;
        const des::Duration arrived = now.time_since_epoch() - settings_.publication_delay;
        const des::Duration since_grid = arrived % grid;
        const bool before_grid = since_grid < des::Duration::zero();
        return des::Time{arrived - since_grid - (before_grid ? grid : des::Duration::zero())};
    }

    [[nodiscard]] Points::const_reverse_iterator newest_point_before(des::Time slots_end, des::Time now) const {
        const des::Time newest_visible = now - settings_.publication_delay - settings_.resolution;
        return std::find_if(points_.rbegin(), points_.rend(), [&](const Point& point) {
            return point.period_start < slots_end && point.period_start <= newest_visible;
        });
    }

    /// Takes what lies in the slot together. Iteration goes on behind it, towards older ones.
    [[nodiscard]] StatisticSet take_slot(Points::const_reverse_iterator& point, des::Time slot_start) const {
        StatisticSet samples;
        for (; point != points_.rend() && point->period_start >= slot_start; ++point) samples.merge(point->samples);
        return samples;
    }

    /// Forgets what no question can reach that is asked when the newest datapoint's period is over, or later.
    void forget() {
        const des::Time reach = points_.back().period_start - (look_back_ + settings_.publication_delay + widest_grid);
        for (; points_.front().period_start < reach; points_.pop_front()) {
            newest_forgotten_ = points_.front().period_start;
        }
    }

    MetricSettings settings_;
    des::Duration look_back_ = shortest_look_back;
    des::Time newest_forgotten_ = des::Time::min();
    Points points_;  ///< In order of time.
};

}  // namespace fleetsim::scaling

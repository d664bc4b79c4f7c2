#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

namespace fleetsim::traffic {

/// A smooth daily rise and fall, the same every day.
struct DailyWave {
    double mean_per_second = 0;         ///< Over any 24 hours.
    double peak_per_second = 0;         ///< At least the mean.
    des::Duration peak_time_of_day{};   ///< From midnight, below 24 hours.
    des::Duration start_time_of_day{};  ///< When the scenario begins.
    des::Duration duration{};           ///< Of the profile, above zero.
};

namespace detail {

inline constexpr des::Duration day = std::chrono::hours{24};
inline constexpr des::Duration wave_spacing = std::chrono::minutes{5};
inline constexpr std::size_t wave_knots = static_cast<std::size_t>(day / wave_spacing);

using WaveShape = std::array<double, wave_knots>;

/// A bell on a circle with its top of 1 at knot 0: the higher `concentration`, the narrower.
[[nodiscard]] inline WaveShape bell(double concentration) {
    WaveShape shape{};
    for (std::size_t i = 0; i < wave_knots; ++i) {
        const double angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(wave_knots);
        shape[i] = std::exp(concentration * (std::cos(angle) - 1));
    }
    return shape;
}

[[nodiscard]] inline double mean(const WaveShape& shape) {
    double sum = 0;
    for (const double value : shape) sum += value;
    return sum / static_cast<double>(wave_knots);
}

/// The bell whose mean is that share of its top, between 1 / `wave_knots` and 1. Its lines from knot to knot have the
/// mean of its knots, so solving for the knots leaves no error of discretisation.
[[nodiscard]] inline WaveShape bell_with_mean(double share) {
    // At the upper limit the neighbours of the top have vanished, so the solution always lies between the two; 200
    // halvings leave two neighbouring numbers.
    double wide = 0;
    double narrow = 1e6;
    for (int halving = 0; halving < 200; ++halving) {
        const double middle = (wide + narrow) / 2;
        (mean(bell(middle)) > share ? wide : narrow) = middle;
    }
    return bell(wide);
}

/// One day of the wave, from peak to peak: knots at times since the peak.
[[nodiscard]] inline std::vector<Knot> day_of(const DailyWave& wave) {
    const double share = wave.mean_per_second / wave.peak_per_second;
    std::vector<Knot> knots;
    if (share * static_cast<double>(wave_knots) > 1) {
        const WaveShape shape = bell_with_mean(share);
        for (std::size_t i = 0; i < wave_knots; ++i) {
            knots.push_back({wave_spacing * static_cast<std::int64_t>(i), wave.peak_per_second * shape[i]});
        }
    } else {
        // Narrower than the knots are apart, all that is left of a bell is a triangle of the right area.
        const des::Duration half_width = std::max(des::from_seconds(share * des::seconds(day)), des::Duration{1});
        knots = {{des::Duration::zero(), wave.peak_per_second}, {half_width, 0}, {day - half_width, 0}};
    }
    knots.push_back({day, wave.peak_per_second});
    return knots;
}

[[nodiscard]] inline double on_line(const Knot& left, const Knot& right, des::Duration at) {
    return std::lerp(left.per_second, right.per_second, des::seconds(at - left.at) / des::seconds(right.at - left.at));
}

}  // namespace detail

/// A daily wave with exactly the mean and the peak that are asked for: exp(k (cos(2 pi t / 24 h) - 1)) for a time t
/// since the peak, with the k that gives the mean, in straight lines of five minutes. A mean of zero has no wave at
/// all.
///
/// It is the density of von Mises, the bell curve of the circle; a model, not a measurement of any site.
[[nodiscard]] inline RateProfile diurnal(const DailyWave& wave) {
    FLEETSIM_CHECK(wave.mean_per_second >= 0 && wave.peak_per_second >= wave.mean_per_second);
    FLEETSIM_CHECK(wave.duration > des::Duration::zero());
    if (wave.mean_per_second == 0) return constant(0, wave.duration);

    const std::vector<Knot> day = detail::day_of(wave);
    des::Duration last_peak = (wave.peak_time_of_day - wave.start_time_of_day) % detail::day;
    if (last_peak > des::Duration::zero()) last_peak -= detail::day;

    std::vector<RatePiece> pieces;
    for (des::Duration peak = last_peak; peak < wave.duration; peak += detail::day) {
        for (std::size_t i = 0; i + 1 < day.size(); ++i) {
            const Knot left{peak + day[i].at, day[i].per_second};
            const Knot right{peak + day[i + 1].at, day[i + 1].per_second};
            // The scenario may begin and end between two knots.
            const des::Duration first = std::max(left.at, des::Duration::zero());
            const des::Duration last = std::min(right.at, wave.duration);
            if (first < last)
                pieces.push_back({first, detail::on_line(left, right, first), detail::on_line(left, right, last)});
        }
    }
    return {std::move(pieces), wave.duration};
}

}  // namespace fleetsim::traffic

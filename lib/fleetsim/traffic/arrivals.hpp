#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/traffic/rate_profile.hpp>

namespace fleetsim::traffic {

/// Requests that arrive independently of one another, as many a second as a profile says: a Poisson process whose rate
/// varies, exactly and without rejecting any draw. Seen on a clock that runs at the profile's rate, the gaps between
/// arrivals are exponential with mean 1; gap `k` is draw `k` of the stream, so a change of rate moves the arrivals but
/// deals no new numbers.
///
/// Source: Cinlar, "Introduction to Stochastic Processes" (1975), inversion of the cumulative rate.
class PoissonArrivals {
public:
    PoissonArrivals(RateProfile profile, des::Stream stream) : profile_(std::move(profile)), stream_(stream) {}

    /// The next arrival: never before the one before it, always before the profile's end. None when the profile has no
    /// more to give, and then none for ever.
    [[nodiscard]] std::optional<des::Time> next() {
        double gap = -std::log1p(-stream_.unit(count_));
        for (; piece_ < profile_.pieces().size(); enter(piece_ + 1)) {
            const RatePiece& piece = profile_.pieces()[piece_];
            const des::Duration piece_end = profile_.end_of(piece_);
            const double slope =
                (piece.until_per_second - piece.from_per_second) / des::seconds(piece_end - piece.start);
            const double rate = std::max(
                piece.from_per_second + slope * (des::seconds(whole_ - piece.start) + fraction_ns_ * 1e-9), 0.0);
            const double seconds_left = (static_cast<double>((piece_end - whole_).count()) - fraction_ns_) * 1e-9;
            const double left = (rate + piece.until_per_second) / 2 * seconds_left;
            if (gap < left) {
                // Solves rate x + slope x^2 / 2 = gap in the form that loses no digits when the slope is small.
                const double rate_then = std::sqrt(std::max(rate * rate + 2 * slope * gap, 0.0));
                advance(2 * gap / (rate + rate_then), piece_end);
                ++count_;
                return des::Time{whole_};
            }
            gap -= left;
        }
        return std::nullopt;
    }

    /// Arrivals so far: the number of the one that `next` returns next.
    [[nodiscard]] std::uint64_t count() const { return count_; }

private:
    void enter(std::size_t piece) {
        piece_ = piece;
        if (piece_ < profile_.pieces().size()) whole_ = profile_.pieces()[piece_].start;
        fraction_ns_ = 0;
    }

    void advance(double seconds, des::Duration piece_end) {
        const double nanoseconds = fraction_ns_ + seconds * 1e9;
        const double whole = std::floor(nanoseconds);
        whole_ += des::Duration{static_cast<std::int64_t>(whole)};
        fraction_ns_ = nanoseconds - whole;
        if (whole_ < piece_end) return;
        // Rounding only: the arrival belongs to this piece.
        whole_ = piece_end - des::Duration{1};
        fraction_ns_ = 0;
    }

    RateProfile profile_;
    des::Stream stream_;
    std::uint64_t count_ = 0;
    std::size_t piece_ = 0;
    // Where the last arrival was: a double alone would lose nanoseconds after a few weeks.
    des::Duration whole_{};
    double fraction_ns_ = 0;
};

}  // namespace fleetsim::traffic

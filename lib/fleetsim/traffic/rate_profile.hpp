#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::traffic {

/// A stretch of time in which a rate changes in a straight line; it lasts until the next one starts.
struct RatePiece {
    des::Duration start{};        ///< Since the scenario began.
    double from_per_second = 0;   ///< At its start.
    double until_per_second = 0;  ///< Where it ends; the next one may start elsewhere.
    friend bool operator==(const RatePiece&, const RatePiece&) = default;
};

/// How many requests a second are to be expected, over the time since the scenario began: straight lines, with jumps
/// allowed between them, and nothing from `end()` on. A profile that was not given any is always zero.
///
/// The pieces follow one another from time 0 without a gap, each lasts at least a nanosecond, and no rate is negative.
class RateProfile {
public:
    RateProfile() = default;

    /// The last piece lasts until `end`.
    RateProfile(std::vector<RatePiece> pieces, des::Duration end) : pieces_(std::move(pieces)), end_(end) {
        FLEETSIM_CHECK(pieces_.empty() ? end_ == des::Duration::zero()
                                       : pieces_.front().start == des::Duration::zero());
        before_.reserve(pieces_.size());
        double total = 0;
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            const RatePiece& piece = pieces_[i];
            FLEETSIM_CHECK(piece.start < end_of(i));
            FLEETSIM_CHECK(piece.from_per_second >= 0 && std::isfinite(piece.from_per_second));
            FLEETSIM_CHECK(piece.until_per_second >= 0 && std::isfinite(piece.until_per_second));
            before_.push_back(total);
            total += mean_of(i) * des::seconds(end_of(i) - piece.start);
        }
    }

    [[nodiscard]] std::span<const RatePiece> pieces() const { return pieces_; }
    [[nodiscard]] des::Duration end() const { return end_; }
    [[nodiscard]] des::Duration end_of(std::size_t piece) const {
        return piece + 1 < pieces_.size() ? pieces_[piece + 1].start : end_;
    }

    /// The highest rate it ever reaches.
    [[nodiscard]] double peak() const {
        double highest = 0;
        for (const RatePiece& piece : pieces_) {
            highest = std::max({highest, piece.from_per_second, piece.until_per_second});
        }
        return highest;
    }

    /// Requests a second at that instant; where the rate jumps, already the later one.
    [[nodiscard]] double rate(des::Time at) const {
        const des::Duration time = at.time_since_epoch();
        if (time < des::Duration::zero() || time >= end_) return 0;
        return rate_in(piece_at(time), time);
    }

    /// Requests to be expected from one instant until another: the exact area under the lines. Zero when there is no
    /// time between them.
    [[nodiscard]] double expected(des::Time from, des::Time until) const {
        const des::Duration first = std::max(from.time_since_epoch(), des::Duration::zero());
        const des::Duration last = std::min(until.time_since_epoch(), end_);
        if (first >= last) return 0;
        const std::size_t opening = piece_at(first);
        const std::size_t closing = piece_at(last);
        if (opening == closing) return within(opening, first, last);
        return within(opening, first, end_of(opening)) + (before_[closing] - before_[opening + 1]) +
               within(closing, pieces_[closing].start, last);
    }

    /// The same shape with every rate multiplied.
    [[nodiscard]] RateProfile scaled(double factor) const {
        std::vector<RatePiece> pieces = pieces_;
        for (RatePiece& piece : pieces) {
            piece.from_per_second *= factor;
            piece.until_per_second *= factor;
        }
        return {std::move(pieces), end_};
    }

    friend bool operator==(const RateProfile&, const RateProfile&) = default;

private:
    [[nodiscard]] double mean_of(std::size_t piece) const {
        return (pieces_[piece].from_per_second + pieces_[piece].until_per_second) / 2;
    }

    // The piece that covers an instant before the end; the last one for the end itself.
    [[nodiscard]] std::size_t piece_at(des::Duration time) const {
        const auto next = std::upper_bound(pieces_.begin(), pieces_.end(), time,
                                           [](des::Duration at, const RatePiece& piece) { return at < piece.start; });
        return static_cast<std::size_t>(next - pieces_.begin()) - 1;
    }

    [[nodiscard]] double rate_in(std::size_t piece, des::Duration time) const {
        const auto& [start, from, until] = pieces_[piece];
        return std::lerp(from, until, des::seconds(time - start) / des::seconds(end_of(piece) - start));
    }

    [[nodiscard]] double within(std::size_t piece, des::Duration first, des::Duration last) const {
        return (rate_in(piece, first) + rate_in(piece, last)) / 2 * des::seconds(last - first);
    }

    std::vector<RatePiece> pieces_;
    std::vector<double> before_;  // Requests expected before each piece starts.
    des::Duration end_{};
};

/// The rate at an instant, of a piecewise linear profile.
struct Knot {
    des::Duration at{};
    double per_second = 0;
};

/// The rate from an instant on, of a profile that changes in steps.
struct Step {
    des::Duration at{};
    double per_second = 0;
};

/// Longer than any simulation.
inline constexpr des::Duration for_ever = des::latest_time.time_since_epoch();

/// The same rate until `end`, which lies after 0.
[[nodiscard]] inline RateProfile constant(double per_second, des::Duration end = for_ever) {
    return {{{des::Duration::zero(), per_second, per_second}}, end};
}

/// Straight lines from knot to knot; zero before the first, and the last value holds on until `end`, which does not
/// lie before it. Knots are in order; of two at the same instant the line arrives at the first and goes on from the
/// second, a jump.
[[nodiscard]] inline RateProfile piecewise_linear(const std::vector<Knot>& knots, des::Duration end = for_ever) {
    if (knots.empty()) return {};
    FLEETSIM_CHECK(knots.front().at >= des::Duration::zero());
    std::vector<RatePiece> pieces;
    if (knots.front().at > des::Duration::zero()) pieces.push_back({});
    for (std::size_t i = 0; i + 1 < knots.size(); ++i) {
        FLEETSIM_CHECK(knots[i].at <= knots[i + 1].at);
        if (knots[i].at == knots[i + 1].at) continue;
        pieces.push_back({knots[i].at, knots[i].per_second, knots[i + 1].per_second});
    }
    if (knots.back().at != end) pieces.push_back({knots.back().at, knots.back().per_second, knots.back().per_second});
    return {std::move(pieces), end};
}

/// Each rate holds until the next step, the last one until `end`, which lies after it; zero before the first. Steps are
/// in order, each at an instant of its own.
[[nodiscard]] inline RateProfile steps(const std::vector<Step>& changes, des::Duration end = for_ever) {
    if (changes.empty()) return {};
    FLEETSIM_CHECK(changes.front().at >= des::Duration::zero());
    std::vector<RatePiece> pieces;
    pieces.reserve(changes.size() + 1);
    if (changes.front().at > des::Duration::zero()) pieces.push_back({});
    for (const Step& step : changes) pieces.push_back({step.at, step.per_second, step.per_second});
    return {std::move(pieces), end};
}

}  // namespace fleetsim::traffic

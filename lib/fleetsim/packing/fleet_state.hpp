#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/fleet_cover.hpp>

namespace fleetsim::packing {

/// A plan in the making: instances, what is on them, and what is not placed yet.
///
/// Invariant: what is on instances and what is left add up to the demand; room left is never negative; and the zones
/// can still be brought into balance by placing what is left.
class FleetState {
public:
    explicit FleetState(const FleetCover& cover)
        : cover_(&cover),
          left_(cover.problem.demand),
          in_zone_(cover.problem.kinds() * static_cast<std::size_t>(cover.zones), 0) {}

    [[nodiscard]] std::size_t hosts() const { return containers_.size(); }
    [[nodiscard]] std::uint32_t container(std::size_t host) const { return containers_[host]; }
    [[nodiscard]] std::int32_t zone(std::size_t host) const { return zones_[host]; }
    [[nodiscard]] std::int64_t left(std::size_t kind) const { return left_[kind]; }
    [[nodiscard]] std::int64_t price() const { return price_; }
    [[nodiscard]] bool complete() const {
        return std::all_of(left_.begin(), left_.end(), [](std::int64_t left) { return left == 0; });
    }
    [[nodiscard]] std::span<const std::int64_t> room(std::size_t host) const {
        return {room_.data() + host * dimensions(), dimensions()};
    }
    [[nodiscard]] std::span<const std::int32_t> counts(std::size_t host) const {
        return {counts_.data() + host * kinds(), kinds()};
    }

    /// How many more of the kind the zone may get.
    [[nodiscard]] std::int64_t open(std::size_t kind, std::int32_t zone) const {
        if (!cover_->spread[kind]) return left_[kind];
        const std::int64_t share = problem().demand[kind] / cover_->zones;
        const std::int64_t surplus = problem().demand[kind] % cover_->zones;
        std::int64_t above = 0;
        for (std::int32_t other = 0; other < cover_->zones; ++other) above += in_zone(kind, other) > share ? 1 : 0;
        const std::int64_t there = in_zone(kind, zone);
        if (there > share) return 0;
        return std::min(left_[kind], share - there + (above < surplus ? 1 : 0));
    }

    /// How many more of the kind fit on the host, whatever the zone.
    [[nodiscard]] std::int64_t fitting(std::size_t kind, std::size_t host) const {
        std::int64_t most = problem().containers[containers_[host]].most[kind] - counts(host)[kind];
        const auto free = room(host);
        for (std::size_t h = 0; h < free.size() && most > 0; ++h) {
            const std::int64_t size = problem().sizes[kind * free.size() + h];
            if (size > 0) most = std::min(most, free[h] / size);
        }
        return most;
    }

    std::size_t add_host(std::uint32_t container, std::int32_t zone) {
        const auto& capacity = problem().containers[container].capacity;
        containers_.push_back(container);
        zones_.push_back(zone);
        room_.insert(room_.end(), capacity.begin(), capacity.end());
        counts_.resize(counts_.size() + kinds(), 0);
        price_ += problem().containers[container].price;
        return containers_.size() - 1;
    }

    /// The host's tasks are left again; the last host takes its place.
    void remove_host(std::size_t host) {
        for (std::size_t kind = 0; kind < kinds(); ++kind) {
            if (counts(host)[kind] > 0) put(kind, host, -counts(host)[kind]);
        }
        price_ -= problem().containers[containers_[host]].price;
        const std::size_t last = containers_.size() - 1;
        containers_[host] = containers_[last];
        zones_[host] = zones_[last];
        std::copy_n(room_.begin() + offset(last, dimensions()), dimensions(),
                    room_.begin() + offset(host, dimensions()));
        std::copy_n(counts_.begin() + offset(last, kinds()), kinds(), counts_.begin() + offset(host, kinds()));
        containers_.pop_back();
        zones_.pop_back();
        room_.resize(last * dimensions());
        counts_.resize(last * kinds());
    }

    /// Places so many of the kind on the host; a negative number takes them away.
    void put(std::size_t kind, std::size_t host, std::int64_t count) {
        for (std::size_t h = 0; h < dimensions(); ++h) {
            std::int64_t& free = room_[host * dimensions() + h];
            free -= problem().sizes[kind * dimensions() + h] * count;
            FLEETSIM_CHECK(free >= 0);
        }
        left_[kind] -= count;
        FLEETSIM_CHECK(left_[kind] >= 0);
        in_zone_[kind * zones() + static_cast<std::size_t>(zones_[host])] += count;
        counts_[host * kinds() + kind] += static_cast<std::int32_t>(count);
    }

    /// Puts as many as fit and may be there; gives how many.
    std::int64_t fill(std::size_t kind, std::size_t host) {
        const std::int64_t count = std::min(open(kind, zones_[host]), fitting(kind, host));
        if (count > 0) put(kind, host, count);
        return std::max<std::int64_t>(count, 0);
    }

    /// The host as another type, which must hold what is on it.
    void retype(std::size_t host, std::uint32_t container) {
        const auto& before = problem().containers[containers_[host]];
        const auto& after = problem().containers[container];
        for (std::size_t h = 0; h < dimensions(); ++h) {
            std::int64_t& free = room_[host * dimensions() + h];
            free += after.capacity[h] - before.capacity[h];
            FLEETSIM_CHECK(free >= 0);
        }
        price_ += after.price - before.price;
        containers_[host] = container;
    }

    /// Whether what is on the host would fit on another type.
    [[nodiscard]] bool would_fit(std::size_t host, std::uint32_t container) const {
        const auto& before = problem().containers[containers_[host]];
        const auto& after = problem().containers[container];
        for (std::size_t h = 0; h < dimensions(); ++h) {
            if (room(host)[h] + after.capacity[h] < before.capacity[h]) return false;
        }
        for (std::size_t kind = 0; kind < kinds(); ++kind) {
            if (counts(host)[kind] > after.most[kind]) return false;
        }
        return true;
    }

    [[nodiscard]] CoverPlan plan() const {
        CoverPlan plan;
        for (std::size_t host = 0; host < hosts(); ++host) {
            plan.push_back({containers_[host], zones_[host], {}});
            for (std::uint32_t kind = 0; kind < kinds(); ++kind) {
                const std::int32_t count = counts(host)[kind];
                if (count > 0) plan.back().tasks.push_back({kind, count});
            }
        }
        return plan;
    }

private:
    [[nodiscard]] const CoverProblem& problem() const { return cover_->problem; }
    [[nodiscard]] std::size_t kinds() const { return problem().kinds(); }
    [[nodiscard]] std::size_t dimensions() const { return problem().dimensions(); }
    [[nodiscard]] std::size_t zones() const { return static_cast<std::size_t>(cover_->zones); }
    [[nodiscard]] std::int64_t in_zone(std::size_t kind, std::int32_t zone) const {
        return in_zone_[kind * zones() + static_cast<std::size_t>(zone)];
    }
    [[nodiscard]] static std::ptrdiff_t offset(std::size_t host, std::size_t each) {
        return static_cast<std::ptrdiff_t>(host * each);
    }

    const FleetCover* cover_;
    std::vector<std::int64_t> left_;     ///< By kind.
    std::vector<std::int64_t> in_zone_;  ///< By kind, then by zone.
    std::vector<std::uint32_t> containers_;
    std::vector<std::int32_t> zones_;
    std::vector<std::int64_t> room_;    ///< By host, then by dimension.
    std::vector<std::int32_t> counts_;  ///< By host, then by kind.
    std::int64_t price_ = 0;
};

}  // namespace fleetsim::packing

#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::des {

/// A slot in a pool that is used again, and which of its tenants is meant. `Tag` tells the references of one pool from
/// those of another.
template <class Tag>
struct SlotRef {
    std::uint32_t slot = UINT32_MAX;
    std::uint32_t generation = 0;
    friend bool operator==(SlotRef, SlotRef) = default;
};

/// Whoever may leave before an event that concerns them: requests, users, timers of any delay. The event carries the
/// tenant's reference; once the tenant has left, the reference is stale, `find` returns null and the event is ignored.
/// So cancelling costs one increment, whatever is pending. `Ref` is a `SlotRef`; its generation repeats after 2^31
/// tenants of one slot.
///
/// Allocates only while the number of tenants grows. Timers that share one delay are cheaper in a `TimerLane`.
template <class Tenant, class Ref>
class SlotPool {
public:
    Ref add(Tenant tenant) {
        if (free_.empty()) grow();
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        tenants_[slot] = std::move(tenant);
        return Ref{slot, ++generations_[slot]};
    }

    /// The tenant, or null when it has left.
    [[nodiscard]] Tenant* find(Ref ref) { return contains(ref) ? &tenants_[ref.slot] : nullptr; }

    [[nodiscard]] bool contains(Ref ref) const {
        return ref.slot < generations_.size() && generations_[ref.slot] == ref.generation && is_taken(ref.slot);
    }

    void remove(Ref ref) {
        FLEETSIM_CHECK(contains(ref));
        ++generations_[ref.slot];
        free_.push_back(ref.slot);
    }

    /// The reference of whoever is in `slot`.
    [[nodiscard]] Ref at(std::uint32_t slot) const { return Ref{slot, generations_[slot]}; }

    /// Visits every tenant in slot order. The visitor must not add tenants.
    template <class Visit>
    void for_each(Visit visit) {
        for (std::uint32_t slot = 0; slot < tenants_.size(); ++slot) {
            if (is_taken(slot)) visit(at(slot), tenants_[slot]);
        }
    }

private:
    // Out of the way of `add`, which is small enough to be inlined without it.
    [[gnu::noinline]] void grow() {
        const auto slot = static_cast<std::uint32_t>(tenants_.size());
        tenants_.emplace_back();
        generations_.push_back(0);
        free_.reserve(tenants_.capacity());  // So that no removal ever allocates.
        free_.push_back(slot);
    }

    [[nodiscard]] bool is_taken(std::uint32_t slot) const { return generations_[slot] % 2 == 1; }

    std::vector<Tenant> tenants_;
    // Odd while the slot is taken. Apart from the tenants, for most references are only ever asked whether they are
    // stale.
    std::vector<std::uint32_t> generations_;
    std::vector<std::uint32_t> free_;
};

}  // namespace fleetsim::des

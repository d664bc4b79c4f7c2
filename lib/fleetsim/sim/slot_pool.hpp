#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::sim {

/// Slots that are used again, addressed by (slot, generation). Allocates only while the number of tenants grows.
/// `Ref` is a `SlotRef`.
template <class Tenant, class Ref>
class SlotPool {
public:
    Ref add(Tenant tenant) {
        if (free_.empty()) {
            free_.push_back(static_cast<std::uint32_t>(tenants_.size()));
            tenants_.emplace_back();
        }
        const std::uint32_t slot = free_.back();
        free_.pop_back();
        Entry& entry = tenants_[slot];
        entry.tenant = std::move(tenant);
        entry.present = true;
        return Ref{slot, entry.generation};
    }

    /// The tenant, or null when it has left.
    [[nodiscard]] Tenant* find(Ref ref) {
        if (ref.slot >= tenants_.size()) return nullptr;
        Entry& entry = tenants_[ref.slot];
        return entry.present && entry.generation == ref.generation ? &entry.tenant : nullptr;
    }

    [[nodiscard]] bool contains(Ref ref) const {
        return ref.slot < tenants_.size() && tenants_[ref.slot].present &&
               tenants_[ref.slot].generation == ref.generation;
    }

    void remove(Ref ref) {
        FLEETSIM_CHECK(contains(ref));
        Entry& entry = tenants_[ref.slot];
        entry.present = false;
        ++entry.generation;
        free_.push_back(ref.slot);
    }

    /// The reference of whoever is in `slot`.
    [[nodiscard]] Ref at(std::uint32_t slot) const { return Ref{slot, tenants_[slot].generation}; }

    /// Visits every tenant in slot order. The visitor must not add tenants.
    template <class Visit>
    void for_each(Visit visit) {
        for (std::uint32_t slot = 0; slot < tenants_.size(); ++slot) {
            if (tenants_[slot].present) visit(at(slot), tenants_[slot].tenant);
        }
    }

private:
    struct Entry {
        Tenant tenant{};
        std::uint32_t generation = 0;
        bool present = false;
    };
    std::vector<Entry> tenants_;
    std::vector<std::uint32_t> free_;
};

}  // namespace fleetsim::sim

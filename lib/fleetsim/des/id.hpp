#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

namespace fleetsim::des {

/// Position in a dense table; the tag keeps the ids of one table from being used on another. 32 bits keep events small.
template <class Tag>
struct Id {
    static constexpr std::uint32_t none_value = std::numeric_limits<std::uint32_t>::max();
    std::uint32_t value = none_value;

    [[nodiscard]] static constexpr Id none() { return Id{}; }
    [[nodiscard]] constexpr bool exists() const { return value != none_value; }
    friend constexpr auto operator<=>(Id, Id) = default;
};

/// A vector that only its own id type can index. Entries are never removed, so an id stays valid for ever.
template <class IdType, class Value>
class Table {
public:
    using id_type = IdType;

    IdType add(Value value) {
        values_.push_back(std::move(value));
        return IdType{static_cast<std::uint32_t>(values_.size() - 1)};
    }
    [[nodiscard]] Value& operator[](IdType id) { return values_[id.value]; }
    [[nodiscard]] const Value& operator[](IdType id) const { return values_[id.value]; }
    [[nodiscard]] std::size_t size() const { return values_.size(); }
    [[nodiscard]] bool empty() const { return values_.empty(); }
    [[nodiscard]] IdType next_id() const { return IdType{static_cast<std::uint32_t>(values_.size())}; }

    [[nodiscard]] auto begin() { return values_.begin(); }
    [[nodiscard]] auto end() { return values_.end(); }
    [[nodiscard]] auto begin() const { return values_.begin(); }
    [[nodiscard]] auto end() const { return values_.end(); }

private:
    std::vector<Value> values_;
};

/// Every id of a table, in order: `for (auto id : ids_of(table))`.
template <class IdType, class Value>
[[nodiscard]] std::vector<IdType> ids_of(const Table<IdType, Value>& table) {
    std::vector<IdType> ids(table.size());
    for (std::uint32_t i = 0; i < ids.size(); ++i) ids[i].value = i;
    return ids;
}

}  // namespace fleetsim::des

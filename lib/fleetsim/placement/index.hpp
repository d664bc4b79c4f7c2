#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <fleetsim/placement/directory.hpp>
#include <fleetsim/placement/place.hpp>
#include <fleetsim/placement/room_array.hpp>
#include <fleetsim/placement/rooms.hpp>

namespace fleetsim::placement {

/// What the first steps of a chain come to: spread over some attributes, and then one step that an order of the rooms
/// answers. Chains that begin alike share an index.
struct IndexKind {
    std::vector<DomainId> domains;
    /// Rooms are ordered by what they have left of it (`binpack`); none: by their numbers.
    std::optional<Resource> key = {};
    friend bool operator==(const IndexKind&, const IndexKind&) = default;
};

/// The accepting rooms of a cluster, a cell for each combination of the attributes' values, each cell in one order.
class Index {
public:
    explicit Index(IndexKind kind) : kind_(std::move(kind)) {}

    [[nodiscard]] const IndexKind& kind() const { return kind_; }

    /// A room, which accepts tasks only once it is opened.
    void add(const Rooms& rooms, RoomId room) {
        places_.resize(std::max<std::size_t>(places_.size(), room.value + 1));
        Place& place = places_[room.value];
        place.cell = cell_of(rooms, room);
        if (kind_.key) return;
        RoomArray& by_number = cells_[place.cell].by_number;
        place.position = by_number.add(room.value, leaves_);
        place.leaf_number = by_number.leaf_number(place.position);
    }
    void open(const Rooms& rooms, RoomId room) {
        const Place& place = places_[room.value];
        if (kind_.key) {
            cells_[place.cell].by_key.insert(room.value, rooms.left(room));
        } else {
            cells_[place.cell].by_number.open(place.position, rooms.left(room));
        }
    }
    void close(RoomId room) {
        const Place& place = places_[room.value];
        if (kind_.key) {
            cells_[place.cell].by_key.erase(room.value);
        } else {
            cells_[place.cell].by_number.close(place.position);
        }
    }
    /// What an open room has left has changed by so much.
    void change(const Rooms& rooms, RoomId room, const Resources& by) {
        if (kind_.key) {
            const std::uint32_t cell = kind_.domains.empty() ? 0 : places_[room.value].cell;
            cells_[cell].by_key.update(room.value, rooms.left(room));
        } else {
            const Place& place = places_[room.value];
            cells_[place.cell].by_number.change(place.position, rooms.left(room), by);
        }
    }

    /// Keeps count, from now on, of how many tasks of the group each room has.
    void count_tasks_of(const Rooms& rooms, TaskGroupId group) {
        if (group.value >= levels_.size()) levels_.resize(group.value + 1);
        if (levels_[group.value]) return;
        levels_[group.value].emplace();
        for (const RoomId room : rooms.known()) {
            count_tasks(rooms, group, room, rooms.tasks(group, room));
        }
    }
    /// The room has so many more, or fewer, tasks of the group than before.
    void count_tasks(const Rooms& rooms, TaskGroupId group, RoomId room, std::int32_t change) {
        if (group.value >= levels_.size() || !levels_[group.value]) return;
        const std::int32_t now = rooms.tasks(group, room);
        for (std::int32_t tasks = now - change + 1; tasks <= now; ++tasks) set_level(group, room, tasks, true);
        for (std::int32_t tasks = now + 1; tasks <= now - change; ++tasks) set_level(group, room, tasks, false);
    }

    /// Calls `visit(cells)` for the cells that the spreading steps like best, then for the next best and so on, until
    /// it says true: equally good cells come together.
    template <class Visit>
    void visit_cells(const Rooms& rooms, TaskGroupId group, Visit visit) {
        if (kind_.domains.empty()) {
            constexpr std::uint32_t only[]{0};
            if (!cells_.empty()) visit(std::span<const std::uint32_t>{only});
            return;
        }
        ranked_.clear();
        for (std::uint32_t cell = 0; cell < cells_.size(); ++cell) {
            for (std::size_t step = 0; step < kind_.domains.size(); ++step) {
                ranked_.push_back(rooms.tasks(group, kind_.domains[step], cells_[cell].values[step]));
            }
        }
        const std::size_t steps = kind_.domains.size();
        const auto rank = [&](std::uint32_t cell) { return std::span{ranked_}.subspan(cell * steps, steps); };
        const auto before = [&](std::uint32_t one, std::uint32_t other) {
            return std::lexicographical_compare(rank(one).begin(), rank(one).end(), rank(other).begin(),
                                                rank(other).end());
        };
        order_.clear();
        // Mostly there are a handful of zones, which are in order by insertion before another sort has begun.
        constexpr std::size_t few = 16;
        for (std::uint32_t cell = 0; cell < cells_.size(); ++cell) {
            const auto place =
                cells_.size() <= few ? std::upper_bound(order_.begin(), order_.end(), cell, before) : order_.end();
            order_.insert(place, cell);
        }
        if (cells_.size() > few) std::stable_sort(order_.begin(), order_.end(), before);
        for (std::size_t first = 0; first < order_.size();) {
            std::size_t last = first + 1;
            while (last < order_.size() && !before(order_[first], order_[last])) ++last;
            if (visit(std::span<const std::uint32_t>{order_}.subspan(first, last - first))) return;
            first = last;
        }
    }

    /// By key: the first room of the cells, by what it has left and then by number.
    template <class Accepts>
    [[nodiscard]] std::optional<RoomId> first_by_key(std::span<const std::uint32_t> cells, const Rooms& rooms,
                                                     const Resources& need, const Accepts& accepts) {
        std::optional<RoomId> best;
        for (const std::uint32_t cell : cells) {
            const auto found = cells_[cell].by_key.first_fit(need, accepts);
            if (!found) continue;
            const RoomId room{*found};
            const auto key = [&](RoomId of) { return std::pair{rooms.left(of)[*kind_.key], of}; };
            if (!best || key(room) < key(*best)) best = room;
        }
        return best;
    }

    /// By key, without spreading: see `Directory::fill`.
    [[nodiscard]] std::span<const Directory::Filled> fill(const Resources& need, std::uint32_t copies) {
        if (cells_.empty()) return {};
        return cells_.front().by_key.fill(need, copies);
    }

    /// By key: all rooms that are as good as the one found, in no order. They are there until the next such question.
    template <class Accepts>
    [[nodiscard]] std::vector<RoomId>& all_by_key(std::span<const std::uint32_t> cells, std::int32_t amount,
                                                  const Resources& need, const Accepts& accepts) {
        all_.clear();
        for (const std::uint32_t cell : cells) {
            cells_[cell].by_key.for_each_fit(amount, need, accepts,
                                             [&](std::uint32_t room) { all_.push_back(RoomId{room}); });
        }
        return all_;
    }

    /// By number: which rooms of the cells are searched.
    struct Wanted {
        Resources need;
        std::optional<std::uint32_t> kind = {};  ///< See `RoomArray::Wanted`.
        std::optional<TaskGroupId> group = {};   ///< If given, only rooms with exactly
        std::int32_t tasks = 0;                  ///< this many of the group's tasks.
    };

    /// By number: the first room.
    template <class Accepts>
    [[nodiscard]] std::optional<RoomId> first_by_number(std::span<const std::uint32_t> cells, const Wanted& wanted,
                                                        const Accepts& accepts) {
        std::optional<RoomId> best;
        for (const std::uint32_t cell : cells) {
            const auto found = cells_[cell].by_number.first_fit(in_sets(wanted), accepts);
            if (found && (!best || *found < best->value)) best = RoomId{*found};
        }
        return best;
    }

    /// By number: all rooms, in no order. They are there until the next such question.
    template <class Accepts>
    [[nodiscard]] std::vector<RoomId>& all_by_number(std::span<const std::uint32_t> cells, const Wanted& wanted,
                                                     const Accepts& accepts) {
        all_.clear();
        for (const std::uint32_t cell : cells) {
            cells_[cell].by_number.for_each_fit(in_sets(wanted), accepts,
                                                [&](std::uint32_t room) { all_.push_back(RoomId{room}); });
        }
        return all_;
    }

    /// The most tasks of the group that any room has had.
    [[nodiscard]] std::int32_t most_tasks(TaskGroupId group) const {
        return static_cast<std::int32_t>(levels_[group.value]->size());
    }

private:
    static constexpr std::uint32_t nowhere = ~std::uint32_t{0};

    struct Cell {
        std::vector<std::uint32_t> values;  ///< Of the kind's domains.
        Directory by_key;
        RoomArray by_number;
    };
    struct Place {
        std::uint32_t cell = nowhere;
        std::uint32_t position = nowhere;     ///< In `by_number`.
        std::uint32_t leaf_number = nowhere;  ///< Of the leaf there.
    };
    /// Of one group: the rooms with at least 1, 2, 3, … of its tasks.
    using Levels = std::vector<RoomSet>;

    [[nodiscard]] std::uint32_t cell_of(const Rooms& rooms, RoomId room) {
        std::vector<std::uint32_t> values;
        for (const DomainId domain : kind_.domains) values.push_back(rooms.value(domain, room));
        const auto [entry, is_new] = cell_of_.emplace(std::move(values), static_cast<std::uint32_t>(cells_.size()));
        if (is_new) cells_.push_back({entry->first, Directory{kind_.key.value_or(memory_mib)}, {}});
        return entry->second;
    }

    void set_level(TaskGroupId group, RoomId room, std::int32_t tasks, bool more) {
        const Place& place = places_[room.value];
        Levels& levels = *levels_[group.value];
        const auto level = static_cast<std::size_t>(tasks);
        if (level > levels.size()) levels.resize(level);
        levels[level - 1].set(place.leaf_number, place.position % leaf_size, more);
    }

    [[nodiscard]] RoomArray::Wanted in_sets(const Wanted& wanted) const {
        RoomArray::Wanted result{wanted.need, wanted.kind, nullptr, nullptr};
        if (!wanted.group) return result;
        static const RoomSet none;
        const Levels& levels = *levels_[wanted.group->value];
        const auto at_least = [&](std::int32_t tasks) {
            const auto level = static_cast<std::size_t>(tasks);
            return level <= levels.size() ? &levels[level - 1] : &none;
        };
        if (wanted.tasks > 0) result.within = at_least(wanted.tasks);
        result.without = at_least(wanted.tasks + 1);
        return result;
    }

    IndexKind kind_;
    std::vector<Cell> cells_;
    std::map<std::vector<std::uint32_t>, std::uint32_t> cell_of_;  ///< By values.
    std::vector<Place> places_;                                    ///< By room.
    std::uint32_t leaves_ = 0;                                     ///< Of all `by_number`.
    std::vector<std::optional<Levels>> levels_;                    ///< By group, where they are counted.
    std::vector<std::int64_t> ranked_;                             ///< Scratch.
    std::vector<std::uint32_t> order_;                             ///< Scratch.
    std::vector<RoomId> all_;                                      ///< Scratch.
};

}  // namespace fleetsim::placement

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/placement/directory.hpp>
#include <fleetsim/placement/placer.hpp>

#include "placement/fleet.hpp"

/// The placer as its users have it, and its index alone.
namespace fleetsim::bench {

/// The whole placer, which also counts the tasks of services by instance and zone. Of equals the first registered.
template <class Chain>
class WholePlacer {
public:
    static constexpr std::string_view name = "placer";

    explicit WholePlacer(const Fleet& fleet) {
        for (std::size_t shape = 0; shape < fleet.shapes.size(); ++shape) {
            const auto group = placer_.add_group("service:" + std::to_string(shape));
            shapes_.push_back(placer_.add_shape(group, {fleet.shapes[shape], {}, Chain::strategies(), false, {}}));
        }
        for (std::size_t room = 0; room < fleet.instances.size(); ++room) {
            placement::InstanceFacts facts;
            facts.attributes["ecs.availability-zone"] = std::string(1, static_cast<char>('a' + room % zones));
            placer_.add(fleet.instances[room], std::move(facts));
        }
    }
    std::int64_t find(std::uint32_t shape) {
        const auto room = placer_.find(shapes_[shape], 0);
        return room ? std::int64_t{room->value} : -1;
    }
    /// Places copies of a task, and gives the rooms they are in.
    std::vector<placement::RoomId> burst(std::uint32_t shape, std::uint32_t copies) {
        return placer_.place_copies(shapes_[shape], copies);
    }
    void take(std::uint32_t room, std::uint32_t shape) { placer_.take(placement::RoomId{room}, shapes_[shape]); }
    void give_back(std::uint32_t room, std::uint32_t shape) {
        placer_.give_back(placement::RoomId{room}, shapes_[shape]);
    }

private:
    placement::Placer placer_;
    std::vector<placement::ShapeId> shapes_;
};

struct Binpack {
    static std::vector<placement::Strategy> strategies() { return {placement::BinpackMemory{}}; }
};
struct ZoneBinpack {
    static std::vector<placement::Strategy> strategies() {
        return {placement::SpreadAttribute{}, placement::BinpackMemory{}};
    }
};
struct DefaultChain {
    static std::vector<placement::Strategy> strategies() { return {}; }
};

/// What `binpack: memory` takes at the least: one directory, and what each room has left.
class IndexAlone {
public:
    static constexpr std::string_view name = "directory";

    explicit IndexAlone(const Fleet& fleet) : fleet_(fleet), left_(fleet.instances), directory_(placement::memory_mib) {
        for (std::uint32_t room = 0; room < left_.size(); ++room) directory_.insert(room, left_[room]);
    }
    std::int64_t find(std::uint32_t shape) {
        const auto room = directory_.first_fit(fleet_.shapes[shape], std::true_type{});
        return room ? std::int64_t{*room} : -1;
    }
    void take(std::uint32_t room, std::uint32_t shape) {
        left_[room] -= fleet_.shapes[shape];
        directory_.update(room, left_[room]);
    }
    void give_back(std::uint32_t room, std::uint32_t shape) {
        left_[room] += fleet_.shapes[shape];
        directory_.update(room, left_[room]);
    }

private:
    const Fleet& fleet_;
    std::vector<Resources> left_;
    placement::Directory directory_;
};

}  // namespace fleetsim::bench

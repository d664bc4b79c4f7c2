// Where ECS puts a service's tasks, from the placer alone: two instances in each of three zones and one that the
// service's constraint shuts out. First ECS's default strategy, which spreads over zones and then over instances; then
// spread over zones and binpack on memory.

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/placement/placer.hpp>

using namespace fleetsim::placement;

namespace {

struct Instance {
    std::string type;
    std::string zone;
};

const std::vector<Instance> cluster{{"t3.large", "us-east-1a"}, {"m5.large", "us-east-1a"}, {"m5.large", "us-east-1a"},
                                    {"m5.large", "us-east-1b"}, {"m5.large", "us-east-1b"}, {"m5.large", "us-east-1c"},
                                    {"m5.large", "us-east-1c"}};

/// Places eight tasks of a service on the empty cluster.
void show(const char* title, std::vector<Strategy> strategies) {
    Placer placer;
    for (const Instance& instance : cluster) {
        InstanceFacts facts;
        facts.attributes = {{"ecs.instance-type", instance.type}, {"ecs.availability-zone", instance.zone}};
        placer.add(resources({.cpu_units = 2048, .memory_mib = 7680}), std::move(facts));
    }
    Shape task;
    task.task = resources({.cpu_units = 256, .memory_mib = 1024});
    task.strategies = std::move(strategies);
    task.member_of = {*parse_query("attribute:ecs.instance-type =~ m5.*").query};
    const ShapeId shape = placer.add_shape(placer.add_group("service:shop"), std::move(task));

    std::printf("%s\n", title);
    for (const RoomId room : placer.place_copies(shape, 8)) {
        std::printf("  instance %u in %s\n", room.value, cluster[room.value].zone.c_str());
    }
}

}  // namespace

int main() {
    show("ECS's default", {});
    show("spread over zones, binpack on memory", {SpreadAttribute{}, BinpackMemory{}});
}

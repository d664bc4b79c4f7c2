#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scenario/network_configuration.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_places.hpp>

namespace fleetsim::scenario {

namespace {

/// Resolves the names of a list, each once.
template <class IdType>
void read_names(Reading& reading, const Names<IdType>& names, const Field& field, std::size_t most,
                std::vector<IdType>& ids, std::vector<Position>* places) {
    const std::vector<Field> items = items_of(reading.diagnostics, field);
    if (items.size() > most) {
        reading.diagnostics.error(items[most].at(),
                                  fmt::format("{}: at most {}, found {}", field.name, most, items.size()));
        return;
    }
    for (const Field& item : items) {
        const auto id = names.resolve(reading.diagnostics, item);
        if (!id) continue;
        if (std::find(ids.begin(), ids.end(), *id) != ids.end()) {
            reading.diagnostics.error(item.at(), fmt::format("{}: {} is listed twice", field.name, item.text()));
            continue;
        }
        ids.push_back(*id);
        if (places != nullptr) places->push_back(item.at());
    }
}

void check_balancer_subnets(Reading& reading, const sim::LoadBalancer& balancer, const VpcPlace& place) {
    std::set<std::string_view> zones;
    for (std::size_t i = 0; i < place.subnets.size(); ++i) {
        const SubnetNotes& subnet = reading.network.subnet_notes[place.subnets[i]];
        const std::string name = called("subnet", reading.scenario.subnets[place.subnets[i]].name);
        if (!zones.insert(subnet.zone).second) {
            reading.diagnostics.error(
                place.subnets_at[i],
                fmt::format("subnets: another one is in {}: a load balancer has one in a zone", subnet.zone));
        }
        if (!balancer.internal && !subnet.facts.is_public) {
            reading.diagnostics.error(
                place.subnets_at[i],
                fmt::format("the internet -> {}: {} is not public", called("load balancer", balancer.name), name),
                "an internet-facing load balancer stands in public subnets; internal: true keeps it inside the VPC");
        }
        if (subnet.facts.cidr_block.prefix_length > network::longest_load_balancer_prefix) {
            reading.diagnostics.error(
                place.subnets_at[i],
                fmt::format("subnets: a load balancer needs a block of /{} or larger, and {} has {}",
                            network::longest_load_balancer_prefix, name, text_of(subnet.facts.cidr_block)));
        }
    }
}

}  // namespace

VpcPlace read_place(Reading& reading, MapReader& map, std::string_view subnets_key, PlaceLimits limits) {
    const NetworkNotes& network = reading.network;
    const std::size_t before = reading.diagnostics.count();
    VpcPlace place;
    const bool needed = network.exists && network.subnet_names.complete();
    const auto subnets = needed ? map.require(subnets_key) : map.find(subnets_key);
    if (subnets) {
        read_names(reading, network.subnet_names, *subnets, limits.subnets, place.subnets, &place.subnets_at);
        if (place.subnets.empty() && reading.diagnostics.count() == before) {
            reading.diagnostics.error(subnets->at(), fmt::format("{}: expected at least one subnet", subnets_key));
        }
    }
    if (const auto groups = map.find("security_groups")) {
        read_names(reading, network.group_names, *groups, limits.security_groups, place.security_groups, nullptr);
    }
    if (place.security_groups.empty()) place.security_groups.push_back(network.default_group);
    place.known = network.exists && network.sound && !place.subnets.empty() && reading.diagnostics.count() == before;
    return place;
}

void settle_zones(Reading& reading, const std::vector<sim::SubnetId>& subnets) {
    for (const sim::SubnetId id : subnets) {
        reading.scenario.subnets[id].zone = zone_id(reading, reading.network.subnet_notes[id].zone);
    }
}

void take_zones(Reading& reading, const VpcPlace& place, std::vector<sim::ZoneId>& zones,
                const std::optional<Field>& listed) {
    if (!place.known || !reading.region_known) return;
    settle_zones(reading, place.subnets);
    std::vector<sim::ZoneId> of_subnets;
    for (const std::string& name : zones_of(reading, place)) of_subnets.push_back(zone_id(reading, name));
    if (!listed) {
        zones = std::move(of_subnets);
    } else if (reading.zones_known &&
               !std::is_permutation(of_subnets.begin(), of_subnets.end(), zones.begin(), zones.end())) {
        reading.diagnostics.error(
            listed->at(),
            fmt::format("availability_zones: the subnets are in {}", fmt::join(zones_of(reading, place), " and ")),
            "remove it: what has subnets is where they are");
    }
}

void read_balancer_network(Reading& reading, sim::BalancerId id, MapReader& map) {
    VpcPlace& place = reading.balancer_notes[id].network;
    place = read_place(reading, map, "subnets", {});
    if (!place.known) return;
    check_balancer_subnets(reading, reading.scenario.balancers[id], place);
    const auto zone = [&](sim::SubnetId subnet) { return reading.network.subnet_notes[subnet].zone; };
    const bool one_zone = std::all_of(place.subnets.begin(), place.subnets.end(),
                                      [&](sim::SubnetId subnet) { return zone(subnet) == zone(place.subnets[0]); });
    if (!one_zone) return;
    reading.diagnostics.error(
        map.place_of("subnets"),
        fmt::format("subnets: all in {}, and a load balancer needs two zones at least", zone(place.subnets[0])));
}

void read_network_configuration(Reading& reading, const PlacedTasks& tasks, MapReader& map) {
    TaskNetwork& network = tasks.network;
    const ecs::NetworkMode mode = tasks.task.network_mode;
    network.known = reading.network.exists && reading.network.sound && tasks.task.known;
    if (mode == ecs::NetworkMode::awsvpc && reading.network.exists && reading.network.subnet_names.complete()) {
        static_cast<void>(map.require("network_configuration"));
    }
    const auto field = map.find("network_configuration");
    if (mode != ecs::NetworkMode::awsvpc) {
        if (!field || !tasks.task.known) return;
        reading.diagnostics.error(field->key_at,
                                  "network_configuration: only tasks in awsvpc mode have network interfaces of their "
                                  "own; others are where their instances are",
                                  "network_mode: awsvpc, or remove it");
        return;
    }
    network.known = false;
    if (!field) return;
    MapReader configuration(reading.diagnostics, *field);
    if (!configuration.is_mapping()) return;
    network.place = read_place(reading, configuration, "subnets", service_place_limits);
    const bool public_good = configuration.read("assign_public_ip", network.assign_public_ip, parse_flag);
    network.public_ip_at = configuration.place_of("assign_public_ip");
    configuration.finish();
    network.known = network.place.known && public_good && tasks.task.known;
    tasks.subnets = network.place.subnets;
    if (tasks.on_fargate) take_zones(reading, network.place, tasks.fargate_zones, map.find("availability_zones"));
}

void read_network_configuration(Reading& reading, sim::Service& service, ServiceNotes& notes, MapReader& map) {
    read_network_configuration(
        reading, {notes.task, notes.on_fargate, notes.network, service.subnets, service.fargate_zones}, map);
}

std::vector<network::Endpoint> read_users(Reading& reading, const std::string& source, MapReader& map) {
    constexpr std::size_t most_places = 100;
    network::Endpoint internet = network::the_internet();
    internet.name = called("traffic", source);
    const auto field = map.find("from");
    if (!field) return {internet};
    const std::size_t before = reading.diagnostics.count();
    const std::vector<Field> items = items_of(reading.diagnostics, *field);
    if (items.size() > most_places) {
        reading.diagnostics.error(items[most_places].at(),
                                  fmt::format("from: at most {}, found {}", most_places, items.size()));
    } else if (items.empty() && reading.diagnostics.count() == before) {
        reading.diagnostics.error(field->at(), "from: expected a security group or a block of addresses");
    }
    std::vector<network::Endpoint> users;
    for (const Field& item : items) {
        network::Endpoint end{.name = internet.name, .groups = {}, .addresses = {}};
        read_peer(reading, item, end.groups, end.addresses);
        if (!end.addresses.empty()) end.location = network::Location::private_network;
        users.push_back(end.addresses == internet.addresses ? internet : std::move(end));
    }
    if (reading.diagnostics.count() != before) users.clear();
    return users;
}

}  // namespace fleetsim::scenario

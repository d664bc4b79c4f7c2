#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fleetsim/cloud/zone.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

void read_zone(Reading& reading, SubnetNotes& notes, MapReader& map) {
    const auto field = map.require("availability_zone");
    if (!field || !is_scalar(reading.diagnostics, *field, "a zone such as us-east-1a")) return;
    notes.zone = field->text();
    if (!reading.region_known || cloud::is_zone_of(notes.zone, reading.scenario.region)) return;
    reading.diagnostics.error(field->at(),
                              fmt::format("{} is not a zone of {}", in_quotes(notes.zone), reading.scenario.region),
                              fmt::format("its zones are {0}a to {0}f", reading.scenario.region));
}

/// Where the subnet's route table leads: to one kind of gateway, or to none.
void read_gateways(network::Subnet& facts, MapReader& map) {
    const bool public_good = map.read("public", facts.is_public, parse_flag);
    const bool nat_good = map.read("nat_gateway", facts.has_nat, parse_flag);
    if (!public_good || !nat_good || !facts.is_public || !facts.has_nat) return;
    map.diagnostics().error(map.place_of("nat_gateway"),
                            "nat_gateway: a public subnet's way out is its internet gateway",
                            "a NAT gateway serves the private subnets whose routes lead to it");
}

void read_subnet(Reading& reading, const Declared<sim::SubnetId>& declared) {
    SubnetNotes& notes = reading.network.subnet_notes[declared.id];
    MapReader map(reading.diagnostics, declared.field);
    if (!map.is_mapping()) return;
    notes.cidr_at = map.place_of("cidr_block");
    if (map.require("cidr_block", notes.facts.cidr_block, CidrBlock{"10.0.1.0/24"}) &&
        !network::is_subnet_block(notes.facts.cidr_block)) {
        reading.diagnostics.error(
            notes.cidr_at,
            fmt::format("cidr_block: a subnet has a block of /{} to /{}, found /{}", network::shortest_subnet_prefix,
                        network::longest_subnet_prefix, notes.facts.cidr_block.prefix_length));
    }
    read_zone(reading, notes, map);
    read_gateways(notes.facts, map);
    map.finish();
}

/// Blocks overlap when one lies in the other; sorted, an outer one stands before all that it holds.
void check_overlaps(Reading& reading) {
    const auto& all = reading.network.subnet_notes;
    std::vector<sim::SubnetId> sorted = des::ids_of(all);
    std::sort(sorted.begin(), sorted.end(), [&](sim::SubnetId a, sim::SubnetId b) {
        const network::Cidr& one = all[a].facts.cidr_block;
        const network::Cidr& other = all[b].facts.cidr_block;
        return std::tuple(first_address(one), one.prefix_length, a) <
               std::tuple(first_address(other), other.prefix_length, b);
    });
    for (std::size_t i = 1, outer = 0; i < sorted.size(); ++i) {
        const SubnetNotes& inner = all[sorted[i]];
        if (!network::contains(all[sorted[outer]].facts.cidr_block, inner.facts.cidr_block)) {
            outer = i;
            continue;
        }
        const auto [first, second] = std::minmax(sorted[outer], sorted[i]);
        const std::string& other = reading.scenario.subnets[first].name;
        reading.diagnostics.error(
            all[second].cidr_at,
            fmt::format("cidr_block: {} overlaps {} of subnet {}", text_of(all[second].facts.cidr_block),
                        text_of(all[first].facts.cidr_block), in_quotes(other)));
    }
}

void read_subnets(Reading& reading, const Field& section) {
    NetworkNotes& notes = reading.network;
    notes.exists = true;
    MapReader map(reading.diagnostics, section);
    if (map.is_mapping() && map.size() == 0) {
        reading.diagnostics.error(section.key_at, "subnets needs at least one entry");
    }
    if (!map.is_mapping() || map.size() == 0 || map.size() > most_entries) notes.subnet_names.give_up();
    if (map.size() > most_entries) {
        reading.diagnostics.error(section.key_at, fmt::format("subnets: more than {} entries", most_entries));
        return;
    }
    for (Field& field : map.all()) {
        if (!is_name(field.name)) reading.diagnostics.error(field.key_at, not_a_name(field.name));
        sim::Subnet subnet;
        subnet.name = field.name;
        const sim::SubnetId id = reading.scenario.subnets.add(std::move(subnet));
        static_cast<void>(notes.subnet_notes.add({}));
        notes.subnet_names.declare(field.name, id);
        field.name = called("subnet", field.name);
        notes.subnets.push_back({id, std::move(field)});
    }
    const std::size_t before = reading.diagnostics.count();
    for (const Declared<sim::SubnetId>& declared : notes.subnets) read_subnet(reading, declared);
    if (reading.diagnostics.count() == before) check_overlaps(reading);
}

/// AWS services that have endpoints in the VPC, as far as they matter for containers.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS interface VPC endpoints"; Amazon ECR User Guide, "Amazon ECR
/// interface VPC endpoints".
constexpr std::array<std::string_view, 7> endpoint_services{"ecr.api",   "ecr.dkr",       "s3",  "ecs",
                                                            "ecs-agent", "ecs-telemetry", "logs"};

void read_endpoints(Reading& reading, const Field& field) {
    for (const Field& item : items_of(reading.diagnostics, field)) {
        std::size_t service = 0;
        const auto find = [](std::string_view text) -> std::optional<std::size_t> {
            const auto* const found = std::find(endpoint_services.begin(), endpoint_services.end(), text);
            if (found == endpoint_services.end()) return std::nullopt;
            return static_cast<std::size_t>(found - endpoint_services.begin());
        };
        if (!read_field(reading.diagnostics, item, service, one_of<std::size_t>(endpoint_services, find))) continue;
        reading.network.vpc_endpoints.emplace(endpoint_services[service]);
    }
}

}  // namespace

void read_network(Reading& reading, MapReader& top) {
    NetworkNotes& notes = reading.network;
    const std::size_t before = reading.diagnostics.count();
    if (const auto section = top.find("subnets")) read_subnets(reading, *section);
    read_security_groups(reading, top);
    if (const auto endpoints = top.find("vpc_endpoints")) read_endpoints(reading, *endpoints);
    notes.sound = reading.diagnostics.count() == before;
}

}  // namespace fleetsim::scenario

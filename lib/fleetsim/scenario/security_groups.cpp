#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Rules of a group in one direction, and what one of them may name. AWS counts every source as a rule, and allows a
/// thousand on a network interface.
///
/// Source: Amazon VPC User Guide, "Amazon VPC quotas".
constexpr std::size_t most_group_rules = 100;
constexpr std::size_t most_peers = 10;

/// One port, or a range of them; all if nothing is said.
void read_ports(network::PortRange& ports, MapReader& map) {
    constexpr IntegerIn any_port{0, 65'535};
    if (map.find("port")) {
        if (map.require("port", ports.first, any_port)) ports.last = ports.first;
        for (const std::string_view other : {"from_port", "to_port"}) {
            map.refuse(other, fmt::format("{}: the rule has a port", other));
        }
        return;
    }
    const auto from = map.find("from_port");
    const auto to = map.find("to_port");
    if (!from && !to) return;
    const bool from_good = map.require("from_port", ports.first, any_port);
    const bool to_good = map.require("to_port", ports.last, any_port);
    if (from_good && to_good && ports.first > ports.last) {
        map.diagnostics().error(from->at(), fmt::format("from_port {} is above to_port {}", ports.first, ports.last));
    }
}

/// Security groups and blocks of addresses: those where connections come from, or go to.
void read_peers(Reading& reading, network::SecurityGroupRule& rule, MapReader& map, std::string_view key) {
    const auto field = map.require(key);
    if (!field) return;
    const std::vector<Field> items = items_of(reading.diagnostics, *field);
    const bool is_list = field->value.node->kind == Node::Kind::list || field->value.node->kind == Node::Kind::null;
    if (is_list && (items.empty() || items.size() > most_peers)) {
        reading.diagnostics.error(
            field->at(), fmt::format("{}: expected 1 to {} security groups and blocks of addresses, found {}", key,
                                     most_peers, items.size()));
        return;
    }
    for (const Field& item : items) read_peer(reading, item, rule.groups, rule.cidr_blocks);
}

[[nodiscard]] std::vector<network::SecurityGroupRule> read_rules(Reading& reading, const Field& field,
                                                                 std::string_view peers, std::string_view wrong) {
    std::vector<network::SecurityGroupRule> rules;
    const std::vector<Field> items = items_of(reading.diagnostics, field);
    if (items.size() > most_group_rules) {
        reading.diagnostics.error(items[most_group_rules].at(),
                                  fmt::format("{}: at most {}, found {}", field.name, most_group_rules, items.size()));
        return rules;
    }
    for (const Field& item : items) {
        MapReader map(reading.diagnostics, item);
        if (!map.is_mapping()) continue;
        network::SecurityGroupRule rule;
        map.refuse(wrong, fmt::format("{}: rules of {} have {}", wrong, field.name, peers));
        read_peers(reading, rule, map, peers);
        read_ports(rule.ports, map);
        map.finish();
        rules.push_back(std::move(rule));
    }
    return rules;
}

void declare(Reading& reading, const Field& section) {
    NetworkNotes& notes = reading.network;
    notes.guarded = true;
    if (!notes.exists) {
        reading.diagnostics.error(section.key_at, "security_groups: there are no subnets, so nothing can have one");
    }
    MapReader map(reading.diagnostics, section);
    if (!map.is_mapping() || map.size() > most_entries) notes.group_names.give_up();
    if (map.size() > most_entries) {
        reading.diagnostics.error(section.key_at, fmt::format("security_groups: more than {} entries", most_entries));
        return;
    }
    for (Field& field : map.all()) {
        if (!is_name(field.name)) reading.diagnostics.error(field.key_at, not_a_name(field.name));
        const auto id = notes.security_groups.add({field.name, {}});
        notes.group_names.declare(field.name, id);
        field.name = called("security group", field.name);
        notes.groups.push_back({id, std::move(field)});
    }
}

/// The group of what names none: the VPC's own, whose members may call each other. Without any security groups
/// everybody has it, and everybody may call everybody.
///
/// Source: Amazon VPC User Guide, "Default security groups for your VPCs".
void make_default_group(NetworkNotes& notes) {
    constexpr std::string_view name = "default";
    if (const auto given = notes.group_names.find(name)) {
        notes.default_group = *given;
        return;
    }
    notes.default_group = notes.security_groups.next_id();
    network::SecurityGroup group{std::string(name), {}};
    group.ingress.push_back({{}, {notes.default_group}, {}});
    if (!notes.guarded) group.ingress.back().cidr_blocks.push_back(network::everywhere);
    static_cast<void>(notes.security_groups.add(std::move(group)));
    if (notes.guarded) notes.group_names.declare(std::string(name), notes.default_group);
}

void read_security_group(Reading& reading, const Declared<network::SecurityGroupId>& declared) {
    network::SecurityGroup& group = reading.network.security_groups[declared.id];
    MapReader map(reading.diagnostics, declared.field);
    if (!map.is_mapping()) return;
    if (const auto ingress = map.find("ingress")) group.ingress = read_rules(reading, *ingress, "from", "to");
    if (const auto egress = map.find("egress")) group.egress = read_rules(reading, *egress, "to", "from");
    map.finish();
}

}  // namespace

Parsed<network::Cidr> CidrBlock::operator()(std::string_view text) const {
    using network::Cidr;
    const auto block = network::parse_cidr(text);
    if (block && *block == network::canonical(*block)) return Parsed<Cidr>::good(*block);
    return Parsed<Cidr>::bad(fmt::format("a block of addresses such as {}", example),
                             block ? did_you_mean({network::text_of(network::canonical(*block))}) : std::string{});
}

void read_peer(Reading& reading, const Field& item, std::vector<network::SecurityGroupId>& groups,
               std::vector<network::Cidr>& blocks) {
    constexpr std::string_view expected = "a security group or a block of addresses such as 10.0.0.0/16";
    if (!is_scalar(reading.diagnostics, item, expected)) return;
    if (item.text().find('/') == std::string::npos) {
        const auto group = reading.network.group_names.resolve(reading.diagnostics, item);
        if (group) groups.push_back(*group);
        return;
    }
    network::Cidr block;
    if (read_field(reading.diagnostics, item, block, CidrBlock{"10.0.0.0/16"})) blocks.push_back(block);
}

void read_security_groups(Reading& reading, MapReader& top) {
    NetworkNotes& notes = reading.network;
    if (const auto section = top.find("security_groups")) declare(reading, *section);
    make_default_group(notes);
    for (const Declared<network::SecurityGroupId>& declared : notes.groups) read_security_group(reading, declared);
}

}  // namespace fleetsim::scenario

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <fleetsim/network/addresses.hpp>
#include <fleetsim/scenario/address_checks.hpp>
#include <fleetsim/scenario/count_checks.hpp>
#include <fleetsim/scenario/task_places.hpp>

namespace fleetsim::scenario {

namespace {

/// Instances that the group may have at the most, with those of its warm pool: they keep their addresses too.
[[nodiscard]] std::int64_t most_instances_of(const sim::AutoScalingGroup& group) {
    std::int64_t most = most_capacity_of(group);
    if (group.warm_pool) {
        most = std::max<std::int64_t>(most, group.warm_pool->max_group_prepared_capacity.value_or(0));
    }
    std::int32_t lightest = group.options.front().weighted_capacity;
    for (const sim::InstanceOption& option : group.options) lightest = std::min(lightest, option.weighted_capacity);
    return network::even_share(most, lightest);
}

/// Instances of the group that may be in these zones, over all of which it spreads.
[[nodiscard]] std::int64_t most_instances_in(const Reading& reading, sim::GroupId id,
                                             const std::vector<std::string>& zones) {
    const std::vector<std::string> all = zones_of(reading, reading.group_notes[id].network);
    const auto there = std::count_if(all.begin(), all.end(), [&](const std::string& zone) {
        return std::find(zones.begin(), zones.end(), zone) != zones.end();
    });
    const std::int64_t most = most_instances_of(reading.scenario.groups[id]);
    return std::min(most, there * network::even_share(most, static_cast<std::int64_t>(all.size())));
}

/// Tasks that the service may have at the most, deployments left out. A daemon has one on every instance in its zones.
[[nodiscard]] std::int64_t most_tasks_of(const Reading& reading, sim::ServiceId id) {
    const sim::Service& service = reading.scenario.services[id];
    if (!service.daemon) return most_count_of(service);
    const TasksInVpc tasks = tasks_of(reading, id);
    const std::vector<std::string> zones = zones_of_tasks(reading, tasks);
    std::int64_t instances = 0;
    for (const sim::GroupId group : groups_of(reading, tasks).value_or(std::vector<sim::GroupId>{})) {
        if (reading.group_notes[group].types_known) instances += most_instances_in(reading, group, zones);
    }
    return instances;
}

/// Blue/green deployments run two of each task for a while; a daemon's task stops before the next starts.
[[nodiscard]] std::int64_t most_while_replacing(const Reading& reading, sim::ServiceId id) {
    const sim::Service& service = reading.scenario.services[id];
    const std::int64_t most = most_tasks_of(reading, id);
    if (service.daemon) return most;
    return service.traffic_shift ? 2 * most : most * service.deployment.maximum_percent / 100;
}

/// What needs how many addresses where, and the words for it.
struct AddressBook {
    std::vector<network::AddressNeed> needs;
    std::vector<std::string> who;
    std::vector<bool> in_percent;  ///< Of tasks whose number deployment_maximum_percent decides.

    void add(std::int64_t addresses, std::vector<std::size_t> subnets, std::string name, bool percent = false) {
        if (addresses == 0) return;
        needs.push_back({addresses, std::move(subnets)});
        who.push_back(std::move(name));
        in_percent.push_back(percent);
    }
};

/// The place's subnets by zone, in the order of their names.
[[nodiscard]] std::map<std::string, std::vector<std::size_t>> by_zone(const Reading& reading, const VpcPlace& place) {
    std::map<std::string, std::vector<std::size_t>> zones;
    for (const sim::SubnetId id : place.subnets) zones[reading.network.subnet_notes[id].zone].push_back(id.value);
    return zones;
}

/// Zones get even shares, as both Auto Scaling groups and services spread; `many` for each zone in `among`.
void add_evenly(const Reading& reading, AddressBook& book, const VpcPlace& place, const std::vector<std::string>& among,
                std::int64_t many, std::int64_t addresses_each, const std::string& name, bool in_percent = false) {
    const std::int64_t share = network::even_share(many, static_cast<std::int64_t>(among.size()));
    for (auto& [zone, subnets] : by_zone(reading, place)) {
        if (std::find(among.begin(), among.end(), zone) == among.end()) continue;
        book.add(share * addresses_each, subnets, fmt::format("{} {}", share * addresses_each, name), in_percent);
    }
}

void add_balancers(const Reading& reading, AddressBook& book) {
    for (const Declared<sim::BalancerId>& declared : reading.balancers) {
        const VpcPlace& place = reading.balancer_notes[declared.id].network;
        if (!place.known) continue;
        for (const sim::SubnetId id : place.subnets) {
            book.add(network::load_balancer_addresses, {id.value},
                     fmt::format("{} for {}", network::load_balancer_addresses, declared.field.name));
        }
    }
}

void add_groups(const Reading& reading, AddressBook& book) {
    for (const Declared<sim::GroupId>& declared : reading.groups) {
        const GroupNotes& notes = reading.group_notes[declared.id];
        const sim::AutoScalingGroup& group = reading.scenario.groups[declared.id];
        if (!notes.network.known || !notes.types_known) continue;
        add_evenly(reading, book, notes.network, zones_of(reading, notes.network), most_instances_of(group),
                   group.addresses_per_instance,
                   fmt::format("for instances of {}{}", declared.field.name,
                               group.addresses_per_instance > 1 ? " and their trunks" : ""));
    }
}

/// So many tasks, if they have interfaces of their own.
void add_tasks(const Reading& reading, AddressBook& book, const TasksInVpc& tasks, std::int64_t many,
               bool in_percent = false) {
    const std::vector<std::string> zones = zones_of_tasks(reading, tasks);
    if (tasks.task.network_mode != ecs::NetworkMode::awsvpc || zones.empty()) return;
    add_evenly(reading, book, tasks.network.place, zones, many, 1, fmt::format("for tasks of {}", tasks.name),
               in_percent);
}

/// While tasks are replaced there may be more of them.
void add_services(const Reading& reading, AddressBook& book, bool replacing) {
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        const sim::Service& service = reading.scenario.services[declared.id];
        add_tasks(reading, book, tasks_of(reading, declared.id),
                  replacing ? most_while_replacing(reading, declared.id) : most_tasks_of(reading, declared.id),
                  !service.daemon && !service.traffic_shift);
    }
}

/// Those of one call of RunTask: a model decision, since the next may come before they end.
void add_runs(const Reading& reading, AddressBook& book) {
    for (std::size_t run = 0; run < reading.task_run_notes.size(); ++run) {
        add_tasks(reading, book, tasks_of_run(reading, run), reading.scenario.task_runs[run].count);
    }
}

[[nodiscard]] std::vector<std::int64_t> usable(const Reading& reading) {
    std::vector<std::int64_t> addresses;
    for (const SubnetNotes& subnet : reading.network.subnet_notes) {
        addresses.push_back(network::usable_addresses(subnet.facts.cidr_block));
    }
    return addresses;
}

void report(Reading& reading, const AddressBook& book, const network::AddressShortage& shortage, bool replacing) {
    NameList subnets;
    for (const std::size_t subnet : shortage.subnets) {
        subnets.add(in_quotes(reading.scenario.subnets[sim::SubnetId{static_cast<std::uint32_t>(subnet)}].name));
    }
    NameList needs;
    for (const std::size_t need : shortage.needs) needs.add(book.who[need]);
    const bool one = shortage.subnets.size() == 1;
    const sim::SubnetId first{static_cast<std::uint32_t>(shortage.subnets.front())};
    std::string message = fmt::format("subnet{} {} {} {} addresses to give, and {} are needed{}: {}", one ? "" : "s",
                                      subnets.text(), one ? "has" : "have", shortage.usable, shortage.needed,
                                      replacing ? " while all tasks are replaced" : "", needs.text());
    const Position at = reading.network.subnet_notes[first].cidr_at;
    if (!replacing) return reading.diagnostics.error(at, std::move(message));
    const bool lower = std::any_of(shortage.needs.begin(), shortage.needs.end(),
                                   [&](std::size_t need) { return book.in_percent[need]; });
    reading.diagnostics.warning(at, std::move(message), lower ? "a lower deployment_maximum_percent needs fewer" : "");
}

}  // namespace

void check_addresses(Reading& reading) {
    for (const bool replacing : {false, true}) {
        AddressBook book;
        add_balancers(reading, book);
        add_groups(reading, book);
        add_services(reading, book, replacing);
        add_runs(reading, book);
        const auto shortages = network::address_shortages(usable(reading), book.needs);
        for (const network::AddressShortage& shortage : shortages) report(reading, book, shortage, replacing);
        if (!shortages.empty()) return;
    }
}

}  // namespace fleetsim::scenario

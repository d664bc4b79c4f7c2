#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/placement/query.hpp>
#include <fleetsim/placement/registry.hpp>
#include <fleetsim/placement/shape.hpp>
#include <fleetsim/scenario/attributes.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/sim/instance_facts.hpp>

namespace fleetsim::scenario {

namespace {

constexpr std::string_view attribute_prefix = "attribute:";

/// Where an expression first names an attribute that it asks for.
[[nodiscard]] std::size_t offset_of(std::string_view name, std::string_view expression) {
    const std::string wanted = std::string(attribute_prefix) + std::string(name);
    bool in_value = false;
    for (std::size_t i = 0; i < expression.size(); ++i) {
        if (expression[i] == '\'') in_value = !in_value;
        if (in_value || !expression.substr(i).starts_with(wanted)) continue;
        const std::string_view rest = expression.substr(i + wanted.size());
        if (rest.empty() || !placement::is_attribute_letter(rest.front())) return i;
    }
    return 0;
}

/// What one service asks of its cluster's instances, and whether any kind of them has it.
class Wishes {
public:
    Wishes(Reading& reading, sim::ServiceId id)
        : reading_(reading),
          service_(reading.scenario.services[id]),
          notes_(reading.service_notes[id]),
          satisfied_(service_.shape.member_of.size(), false) {}

    [[nodiscard]] bool any() const { return !notes_.spread_fields.empty() || !satisfied_.empty(); }

    /// Shows the service one kind of instance; `roomy` if its size is not known.
    void show(const placement::InstanceFacts& facts, bool roomy, const placement::Resources& registered) {
        if (placeable_) return;
        bool all = true;
        for (std::size_t i = 0; i < satisfied_.size(); ++i) {
            const placement::Query& query = service_.shape.member_of[i];
            const bool holds = sim::may_match(query, facts);
            if (holds) satisfied_[i] = true;
            all = all && holds;
        }
        const bool has_room = roomy || !notes_.task_known || placement::fits(service_.shape.task, registered);
        fits_ = fits_ || has_room;
        allowed_ = allowed_ || all;
        placeable_ = placeable_ || (all && has_room);
    }

    void report(const AttributeNames& known) const {
        for (const Field& field : notes_.spread_fields) report_spread(field, known);
        bool each_satisfied = true;
        for (std::size_t i = 0; i < satisfied_.size(); ++i) {
            each_satisfied = each_satisfied && satisfied_[i];
            report_expression(i, known);
        }
        if (!each_satisfied || satisfied_.empty()) return;
        const std::string who = called("service", service_.name);
        const Position at = notes_.expressions.back().at();
        if (!allowed_) {
            reading_.diagnostics.error(at, fmt::format("a task of {} fits no instance: each of its expressions selects "
                                                       "some of {}, but no instance is selected by all",
                                                       who, cluster()));
        } else if (fits_ && !placeable_) {
            reading_.diagnostics.error(at, fmt::format("a task of {} fits no instance: those of {} that its "
                                                       "placement_constraints select are too small",
                                                       who, cluster()));
        }
    }

private:
    [[nodiscard]] std::string cluster() const {
        return called("cluster", reading_.scenario.clusters[service_.cluster].name);
    }

    [[nodiscard]] std::string missing(std::string_view attribute) const {
        return fmt::format("no instance of {} has the attribute {}", cluster(), attribute);
    }

    [[nodiscard]] static std::string remedy(std::string_view attribute, const AttributeNames& known) {
        std::string hint = attribute_hint(attribute, known);
        if (!hint.empty()) return hint;
        if (!attribute.starts_with("ecs.")) return "an Auto Scaling group's attributes may set it";
        return fmt::format("of ECS's own there are {}", listed(sim::modelled_attributes, "and"));
    }

    void report_spread(const Field& field, const AttributeNames& known) const {
        const std::string_view attribute = std::string_view(field.text()).substr(attribute_prefix.size());
        if (known.find(attribute) != known.end()) return;
        reading_.diagnostics.warning(field.at(), missing(attribute) + ": spread finds them all alike",
                                     remedy(attribute, known));
    }

    void report_expression(std::size_t i, const AttributeNames& known) const {
        const Field& field = notes_.expressions[i];
        std::string why;
        for (const std::string& attribute : service_.shape.member_of[i].attribute_names()) {
            if (known.find(attribute) != known.end()) continue;
            const std::string remedy_text = remedy(attribute, known);
            if (why.empty()) why = fmt::format("none has the attribute {}; {}", attribute, remedy_text);
            if (!satisfied_[i]) break;
            reading_.diagnostics.warning(field.at(offset_of(attribute, field.text())), missing(attribute), remedy_text);
        }
        if (satisfied_[i]) return;
        if (why.empty() && field.text().find("agentVersion") != std::string::npos) {
            why = "the model's instances have no agentVersion";
        }
        reading_.diagnostics.error(field.at(),
                                   fmt::format("a task of {} fits no instance: its expression selects none of {}",
                                               called("service", service_.name), cluster()),
                                   why);
    }

    Reading& reading_;
    const sim::Service& service_;
    const ServiceNotes& notes_;
    std::vector<bool> satisfied_;  ///< Of each expression: by any kind of instance.
    bool allowed_ = false;         ///< By all expressions together.
    bool fits_ = false;
    bool placeable_ = false;
};

/// Is everything known that instances of the cluster will say of themselves?
[[nodiscard]] bool instances_known(const Reading& reading, sim::ClusterId id) {
    const auto& providers = reading.scenario.clusters[id].capacity_providers;
    return reading.region_known && reading.zones_known && reading.cluster_notes[id].complete &&
           std::all_of(providers.begin(), providers.end(), [&](const sim::CapacityProvider& provider) {
               const GroupNotes& notes = reading.group_notes[provider.group];
               return notes.attributes_known && notes.types_known;
           });
}

/// Shows all services every kind of instance that the group may have.
void show_group(const Reading& reading, sim::GroupId id, AttributeNames& known, std::vector<Wishes>& all_wishes) {
    const sim::AutoScalingGroup& group = reading.scenario.groups[id];
    const bool roomy = !reading.group_notes[id].registered_known;
    for (const sim::InstanceOption& option : group.options) {
        for (const sim::ZoneId zone : group.zones) {
            const placement::InstanceFacts facts =
                sim::instance_facts(group, option.type, reading.scenario.zones[zone]);
            for (const auto& attribute : facts.attributes) known.insert(attribute.first);
            for (Wishes& wishes : all_wishes) wishes.show(facts, roomy, option.registered);
        }
    }
}

void check_wishes(Reading& reading, sim::ClusterId cluster, const std::vector<sim::ServiceId>& services) {
    std::vector<Wishes> all_wishes;
    for (const sim::ServiceId id : services) {
        Wishes wishes(reading, id);
        if (wishes.any()) all_wishes.push_back(std::move(wishes));
    }
    if (all_wishes.empty() || !instances_known(reading, cluster)) return;
    AttributeNames known;
    for (const sim::CapacityProvider& provider : reading.scenario.clusters[cluster].capacity_providers) {
        show_group(reading, provider.group, known, all_wishes);
    }
    for (const Wishes& wishes : all_wishes) wishes.report(known);
}

/// The placer keeps its ports as a set of fixed size.
void check_host_ports(Reading& reading, sim::ClusterId cluster, const std::vector<sim::ServiceId>& services) {
    std::set<placement::HostPort> ports;
    for (const sim::ServiceId id : services) {
        const std::vector<placement::HostPort>& wanted = reading.scenario.services[id].shape.host_ports;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            ports.insert(wanted[i]);
            if (ports.size() <= placement::most_host_ports) continue;
            reading.diagnostics.error(
                reading.service_notes[id].host_ports_at[i],
                fmt::format("the services of {} take more than {} different host ports",
                            called("cluster", reading.scenario.clusters[cluster].name), placement::most_host_ports));
            return;
        }
    }
}

}  // namespace

void check_placement(Reading& reading) {
    std::vector<std::vector<sim::ServiceId>> services(reading.scenario.clusters.size());
    for (const Declared<sim::ServiceId>& declared : reading.services) {
        const sim::ClusterId cluster = reading.scenario.services[declared.id].cluster;
        if (cluster.exists()) services[cluster.value].push_back(declared.id);
    }
    for (const sim::ClusterId cluster : des::ids_of(reading.scenario.clusters)) {
        check_wishes(reading, cluster, services[cluster.value]);
        check_host_ports(reading, cluster, services[cluster.value]);
    }
}

}  // namespace fleetsim::scenario

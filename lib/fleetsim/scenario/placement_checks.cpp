#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/placement/query.hpp>
#include <fleetsim/placement/registry.hpp>
#include <fleetsim/placement/shape.hpp>
#include <fleetsim/scenario/attributes.hpp>
#include <fleetsim/scenario/capacity_providers.hpp>
#include <fleetsim/scenario/reading.hpp>
#include <fleetsim/scenario/task_definitions.hpp>
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

/// What tasks ask of their cluster's instances, and whether any kind of them has it.
class Wishes {
public:
    Wishes(Reading& reading, ReadTask read)
        : reading_(reading),
          who_(std::move(read.who)),
          cluster_(read.cluster),
          strategy_(*read.strategy),
          task_(read.task),
          of_service_(read.of_service),
          shape_(read.task->shape),
          notes_(*read.notes),
          satisfied_(shape_.member_of.size(), false) {}

    [[nodiscard]] bool any() const { return !notes_.spread_fields.empty() || !shape_.member_of.empty(); }

    /// May the task be placed on instances of that provider of its cluster?
    [[nodiscard]] bool may_go_to(std::size_t provider) const {
        return may_use(reading_.scenario.clusters[cluster_], strategy_, provider);
    }

    /// Shows the service one kind of instance; `roomy` if its size is not known.
    void show(const placement::InstanceFacts& facts, bool roomy, const placement::Resources& registered) {
        if (placeable_) return;
        bool all = true;
        bool runs = true;
        for (std::size_t i = 0; i < satisfied_.size(); ++i) {
            const bool matches = sim::may_match(shape_.member_of[i], facts);
            if (matches) satisfied_[i] = true;
            if (i == notes_.of_architecture) runs = matches;
            all = all && matches;
        }
        const bool has_room = roomy || !notes_.known || placement::fits(shape_.task, registered);
        // What its architecture has no room for is told elsewhere.
        fits_ = fits_ || (has_room && runs);
        allowed_ = allowed_ || all;
        placeable_ = placeable_ || (all && has_room);
    }

    /// Of a service's task, or of a deployment's: whose service's it is.
    [[nodiscard]] const sim::TaskDefinition* task() const { return task_; }
    [[nodiscard]] const sim::TaskDefinition* of_service() const { return of_service_; }

    /// All that is wrong. True if the constraints together leave no instance.
    bool report(const AttributeNames& known) const {
        for (const Field& field : notes_.spread_fields) report_spread(field, known);
        for (std::size_t i = 0; i < notes_.expressions.size(); ++i) report_expression(i, known);
        if (std::find(satisfied_.begin(), satisfied_.end(), false) != satisfied_.end() || shape_.member_of.empty()) {
            return false;
        }
        if (!allowed_) {
            complain(fmt::format("{} some of {}, but no instance is selected by all", wishes_select(), cluster()));
        } else if (fits_ && !placeable_) {
            complain(fmt::format("those of {}{} are too small", cluster(), selected()));
        } else {
            return false;
        }
        return true;
    }

private:
    void complain(const std::string& why) const {
        // A deployment's task is placed by what its service wishes.
        const bool own = !notes_.expressions.empty();
        reading_.diagnostics.error(own ? notes_.expressions.back().at() : notes_.field->key_at,
                                   fmt::format("a task of {} fits no instance: {}", who_, why));
    }

    /// Does it have expressions, be they its own or its service's?
    [[nodiscard]] bool has_expressions() const {
        return shape_.member_of.size() > static_cast<std::size_t>(notes_.of_architecture.has_value()) +
                                             static_cast<std::size_t>(notes_.of_subnets.has_value());
    }

    [[nodiscard]] std::string wishes_select() const {
        std::vector<std::string> wishes;
        if (has_expressions()) wishes.emplace_back("each of its expressions");
        if (notes_.of_architecture) wishes.emplace_back("its cpu_architecture");
        if (notes_.of_subnets) wishes.emplace_back("its subnets' zones");
        return listed(wishes, "and") + (wishes.size() > 1 ? " select" : " selects");
    }

    [[nodiscard]] std::string selected() const {
        return fmt::format("{}{}", has_expressions() ? " that its placement_constraints select" : "",
                           notes_.of_subnets ? " in the zones of its subnets" : "");
    }

    [[nodiscard]] std::string cluster() const { return called("cluster", reading_.scenario.clusters[cluster_].name); }

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
        for (const std::string& attribute : shape_.member_of[i].attribute_names()) {
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
        reading_.diagnostics.error(
            field.at(),
            fmt::format("a task of {} fits no instance: its expression selects none of {}", who_, cluster()), why);
    }

    Reading& reading_;
    std::string who_;
    sim::ClusterId cluster_;
    const std::vector<sim::StrategyItem>& strategy_;
    const sim::TaskDefinition* task_;
    const sim::TaskDefinition* of_service_;
    const placement::Shape& shape_;
    const TaskNotes& notes_;
    std::vector<bool> satisfied_;  ///< Of each constraint: by any kind of instance.
    bool allowed_ = false;         ///< By all of them together.
    bool fits_ = false;
    bool placeable_ = false;
};

/// Is everything known that instances of the cluster will say of themselves?
[[nodiscard]] bool instances_known(const Reading& reading, sim::ClusterId id) {
    const auto& providers = reading.scenario.clusters[id].capacity_providers;
    return reading.region_known && reading.zones_known && reading.cluster_notes[id].complete &&
           std::all_of(providers.begin(), providers.end(), [&](const sim::CapacityProvider& provider) {
               if (provider.is_fargate()) return true;
               const GroupNotes& notes = reading.group_notes[provider.group];
               return notes.attributes_known && notes.types_known;
           });
}

/// Shows every kind of instance that the provider may have to those who may use it.
void show_provider(const Reading& reading, sim::ClusterId cluster, std::size_t which, AttributeNames& known,
                   std::vector<Wishes>& all_wishes) {
    const sim::GroupId id = reading.scenario.clusters[cluster].capacity_providers[which].group;
    const sim::AutoScalingGroup& group = reading.scenario.groups[id];
    const bool roomy = !reading.group_notes[id].registered_known;
    for (const sim::InstanceOption& option : group.options) {
        for (const sim::ZoneId zone : group.zones) {
            const placement::InstanceFacts facts =
                sim::instance_facts(group, option.type, reading.scenario.zones[zone]);
            for (const auto& attribute : facts.attributes) known.insert(attribute.first);
            for (Wishes& wishes : all_wishes) {
                if (wishes.may_go_to(which)) wishes.show(facts, roomy, option.registered);
            }
        }
    }
}

void check_wishes(Reading& reading, sim::ClusterId cluster, const std::vector<ReadTask>& tasks) {
    std::vector<Wishes> all_wishes;
    for (const ReadTask& task : tasks) {
        Wishes wishes(reading, task);
        if (wishes.any()) all_wishes.push_back(std::move(wishes));
    }
    if (all_wishes.empty() || !instances_known(reading, cluster)) return;
    AttributeNames known;
    const auto& providers = reading.scenario.clusters[cluster].capacity_providers;
    for (std::size_t i = 0; i < providers.size(); ++i) {
        if (!providers[i].is_fargate()) show_provider(reading, cluster, i, known, all_wishes);
    }
    // Services come before their deployments, which have their faults too.
    std::set<const sim::TaskDefinition*> told;
    for (const Wishes& wishes : all_wishes) {
        if (!told.contains(wishes.of_service()) && wishes.report(known)) told.insert(wishes.task());
    }
}

/// The placer keeps its ports as a set of fixed size.
void check_host_ports(Reading& reading, sim::ClusterId cluster, const std::vector<ReadTask>& tasks) {
    std::set<placement::HostPort> ports;
    for (const ReadTask& task : tasks) {
        const std::vector<placement::HostPort>& wanted = task.task->shape.host_ports;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            ports.insert(wanted[i]);
            if (ports.size() <= placement::most_host_ports) continue;
            reading.diagnostics.error(
                task.notes->host_ports_at[i],
                fmt::format("the services of {} take more than {} different host ports",
                            called("cluster", reading.scenario.clusters[cluster].name), placement::most_host_ports));
            return;
        }
    }
}

}  // namespace

void check_placement(Reading& reading) {
    std::vector<std::vector<ReadTask>> tasks(reading.scenario.clusters.size());
    for (ReadTask& task : tasks_read(reading)) tasks[task.cluster.value].push_back(std::move(task));
    for (const sim::ClusterId cluster : des::ids_of(reading.scenario.clusters)) {
        check_wishes(reading, cluster, tasks[cluster.value]);
        check_host_ports(reading, cluster, tasks[cluster.value]);
    }
}

}  // namespace fleetsim::scenario

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include <fleetsim/sim/instance_facts.hpp>
#include <fleetsim/sim/task_explanations.hpp>

/// Where one more task would go at an instant, what refuses it, and what would admit it.
namespace fleetsim::sim {

using placement::Refusal;

namespace {

struct ResourceWords {
    std::string_view unit;
    std::string_view one_more;  ///< Behind a number: `1 more GPU`, `212 MiB more memory`.
    std::string_view more;
};
constexpr std::array<ResourceWords, placement::resource_count> resource_words{
    {{"CPU units", "more CPU unit", "more CPU units"},
     {"MiB", "MiB more memory", "MiB more memory"},
     {"GPUs", "more GPU", "more GPUs"},
     {"network interfaces", "more network interface", "more network interfaces"}}};

/// The resource that a refusal is about, if it is about one.
std::optional<int> resource_of(Refusal refusal) {
    if (refusal == Refusal::cpu) return placement::cpu_units;
    if (refusal == Refusal::memory) return placement::memory_mib;
    if (refusal == Refusal::gpu) return placement::gpus;
    if (refusal == Refusal::eni) return placement::eni_slots;
    return std::nullopt;
}

/// What an instance would have to have, if it is no resource that is missing.
std::string remedy_of(Refusal refusal) {
    if (refusal == Refusal::ports) return "an instance whose host ports are free";
    if (refusal == Refusal::member_of) return "an instance that its memberOf constraints select";
    if (refusal == Refusal::distinct_instance) return "an instance without a task of its group";
    if (refusal == Refusal::not_accepting) return "an instance that accepts tasks again";
    return {};
}

/// `64 more CPU units and 212 MiB more memory`
std::string missing_text(const placement::Resources& missing) {
    std::string text;
    for (std::size_t r = 0; r < resource_words.size(); ++r) {
        const std::int32_t amount = missing[static_cast<int>(r)];
        if (amount == 0) continue;
        text += fmt::format("{}{} {}", text.empty() ? "" : " and ", amount,
                            amount == 1 ? resource_words[r].one_more : resource_words[r].more);
    }
    return text;
}

/// Why managed scaling of the group ignores such a task; empty if it does not.
std::string too_big_for_smallest(const placement::Resources& task, const AutoScalingGroup& group) {
    const scaling::Needs needs = needs_of(task);
    const scaling::Needs room = rooms_of(group).smallest;
    for (std::size_t i = 0; i < needs.size(); ++i) {
        if (needs[i] <= room[i]) continue;
        return fmt::format("its smallest instance type has {} {}, the task needs {}", room[i], resource_words[i].unit,
                           needs[i]);
    }
    return {};
}

bool is_alike(const RefusalExplanation& one, const RefusalExplanation& other) {
    return one.reason == other.reason && one.detail == other.detail && one.instance_type == other.instance_type;
}

}  // namespace

NextPlace TaskExplanations::next_place(TaskGroupId group, const TaskDefinition& task, placement::ShapeId shape,
                                       std::uint32_t provider) const {
    const ClusterId cluster = fleet_.task_groups[group].cluster;
    if (fleet_.is_fargate(cluster, provider)) return next_zone(group, task);
    const placement::PlaceExplanation place = placement::explain_place(fleet_.clusters[cluster].placer.rooms(), shape);
    NextPlace told{.instances = static_cast<std::int32_t>(place.answers.size())};
    add_refusals(told, cluster, shape, place);
    add_ranking(told, cluster, place);
    if (told.fit > 0) return told;
    add_remedies(told, cluster, shape, provider, place);
    add_managed_scaling(told, cluster, shape, provider);
    return told;
}

/// On Fargate zones take the place of instances: that with the fewest of the group's tasks, the first of equals.
NextPlace TaskExplanations::next_zone(TaskGroupId id, const TaskDefinition& task) const {
    const TaskGroup& group = fleet_.task_groups[id];
    NextPlace told;
    RankingExplanation ranking{.strategy = "spread over zones", .compares = "tasks of its group in the zone"};
    for (const ZoneId zone : fleet_.fargate_zones(id)) {
        ++told.instances;
        const std::string& name = fleet_.scenario.zones[zone];
        if (fleet_.zone_is_out(zone)) {
            told.refusals.push_back({.reason = "zone outage", .instances = {name}});
        } else if (!fleet_.has_address(id, task, zone)) {
            told.refusals.push_back({.reason = "no address left in its subnets", .instances = {name}});
        } else {
            ranking.ranking.push_back({name, name, group.tasks_by_zone[zone.value]});
        }
    }
    told.fit = static_cast<std::int32_t>(ranking.ranking.size());
    if (told.fit == 0) {
        if (std::any_of(told.refusals.begin(), told.refusals.end(),
                        [](const auto& refusal) { return refusal.reason == "zone outage"; })) {
            told.admitted_by.emplace_back("the end of the outage in one of its zones");
        } else {
            told.admitted_by.emplace_back("an address in the subnets of one of its zones");
        }
        return told;
    }
    std::stable_sort(ranking.ranking.begin(), ranking.ranking.end(),
                     [](const RankedPlace& one, const RankedPlace& other) { return one.seen < other.seen; });
    ranking.left = 1;
    told.equals = {ranking.ranking.front().place};
    told.ranking.push_back(std::move(ranking));
    return told;
}

RefusalExplanation TaskExplanations::refusal_of(ClusterId cluster, placement::ShapeId shape,
                                                const placement::RoomAnswer& answer) const {
    const ClusterState& state = fleet_.clusters[cluster];
    const Instance& instance = fleet_.instances[state.instances[answer.room]];
    const InstanceOption& option = fleet_.option_of(instance);
    RefusalExplanation told{.reason = std::string{placement::name_of(*answer.refusal)},
                            .instance_type = option.type.name,
                            .instances = {instance.name}};
    if (answer.refusal == Refusal::not_accepting) {
        told.detail = instance.unreachable_since ? "does not answer" : "draining";
    }
    if (const auto resource = resource_of(*answer.refusal)) {
        told.unit = resource_words[static_cast<std::size_t>(*resource)].unit;
        told.needed = state.placer.rooms().shape(shape).task[*resource];
        told.least_left = told.most_left = state.placer.rooms().left(answer.room)[*resource];
        told.registered = option.registered[*resource];
    }
    return told;
}

/// Alike ones together, in the order of their first instances.
void TaskExplanations::add_refusals(NextPlace& told, ClusterId cluster, placement::ShapeId shape,
                                    const placement::PlaceExplanation& place) const {
    for (const placement::RoomAnswer& answer : place.answers) {
        if (!answer.refusal) {
            ++told.fit;
            continue;
        }
        RefusalExplanation one = refusal_of(cluster, shape, answer);
        const auto alike = std::find_if(told.refusals.begin(), told.refusals.end(),
                                        [&one](const RefusalExplanation& other) { return is_alike(one, other); });
        if (alike == told.refusals.end()) {
            told.refusals.push_back(std::move(one));
            continue;
        }
        alike->instances.push_back(one.instances.front());
        alike->least_left = std::min(alike->least_left, one.least_left);
        alike->most_left = std::max(alike->most_left, one.most_left);
    }
}

void TaskExplanations::add_ranking(NextPlace& told, ClusterId cluster, const placement::PlaceExplanation& place) const {
    const auto& instances = fleet_.clusters[cluster].instances;
    for (const placement::StrategyStep& step : place.steps) {
        RankingExplanation one{.strategy = step.strategy, .compares = step.compares, .left = step.left};
        for (const placement::RankedRoom& room : step.ranking) {
            const Instance& instance = fleet_.instances[instances[room.room]];
            one.ranking.push_back({instance.name, fleet_.scenario.zones[instance.zone], room.seen});
        }
        told.ranking.push_back(std::move(one));
    }
    for (const placement::RoomId room : place.equals) told.equals.push_back(fleet_.instances[instances[room]].name);
}

/// Groups whose instances could be given the task: of its capacity provider, or of any of the cluster's.
std::vector<GroupId> TaskExplanations::groups_for(ClusterId cluster, std::uint32_t provider) const {
    std::vector<GroupId> groups;
    const auto& providers = fleet_.scenario.clusters[cluster].capacity_providers;
    for (std::uint32_t i = 0; i < providers.size(); ++i) {
        if (!providers[i].is_fargate() && (!is_provider(provider) || provider == i)) {
            groups.push_back(providers[i].group);
        }
    }
    return groups;
}

/// The least that would do: room on an instance that is there, or one more instance; or why neither ever will.
void TaskExplanations::add_remedies(NextPlace& told, ClusterId cluster, placement::ShapeId shape,
                                    std::uint32_t provider, const placement::PlaceExplanation& place) const {
    const ClusterState& state = fleet_.clusters[cluster];
    const placement::Shape& wanted = state.placer.rooms().shape(shape);
    if (const auto nearest = placement::nearest_to_fit(place.answers, wanted.task)) {
        told.admitted_by.push_back(fmt::format("{} on {}", missing_text(nearest->missing),
                                               fleet_.instances[state.instances[nearest->room]].name));
    }
    for (const placement::RoomAnswer& answer : place.answers) {
        std::string remedy = (answer.missing == 0).all() ? remedy_of(*answer.refusal) : std::string{};
        const bool known =
            std::find(told.admitted_by.begin(), told.admitted_by.end(), remedy) != told.admitted_by.end();
        if (!remedy.empty() && !known) told.admitted_by.push_back(std::move(remedy));
    }
    const std::vector<GroupId> groups = groups_for(cluster, provider);
    std::string types;
    for (const GroupId id : groups) {
        const AutoScalingGroup& group = fleet_.scenario.groups[id];
        for (const InstanceOption& option : group.options) {
            if (!placement::fits(wanted.task, option.registered)) continue;
            if (!may_select(wanted, group, option.type, fleet_.scenario.zones)) continue;
            const bool at_most = fleet_.groups[id].desired_capacity >= fleet_.groups[id].max_size;
            types += fmt::format("{}{} of {}{}", types.empty() ? "" : " or ", option.type.name, resource_name(group),
                                 at_most ? fmt::format(", beyond its max_size {}", fleet_.groups[id].max_size) : "");
        }
    }
    told.admitted_by.push_back(types.empty() ? never_fits(groups, wanted) : "one more instance: " + types);
}

/// By the resource that the largest type is shortest of.
std::string TaskExplanations::never_fits(const std::vector<GroupId>& groups, const placement::Shape& shape) const {
    const InstanceOption* best = nullptr;
    int worst = 0;
    for (const GroupId id : groups) {
        for (const InstanceOption& option : fleet_.scenario.groups[id].options) {
            for (int r = 0; r < placement::resource_count; ++r) {
                if (shape.task[r] <= option.registered[r]) continue;
                if (best != nullptr && (r != worst || option.registered[r] <= best->registered[r])) continue;
                best = &option;
                worst = r;
            }
        }
    }
    if (groups.empty()) return "nothing: no Auto Scaling group serves it";
    if (best == nullptr) return "nothing: its constraints select no instance that the cluster's groups launch";
    return fmt::format(
        "nothing: no instance type of the cluster could ever hold it; {} registers {} {}, the task needs {}",
        best->type.name, best->registered[worst], resource_words[static_cast<std::size_t>(worst)].unit,
        shape.task[worst]);
}

void TaskExplanations::add_managed_scaling(NextPlace& told, ClusterId cluster, placement::ShapeId shape,
                                           std::uint32_t provider) const {
    if (provider == no_provider) return;
    const placement::Resources& task = fleet_.clusters[cluster].placer.rooms().shape(shape).task;
    for (const GroupId id : groups_for(cluster, provider)) {
        const GroupState& group = fleet_.groups[id];
        if (group.provider == nullptr || !group.provider->managed_scaling) continue;
        ManagedScalingExplanation one{.group = resource_name(fleet_.scenario.groups[id]),
                                      .percent = loops_.reservation_percent(id),
                                      .desired = group.desired_capacity,
                                      .max_size = group.max_size};
        for (const InstanceId instance_id : group.instances) {
            const Instance& instance = fleet_.instances[instance_id];
            one.coming += instance.in_capacity() && instance.state < cloud::InstanceState::registered ? 1 : 0;
        }
        for (const std::string& failure : group.launch_failures) {
            if (!failure.empty()) one.failure = failure;
        }
        one.ignores = too_big_for_smallest(task, fleet_.scenario.groups[id]);
        told.managed_scaling.push_back(std::move(one));
    }
}

}  // namespace fleetsim::sim

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/scaling/health_replacement.hpp>
#include <fleetsim/scaling/instance_refresh.hpp>
#include <fleetsim/scaling/max_instance_lifetime.hpp>
#include <fleetsim/scaling/warm_pool.hpp>
#include <fleetsim/sim/groups.hpp>

namespace fleetsim::sim {

using des::Time;

namespace {

scaling::InstanceHealth health_of(const Instance& instance) {
    std::optional<Time> impaired_since = instance.status_check_failed_since;
    if (instance.unreachable_since && (!impaired_since || *instance.unreachable_since < *impaired_since)) {
        impaired_since = instance.unreachable_since;
    }
    return {.in_service_since = instance.in_service_since,
            .impaired_since = impaired_since,
            .failed_by_load_balancer = instance.reported_unhealthy,
            .set_unhealthy = instance.set_unhealthy};
}

des::Duration warmup_of(const AutoScalingGroup& group) {
    return group.default_instance_warmup.value_or(des::Duration::zero());
}

/// From the end of one instance until the next is in service, besides its warm-up: what the launch times take on the
/// whole. A model decision, like the default launch times.
constexpr des::Duration usual_launch = std::chrono::seconds{60};

}  // namespace

bool Groups::is_leaving(InstanceId id) const {
    const auto& replacements = fleet_.groups[fleet_.instances[id].group].replacements;
    return std::any_of(replacements.begin(), replacements.end(),
                       [id](const Replacement& replacement) { return replacement.leaving == id; });
}

/// Simple scaling waits until what it started is done: every instance in service, none on its way out.
void Groups::settle_simple_activity(GroupId id) {
    GroupState& group = fleet_.groups[id];
    if (!group.simple_activity) return;
    if (group.census.pending() > 0 || group.census.terminating() > 0) return;
    if (units_of(id) < group.desired_capacity) return;
    group.simple_activity = false;
    group.simple_activity_finished_at = fleet_.now();
}

// Health.

bool Groups::is_unhealthy(const Instance& instance) const {
    if (instance.lifecycle != LifecycleState::in_service || !instance.has_trouble()) return false;
    const AutoScalingGroup& group = fleet_.settings_of(instance);
    const scaling::HealthChecks checks{group.health_check_type, group.health_check_grace_period};
    return scaling::unhealthy(checks, health_of(instance), fleet_.now());
}

Groups::HealthRound Groups::health_round(GroupId id) const {
    const GroupState& group = fleet_.groups[id];
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    HealthRound round{.view = {.desired = group.desired_capacity}, .unhealthy = {}, .at_once = {}};
    for (const InstanceId instance_id : group.instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (!instance.in_capacity()) continue;
        const std::int32_t weight = fleet_.weight_of(instance);
        const bool in_service = instance.lifecycle == LifecycleState::in_service;
        round.view.activity_in_progress = round.view.activity_in_progress || !in_service;
        if (in_service) round.view.in_service += weight;
        if (is_unhealthy(instance) && scaling::replaced_immediately(health_of(instance))) {
            round.at_once.push_back(instance_id);
            continue;
        }
        if (is_unhealthy(instance)) {
            round.view.unhealthy += weight;
            round.unhealthy.push_back(instance_id);
            continue;
        }
        const bool replaces = group.health_batch && instance.number >= *group.health_batch;
        const bool warm = in_service && fleet_.now() - instance.in_service_since >= warmup_of(settings);
        if (replaces && !warm) round.view.being_replaced += weight;
    }
    return round;
}

/// Tasks cannot move off an instance that does not answer; those that are left are not waited for.
void Groups::end_silent(GroupId id) {
    if (fleet_.groups[id].census.instances(LifecycleState::terminating_wait) == 0) return;
    for (const InstanceId instance_id : fleet_.groups[id].instances) {
        const Instance& instance = fleet_.instances[instance_id];
        const bool drains = instance.lifecycle == LifecycleState::terminating_wait && !instance.hooks_pending;
        if (!drains || !instance.unreachable_since) continue;
        if (fleet_.now() - *instance.unreachable_since >= scaling::impairment_tolerance) {
            terminate(instance_id, "failed status checks");
        }
    }
}

/// Instances that are unhealthy are replaced, a few at a time; the next ones wait until the new ones are in service.
void Groups::replace_unhealthy(GroupId id) {
    end_silent(id);
    const auto& instances = fleet_.groups[id].instances;
    const auto unhealthy = [this](InstanceId instance) { return is_unhealthy(fleet_.instances[instance]); };
    if (!replaces_unhealthy(fleet_.scenario.groups[id]) ||
        std::none_of(instances.begin(), instances.end(), unhealthy)) {
        return;
    }
    const HealthRound round = health_round(id);
    for (const InstanceId victim : round.at_once) end_unhealthy(victim);
    std::int32_t units = scaling::replacements_now(round.view);
    if (units == 0) return;
    fleet_.groups[id].health_batch = fleet_.groups[id].created;
    for (const InstanceId victim : round.unhealthy) {
        if (units <= 0) return;
        units -= fleet_.weight_of(fleet_.instances[victim]);
        end_unhealthy(victim);
    }
}

/// What does not answer is not drained; its hooks run all the same.
void Groups::end_unhealthy(InstanceId id) {
    const Instance& instance = fleet_.instances[id];
    const bool has_hooks = !hook_outcomes(instance, scaling::LifecycleTransition::terminating).empty();
    if (instance.unreachable_since && !has_hooks) return terminate(id, "failed status checks");
    const bool by_balancer =
        instance.reported_unhealthy && fleet_.settings_of(instance).health_check_type == scaling::HealthCheckType::elb;
    end_instance(id, instance.set_unhealthy ? "set unhealthy by a custom health check"
                     : by_balancer          ? "failed its health checks"
                                            : "failed status checks");
}

// Rebalancing.

/// Launches an instance that takes the place of another once it is in service. Meanwhile the group may exceed its
/// maximum, within a margin.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Rebalancing activities".
bool Groups::replace_by_launching(InstanceId leaving, std::optional<std::size_t> zone, std::string_view reason) {
    const Instance& old = fleet_.instances[leaving];
    const GroupId id = old.group;
    GroupState& group = fleet_.groups[id];
    if (is_leaving(leaving) || fleet_.scenario.groups[id].suspended(ScalingProcess::launch)) return false;
    // What heavy instances bring beyond the desired capacity does not use up the margin.
    const std::int32_t most = group.max_size + scaling::rebalancing_margin(group.max_size) + group.overshoot;
    if (units_of(id) >= most) return false;
    const auto launch = choose_launch(id, old.spot, zone);
    if (!launch) return false;
    const InstanceId coming = launch_instance(id, *launch, LifecycleState::pending, reason);
    group.replacements.push_back({leaving, coming, reason});
    return true;
}

void Groups::rebalance_zones(GroupId id) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    if (settings.zones.size() < 2 || settings.suspended(ScalingProcess::az_rebalance)) return;
    while (rebalance_once(id, false)) {
    }
    if (settings.first_option().spot_pools.empty()) return;
    while (rebalance_once(id, true)) {
    }
}

/// Moves one instance of the purchase option, if that makes the zones more even.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Rebalancing activities".
bool Groups::rebalance_once(GroupId id, bool spot) {
    const auto uneven = scaling::rebalance(zone_loads(id, spot));
    if (!uneven) return false;
    std::vector<InstanceId> eligible;
    for (const InstanceId instance_id : fleet_.groups[id].instances) {
        const Instance& instance = fleet_.instances[instance_id];
        const bool there = instance.zone_index == uneven->from && instance.lifecycle == LifecycleState::in_service;
        if (there && instance.spot == spot && !is_protected(instance)) eligible.push_back(instance_id);
    }
    const auto leaving = choose_to_end(id, eligible, std::nullopt);
    return leaving && replace_by_launching(*leaving, uneven->to, "rebalancing the zones");
}

// Instance refresh.

void Groups::refresh_row(GroupId id, std::string reason) {
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "instance_refresh",
                         .resource = resource_name(fleet_.scenario.groups[id]),
                         .reason = std::move(reason)});
}

void Groups::handle(event::RefreshDue due) {
    GroupState& group = fleet_.groups[due.group];
    const AutoScalingGroup& settings = fleet_.scenario.groups[due.group];
    if (group.refresh) return refresh_row(due.group, "rejected: another one is in progress");
    if (settings.suspended(ScalingProcess::instance_refresh)) {
        return refresh_row(due.group, "rejected: the process is suspended");
    }
    fleet_.recorder.row({.at = fleet_.now(),
                         .event = "instance_refresh",
                         .resource = resource_name(settings),
                         .from = std::to_string(group.template_version),
                         .to = std::to_string(group.template_version + 1),
                         .reason = "starts: instances get a new launch template version"});
    ++group.template_version;
    group.refresh = RefreshState{.which = due.refresh};
    refresh(due.group);
    adjust(due.group, "replacing what the instance refresh ended");
}

Groups::RefreshProgress Groups::refresh_progress(GroupId id) const {
    const GroupState& group = fleet_.groups[id];
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const des::Duration warmup =
        scaling::refresh_warmup(settings.instance_refreshes[group.refresh->which].settings,
                                settings.default_instance_warmup, settings.health_check_grace_period);
    const std::int32_t overshoot = std::clamp(lasting_units(id) - group.desired_capacity, 0, group.overshoot);
    RefreshProgress progress{.view = {.desired = group.desired_capacity + overshoot}, .old = {}};
    for (const InstanceId instance_id : group.instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (!instance.in_capacity()) continue;
        const std::int32_t weight = fleet_.weight_of(instance);
        if (instance.template_version != group.template_version) {
            progress.old.push_back(instance_id);
            const bool to_be_replaced = replaces_unhealthy(settings) && is_unhealthy(instance);
            const bool healthy = instance.lifecycle == LifecycleState::in_service && !to_be_replaced;
            progress.view.healthy += healthy ? weight : 0;
            continue;
        }
        const Time warm_at = instance.in_service_since + warmup;
        if (instance.lifecycle != LifecycleState::in_service || fleet_.now() < warm_at) {
            progress.view.in_progress += weight;
            continue;
        }
        progress.view.replaced += weight;
        progress.view.healthy += weight;
        progress.view.last_replaced_at = std::max(progress.view.last_replaced_at.value_or(warm_at), warm_at);
    }
    progress.view.nothing_left = progress.old.empty() && progress.view.in_progress == 0;
    return progress;
}

/// While launching or terminating is suspended, a refresh rests. What scales meanwhile does not shorten a checkpoint.
void Groups::refresh(GroupId id) {
    GroupState& group = fleet_.groups[id];
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    const bool rests = settings.suspended(ScalingProcess::launch) || settings.suspended(ScalingProcess::terminate);
    if (!group.refresh || rests || fleet_.now() < group.refresh->waits_until.value_or(Time{})) return;
    const RefreshProgress progress = refresh_progress(id);
    const scaling::RefreshStep step =
        scaling::next_step(settings.instance_refreshes[group.refresh->which].settings, progress.view, fleet_.now());
    const std::string so_far = fmt::format("{} of {} replaced", progress.view.replaced, progress.view.desired);
    switch (step.action) {
        case scaling::RefreshAction::done: group.refresh.reset(); return refresh_row(id, "done: " + so_far);
        case scaling::RefreshAction::wait_at_checkpoint:
            group.refresh->waits_until = step.until;
            return refresh_row(id, "waits at a checkpoint: " + so_far);
        case scaling::RefreshAction::wait: return;
        case scaling::RefreshAction::replace: return replace_old(id, step.replace, progress);
    }
}

/// Ends old instances that weigh no more than `units` together; at least one if none is being replaced.
void Groups::replace_old(GroupId id, std::int32_t units, const RefreshProgress& progress) {
    std::vector<InstanceId> eligible = progress.old;
    const auto kept = [&](InstanceId i) { return is_protected(fleet_.instances[i]); };
    eligible.erase(std::remove_if(eligible.begin(), eligible.end(), kept), eligible.end());
    if (eligible.empty()) return wait_for_protection(id);
    fleet_.groups[id].refresh->fails_at.reset();
    bool first = progress.view.in_progress == 0;
    while (const auto old = choose_to_end(id, eligible, std::nullopt)) {
        const std::int32_t weight = fleet_.weight_of(fleet_.instances[*old]);
        if (weight > units && !first) return;
        first = false;
        units -= weight;
        end_instance(*old, "instance refresh");
    }
}

/// An instance refresh waits an hour for scale-in protection to be removed, which nobody does here but the tasks that
/// leave their instances.
///
/// Source: Amazon EC2 Auto Scaling API Reference, RefreshPreferences (ScaleInProtectedInstances: Wait).
void Groups::wait_for_protection(GroupId id) {
    auto& refresh = fleet_.groups[id].refresh;
    if (!refresh->fails_at) {
        refresh->fails_at = fleet_.now() + std::chrono::hours{1};
        refresh_row(id, "waits: the instances left are protected from scale-in");
    } else if (fleet_.now() >= *refresh->fails_at) {
        refresh.reset();
        refresh_row(id, "failed: the instances left are protected from scale-in");
    }
}

// Maximum instance lifetime.

void Groups::replace_expired(GroupId id) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    if (!settings.max_instance_lifetime || settings.suspended(ScalingProcess::terminate)) return;
    if (settings.suspended(ScalingProcess::launch)) return;
    const des::Duration lifetime = *settings.max_instance_lifetime;
    scaling::LifetimeView view{.replacement_time = usual_launch + warmup_of(settings)};
    std::vector<InstanceId> expired;
    for (const InstanceId instance_id : fleet_.groups[id].instances) {
        const Instance& instance = fleet_.instances[instance_id];
        if (!instance.in_capacity()) continue;
        const bool in_service = instance.lifecycle == LifecycleState::in_service;
        const bool warm = in_service && fleet_.now() - instance.in_service_since >= warmup_of(settings);
        view.capacity += in_service ? 1 : 0;
        view.being_replaced += warm ? 0 : 1;
        const Time since = std::max(instance.in_service_since, Time{});
        if (in_service && !is_protected(instance) && scaling::expired(lifetime, since, fleet_.now())) {
            expired.push_back(instance_id);
        }
    }
    view.expired = static_cast<std::int32_t>(expired.size());
    for (std::int32_t left = scaling::lifetime_replacements(lifetime, view); left > 0; --left) {
        const auto chosen = choose_to_end(id, expired, std::nullopt);
        if (chosen) end_instance(*chosen, "reached the maximum instance lifetime");
    }
}

// Warm pool.

/// Less than zero if it holds too many.
std::int32_t Groups::missing_in_warm_pool(GroupId id) const {
    const GroupState& group = fleet_.groups[id];
    return scaling::warm_pool_size(*fleet_.scenario.groups[id].warm_pool, group.desired_capacity, group.max_size) -
           group.census.in_warm_pool();
}

/// Where group and pool together have the fewest.
std::optional<Groups::Launch> Groups::next_for_warm_pool(GroupId id) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    if (!settings.warm_pool || missing_in_warm_pool(id) <= 0) return std::nullopt;
    return choose_launch(id, false,
                         scaling::choose_launch_zone(zone_loads(id, false, true), settings.zone_distribution));
}

void Groups::fill_warm_pool(GroupId id) {
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    if (!settings.warm_pool) return;
    if (!settings.suspended(ScalingProcess::terminate)) shrink_warm_pool(id);
    if (settings.suspended(ScalingProcess::launch)) return;
    while (const auto launch = next_for_warm_pool(id)) {
        launch_instance(id, *launch, LifecycleState::warmed_pending, "filling the warm pool");
    }
}

/// Ends what an instance refresh has made outdated, once the instances in service are replaced, and then what is too
/// much, the oldest first; but not while the group is still short of capacity.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Update instances in a warm pool"; that all are replaced at once is a
/// model decision.
void Groups::shrink_warm_pool(GroupId id) {
    const GroupState& group = fleet_.groups[id];
    for (const InstanceId instance : ready_in_warm_pool(id)) {
        const bool outdated = fleet_.instances[instance].template_version != group.template_version;
        if (outdated && !group.refresh) terminate(instance, "instance refresh");
    }
    if (units_of(id) < group.desired_capacity) return;
    for (const InstanceId instance : ready_in_warm_pool(id)) {
        if (missing_in_warm_pool(id) >= 0) return;
        terminate(instance, "the warm pool is larger than it should be");
    }
}

}  // namespace fleetsim::sim

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/sim/groups.hpp>

namespace fleetsim::sim {

using cloud::InstanceState;
using des::Time;

namespace {

/// Steps of an instance's life, each with draws of its own. The numbers are part of every result: never renumber.
enum Step : std::uint64_t {
    decision_to_launch = 0,
    pending_to_running = 1,
    running_to_agent = 2,
    agent_to_active = 3,
    shutting_down = 4,
    running_to_in_service = 5,
    stopping = 6,
    stopped_to_running = 7,
    steps_of_a_start = 16
};

constexpr std::string_view name_of(LifecycleState state) {
    return lifecycle_state_names[static_cast<std::size_t>(state)];
}

/// Rows of these tell of Auto Scaling's states, others of EC2's and ECS's.
constexpr bool is_about_lifecycle(std::string_view event) {
    constexpr std::array<std::string_view, 5> events{"instance_in_service", "instance_start", "instance_terminating",
                                                     "instance_warmed", "instance_warming"};
    return std::find(events.begin(), events.end(), event) != events.end();
}

/// Instances of the start have been in service for longer than any warm-up or grace period lasts.
constexpr Time long_before_the_start{-std::chrono::hours{24 * 7}};

}  // namespace

void Groups::instance_row(InstanceId id, std::string_view event, std::string_view from, std::string_view reason) {
    const Instance& instance = fleet_.instances[id];
    const placement::Resources& registered = fleet_.option_of(instance).registered;
    fleet_.recorder.row(
        {.at = fleet_.now(),
         .event = event,
         .resource = resource_name(fleet_.settings_of(instance)),
         .subject = instance.name,
         .instance = instance.name,
         .zone = fleet_.scenario.zones[instance.zone],
         .cpu_units = registered[placement::cpu_units],
         .memory_mib = registered[placement::memory_mib],
         .gpus = registered[placement::gpus],
         .from = std::string{from},
         .to = std::string{is_about_lifecycle(event) ? name_of(instance.lifecycle) : cloud::name(instance.state)},
         .reason = std::string{reason}});
}

/// What the instance was before.
LifecycleState Groups::move(InstanceId id, LifecycleState to) {
    Instance& instance = fleet_.instances[id];
    Census& census = fleet_.groups[instance.group].census;
    census.remove(instance, fleet_.weight_of(instance));
    const LifecycleState before = std::exchange(instance.lifecycle, to);
    census.add(instance, fleet_.weight_of(instance));
    return before;
}

void Groups::enter(InstanceId id, InstanceState state, LifecycleState lifecycle, std::string_view event,
                   std::string_view reason) {
    Instance& instance = fleet_.instances[id];
    const InstanceState from = std::exchange(instance.state, state);
    FLEETSIM_CHECK(from == state || cloud::can_follow(from, state));
    const LifecycleState before = move(id, lifecycle);
    instance_row(id, event, is_about_lifecycle(event) ? name_of(before) : cloud::name(from), reason);
}

InstanceId Groups::add_instance(GroupId id, const Launch& launch, LifecycleState lifecycle, std::string_view reason) {
    GroupState& group = fleet_.groups[id];
    const AutoScalingGroup& settings = fleet_.scenario.groups[id];
    Instance instance;
    instance.name = fmt::format("i-{:06}", fleet_.instances.size() + 1);
    instance.group = id;
    instance.number = group.created++;
    instance.zone_index = launch.zone;
    instance.zone = settings.zones[launch.zone];
    instance.option = launch.option;
    instance.spot = launch.spot;
    instance.template_version = group.template_version;
    instance.lifecycle = lifecycle;
    instance.subnet = fleet_.subnet_with(settings.addresses_per_instance, settings.subnets, instance.zone);
    if (instance.subnet.exists()) fleet_.addresses_left[instance.subnet] -= settings.addresses_per_instance;
    instance.launched_at = fleet_.now();
    const InstanceId added = fleet_.instances.add(std::move(instance));
    group.instances.push_back(added);
    group.census.add(fleet_.instances[added], fleet_.weight_of(fleet_.instances[added]));
    if (launch.spot) ++fleet_.spot_pools[pool_of(fleet_.instances[added])].given_out;
    std::string told{reason};
    if (settings.mixed_instances_policy) {
        told += fmt::format(": {} {}", launch.spot ? "Spot" : "On-Demand", settings.options[launch.option].type.name);
    }
    instance_row(added, "instance_launch", cloud::name(InstanceState::pending), told);
    return added;
}

/// How long one step of an instance's life takes.
des::Duration Groups::step(InstanceId id, std::uint64_t step, const des::Distribution& time) const {
    const Instance& instance = fleet_.instances[id];
    const std::uint64_t address = step + steps_of_a_start * instance.starts;
    return Fleet::draw(time, fleet_.groups[instance.group].launch_times, des::child_address(instance.number, address));
}

InstanceId Groups::launch_instance(GroupId id, const Launch& launch, LifecycleState lifecycle,
                                   std::string_view reason) {
    const InstanceId added = add_instance(id, launch, lifecycle, reason);
    ++fleet_.groups[id].launches;
    const LaunchTimes& times = fleet_.scenario.groups[id].launch_times;
    schedule_after(fleet_.kernel,
                   step(added, decision_to_launch, times.decision_to_launch) +
                       step(added, pending_to_running, times.pending_to_running),
                   des::Phase::release, Event{event::InstanceRunning{added}});
    return added;
}

/// What is in service when the scenario starts has been so for a while.
void Groups::start_in_service(InstanceId id) {
    run(id);
    Instance& instance = fleet_.instances[id];
    move(id, LifecycleState::in_service);
    instance.in_service_since = long_before_the_start;
    if (!in_ecs(instance.group)) return;
    enter(id, InstanceState::registered, LifecycleState::in_service, "instance_registered", "");
    tasks_.register_instance(id);
}

/// The pool is as full as it should be when the scenario starts.
void Groups::start_in_warm_pool(InstanceId id) {
    Instance& instance = fleet_.instances[id];
    if (fleet_.settings_of(instance).warm_pool->pool_state == scaling::WarmPoolState::running) {
        run(id);
    } else {
        instance.state = InstanceState::stopped;
    }
    enter(id, instance.state, LifecycleState::warmed, "instance_warmed", "");
}

void Groups::run(InstanceId id) {
    enter(id, InstanceState::running, fleet_.instances[id].lifecycle, "instance_running", "");
    fleet_.instances[id].running_since = fleet_.now();
    fleet_.recorder.instances_running(fleet_.instances[id].group, fleet_.now(), +1);
}

void Groups::handle(event::InstanceRunning running) {
    const InstanceId id = running.instance;
    if (fleet_.instances[id].state != InstanceState::pending) return;
    run(id);
    if (fleet_.instances[id].lifecycle == LifecycleState::pending) return go_into_service(id);
    if (!run_hooks(id, scaling::LifecycleTransition::launching)) settle_in_warm_pool(id);
}

/// By way of its launch hooks; meanwhile its ECS agent starts.
void Groups::go_into_service(InstanceId id) {
    register_later(id);
    Instance& instance = fleet_.instances[id];
    if (run_hooks(id, scaling::LifecycleTransition::launching)) {
        move(id, LifecycleState::pending_wait);
        return;
    }
    const des::Duration delay =
        step(id, running_to_in_service, fleet_.settings_of(instance).launch_times.running_to_in_service);
    schedule_after(fleet_.kernel, delay, des::Phase::release, Event{event::InstanceInService{id, instance.starts}});
}

/// Starts the ECS agent's way to ACTIVE; a warm instance's agent waits until the instance goes into service.
void Groups::register_later(InstanceId id) {
    Instance& instance = fleet_.instances[id];
    if (!in_ecs(instance.group)) return;
    const LaunchTimes& times = fleet_.settings_of(instance).launch_times;
    const des::Duration until_active =
        step(id, running_to_agent, times.running_to_agent) + step(id, agent_to_active, times.agent_to_active);
    instance.registers_at = fleet_.now() + std::min(until_active, des::latest_time - fleet_.now());
    fleet_.kernel.schedule(instance.registers_at, Event{event::InstanceRegistered{id}});
}

void Groups::handle(event::InstanceRegistered registered) {
    const InstanceId id = registered.instance;
    const Instance& instance = fleet_.instances[id];
    const bool too_soon = fleet_.now() < instance.registers_at;  // It was stopped and started since.
    if (instance.state != InstanceState::running || !instance.in_capacity() || too_soon) return;
    if (instance.unreachable_since) return;
    enter(id, InstanceState::registered, instance.lifecycle, "instance_registered", "");
    tasks_.register_instance(id);
}

void Groups::handle(event::InstanceInService in_service) {
    const Instance& instance = fleet_.instances[in_service.instance];
    if (instance.lifecycle != LifecycleState::pending || instance.starts != in_service.start) return;
    enter_service(in_service.instance);
}

void Groups::enter_service(InstanceId id) {
    enter(id, fleet_.instances[id].state, LifecycleState::in_service, "instance_in_service", "");
    fleet_.instances[id].in_service_since = fleet_.now();
    fleet_.groups[fleet_.instances[id].group].last_in_service = fleet_.now();
    end_replaced(id);
    settle_simple_activity(fleet_.instances[id].group);
}

/// Ends the instance whose place the new one takes, if any. While the process is suspended the group stays as large as
/// it has become.
void Groups::end_replaced(InstanceId coming) {
    const GroupId id = fleet_.instances[coming].group;
    auto& replacements = fleet_.groups[id].replacements;
    const auto own = std::find_if(replacements.begin(), replacements.end(),
                                  [coming](const Replacement& replacement) { return replacement.coming == coming; });
    if (own == replacements.end()) return;
    const Replacement replacement = *own;
    replacements.erase(own);
    fleet_.instances[replacement.leaving].has_replacement = true;
    if (fleet_.scenario.groups[id].suspended(ScalingProcess::terminate)) return;
    end_instance(replacement.leaving, replacement.reason);
    accept_overshoot(id);
}

/// How each of the group's hooks for this would end.
std::vector<scaling::HookOutcome> Groups::hook_outcomes(const Instance& instance,
                                                        scaling::LifecycleTransition transition) const {
    const AutoScalingGroup& group = fleet_.settings_of(instance);
    std::vector<scaling::HookOutcome> outcomes;
    for (std::size_t i = 0; i < group.lifecycle_hooks.size(); ++i) {
        const LifecycleHook& hook = group.lifecycle_hooks[i];
        if (hook.settings.transition != transition) continue;
        std::optional<des::Duration> completes_after;
        if (hook.completes_after) {
            const std::uint64_t address = des::child_address(instance.number, i + 64 * std::uint64_t{instance.starts});
            completes_after = Fleet::draw(*hook.completes_after, fleet_.groups[instance.group].hook_times, address);
        }
        outcomes.push_back(scaling::outcome(hook.settings, completes_after, hook.completes_with, hook.heartbeats));
    }
    return outcomes;
}

/// Has the group hooks for this? Then `HooksDone` tells when the instance may go on, whatever came of them if it is
/// leaving.
bool Groups::run_hooks(InstanceId id, scaling::LifecycleTransition transition) {
    Instance& instance = fleet_.instances[id];
    const std::vector<scaling::HookOutcome> outcomes = hook_outcomes(instance, transition);
    if (outcomes.empty()) return false;
    const scaling::HookOutcome joint = scaling::joint_outcome(outcomes);
    const bool leaves = transition == scaling::LifecycleTransition::terminating;
    const bool proceed = leaves || joint.result == scaling::HookResult::proceed;
    instance.hooks_pending = true;
    ++instance.hooks;
    schedule_after(fleet_.kernel, joint.after, des::Phase::release,
                   Event{event::HooksDone{id, instance.hooks, proceed, joint.timed_out}});
    return true;
}

void Groups::handle(event::HooksDone done) {
    const InstanceId id = done.instance;
    Instance& instance = fleet_.instances[id];
    if (!instance.hooks_pending || instance.hooks != done.generation) return;
    instance.hooks_pending = false;
    if (instance.lifecycle == LifecycleState::terminating_wait) return end_when_ready(id);
    if (!done.proceed) {
        end_instance(id, done.timed_out ? "a launch hook timed out" : "a launch hook was abandoned");
        return adjust(instance.group, "replacing an instance that a hook abandoned");
    }
    if (instance.lifecycle == LifecycleState::warmed_pending) return settle_in_warm_pool(id);
    if (instance.lifecycle == LifecycleState::pending_wait) enter_service(id);
}

void Groups::settle_in_warm_pool(InstanceId id) {
    const auto pool_state = fleet_.settings_of(fleet_.instances[id]).warm_pool->pool_state;
    if (pool_state != scaling::WarmPoolState::running) return stop_instance(id);
    enter(id, InstanceState::running, LifecycleState::warmed, "instance_warmed", "");
}

/// Hibernating is paid for, stopping is not.
void Groups::stop_instance(InstanceId id) {
    Instance& instance = fleet_.instances[id];
    const AutoScalingGroup& group = fleet_.settings_of(instance);
    enter(id, InstanceState::stopping, LifecycleState::warmed_pending, "instance_stopping",
          "on its way to the warm pool");
    if (group.warm_pool->pool_state != scaling::WarmPoolState::hibernated) stop_billing(id, false);
    schedule_after(fleet_.kernel, step(id, stopping, group.launch_times.stopping), des::Phase::release,
                   Event{event::InstanceStopped{id}});
}

void Groups::handle(event::InstanceStopped stopped) {
    const Instance& instance = fleet_.instances[stopped.instance];
    if (instance.state != InstanceState::stopping) return;
    if (instance.running_since) stop_billing(stopped.instance, false);
    enter(stopped.instance, InstanceState::stopped, LifecycleState::warmed, "instance_warmed", "");
}

void Groups::leave_warm_pool(InstanceId id, std::string_view reason) {
    Instance& instance = fleet_.instances[id];
    const LaunchTimes& times = fleet_.settings_of(instance).launch_times;
    ++instance.starts;
    if (instance.state == InstanceState::stopped) {
        enter(id, InstanceState::pending, LifecycleState::pending, "instance_start", reason);
        return schedule_after(fleet_.kernel,
                              step(id, decision_to_launch, times.decision_to_launch) +
                                  step(id, stopped_to_running, times.stopped_to_running),
                              des::Phase::release, Event{event::InstanceRunning{id}});
    }
    enter(id, InstanceState::running, LifecycleState::pending, "instance_start", reason);
    go_into_service(id);
}

/// What a scale-in does to the instance it chose.
void Groups::scale_in_instance(InstanceId id, std::string_view reason) {
    const Instance& instance = fleet_.instances[id];
    const auto& pool = fleet_.settings_of(instance).warm_pool;
    const bool reuse = pool && pool->reuse_on_scale_in && !in_ecs(instance.group);
    if (reuse) return return_to_warm_pool(id, reason);
    end_instance(id, reason);
}

/// Out of service, and once its hooks are done back into the pool.
///
/// Source: Amazon EC2 Auto Scaling User Guide, "Use lifecycle hooks with a warm pool". That instances of a cluster are
/// ended instead is a model decision.
void Groups::return_to_warm_pool(InstanceId id, std::string_view reason) {
    forget_replacements_of(id);
    enter(id, InstanceState::running, LifecycleState::warmed_pending, "instance_warming", reason);
    if (!run_hooks(id, scaling::LifecycleTransition::terminating)) settle_in_warm_pool(id);
}

/// Takes it out of service: its hooks run and its tasks move elsewhere (managed draining), then EC2 terminates it.
void Groups::end_instance(InstanceId id, std::string_view reason) {
    Instance& instance = fleet_.instances[id];
    if (instance.lifecycle >= LifecycleState::terminating_wait) return;
    if (!instance.running_since) return terminate(id, reason);
    forget_replacements_of(id);
    instance.hooks_pending = false;
    ++instance.hooks;  // Launch hooks still at work do not matter any more.
    const LifecycleState before = move(id, LifecycleState::terminating_wait);
    const bool hooks = run_hooks(id, scaling::LifecycleTransition::terminating);
    const CapacityProvider* const provider = fleet_.groups[instance.group].provider;
    const bool drains = provider == nullptr || provider->managed_draining;
    if (drains && instance.state == InstanceState::registered) {
        enter(id, InstanceState::draining, LifecycleState::terminating_wait, "instance_draining", reason);
        tasks_.drain_instance(id);
    } else if (hooks || instance.state == InstanceState::draining) {  // A Spot interruption notice drained it already.
        instance_row(id, "instance_terminating", name_of(before), reason);
    } else {
        return terminate(id, reason);
    }
    end_when_ready(id);
}

void Groups::end_when_ready(InstanceId id) {
    const Instance& instance = fleet_.instances[id];
    if (instance.lifecycle != LifecycleState::terminating_wait || instance.hooks_pending) return;
    if (instance.state == InstanceState::draining && !instance.tasks.empty()) return;
    terminate(id, instance.state == InstanceState::draining ? "drained" : "its hooks are done");
}

void Groups::handle(event::InstanceDrained drained) { end_when_ready(drained.instance); }

/// Of two instances of which one replaces the other, the one that is left is like any other.
void Groups::forget_replacements_of(InstanceId id) {
    auto& replacements = fleet_.groups[fleet_.instances[id].group].replacements;
    replacements.erase(std::remove_if(replacements.begin(), replacements.end(),
                                      [id](const Replacement& r) { return r.leaving == id || r.coming == id; }),
                       replacements.end());
}

/// A group that does not replace unhealthy instances goes on counting it.
void Groups::shut_down(InstanceId id, std::string_view reason) {
    const Instance& instance = fleet_.instances[id];
    if (instance.in_capacity() && !replaces_unhealthy(fleet_.settings_of(instance))) {
        fleet_.groups[instance.group].unnoticed_losses += fleet_.weight_of(instance);
    }
    terminate(id, reason);
}

void Groups::terminate(InstanceId id, std::string_view reason) {
    Instance& instance = fleet_.instances[id];
    if (instance.gone()) return;
    const bool was_running = instance.running_since.has_value();
    forget_replacements_of(id);
    enter(id, InstanceState::shutting_down, LifecycleState::terminating, "instance_shutting_down", reason);
    tasks_.lose_instance(id);
    if (was_running) stop_billing(id, reason == spot_interruption);
    ++fleet_.groups[instance.group].terminations;
    if (instance.spot) --fleet_.spot_pools[pool_of(instance)].given_out;
    schedule_after(fleet_.kernel, step(id, shutting_down, fleet_.settings_of(instance).launch_times.shutting_down),
                   des::Phase::release, Event{event::InstanceTerminated{id}});
}

void Groups::handle(event::InstanceTerminated terminated) {
    enter(terminated.instance, InstanceState::terminated, LifecycleState::terminated, "instance_terminated", "");
    const Instance& instance = fleet_.instances[terminated.instance];
    const GroupId id = instance.group;
    if (instance.subnet.exists()) {
        fleet_.addresses_left[instance.subnet] += fleet_.settings_of(instance).addresses_per_instance;
    }
    auto& instances = fleet_.groups[id].instances;
    instances.erase(std::remove(instances.begin(), instances.end(), terminated.instance), instances.end());
    settle_simple_activity(id);
}

void Groups::set_reachable(InstanceId id, bool reachable) {
    Instance& instance = fleet_.instances[id];
    if (reachable) {
        instance.unreachable_since.reset();
    } else {
        instance.unreachable_since = fleet_.now();
    }
    tasks_.set_reachable(id, reachable);
    if (!reachable || instance.state != InstanceState::running || !in_ecs(instance.group)) return;
    // An agent that was ready in the meantime registers now.
    fleet_.kernel.schedule(std::max(fleet_.now(), instance.registers_at), Event{event::InstanceRegistered{id}});
}

}  // namespace fleetsim::sim

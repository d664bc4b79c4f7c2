#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <fleetsim/ecs/image_pull.hpp>
#include <fleetsim/sim/tasks.hpp>

/// Image pulls: on Fargate for every task, on an instance as its agent's settings and its cache say.
namespace fleetsim::sim {

using des::Duration;
using des::Time;
using ecs::ImageId;
using ecs::TaskState;

namespace {

constexpr ecs::PullTimes pull_times{};

/// Tells the pulls of one instance apart: a task has few images.
constexpr std::uint64_t pull_number(TaskId task, std::size_t image) {
    return (std::uint64_t{task.value} << 8U) | image;
}

}  // namespace

void Tasks::pull_images(TaskId id) {
    Task& task = fleet_.tasks[id];
    if (task.on_fargate()) return pull_on_fargate(id);
    if (task.definition->images.empty()) return images_are_there(id, Duration::zero());
    pull_on_instance(id);
}

/// All of every image, each time.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS task definition differences for Fargate" (images are not cached).
void Tasks::pull_on_fargate(TaskId id) {
    Task& task = fleet_.tasks[id];
    task.paid_since = fleet_.now();
    if (task.definition->images.empty()) return images_are_there(id, Duration::zero());
    if (fleet_.registry_outages > 0) {
        task.pull_failed = true;
        return next_step_after(id, pull_times.manifest_timeout);
    }
    Duration pulls = Duration::zero();
    for (const ImageId image : task.definition->images) {
        pulls += ecs::pull_time(pull_times, ecs::missing_layers(fleet_.scenario.images, image, {}),
                                ecs::fargate_pull_bytes_per_second);
    }
    images_are_there(id, pulls);
}

void Tasks::images_are_there(TaskId id, Duration after) {
    const Task& task = fleet_.tasks[id];
    const TaskTimes& times = task.on_fargate() ? task.definition->on_fargate : task.definition->on_instance;
    const Duration starting = Fleet::draw(times.starting, fleet_.task_groups[task.group].start_times, task.number);
    next_step_after(id, after + task.definition->container_order + starting);
}

void Tasks::pull_on_instance(TaskId id) {
    Task& task = fleet_.tasks[id];
    Instance& instance = fleet_.instances[task.instance];
    const AutoScalingGroup& settings = fleet_.settings_of(instance);
    clean_images(instance);
    std::vector<ecs::CachedImage> cache;
    for (const InstanceImage& image : instance.images) cache.push_back(image.cached);
    Duration cached_for = Duration::zero();
    for (std::size_t i = 0; i < task.definition->images.size(); ++i) {
        const ImageId image = task.definition->images[i];
        const ecs::PullPlan plan = ecs::plan_pull(settings.image_pull_behavior, ecs::find_cached(cache, image),
                                                  fleet_.registry_outages == 0, pull_times);
        cached_for = std::max(cached_for, plan.takes);
        if (plan.from == ecs::ImageSource::none) task.pull_failed = true;
        if (plan.from == ecs::ImageSource::cache) hold_image(id, i);
        if (plan.from != ecs::ImageSource::registry) continue;
        if (!instance.pulls)
            instance.pulls = std::make_unique<ecs::PullQueue>(settings.pull_bytes_per_second, pull_times);
        instance.pulls->start(fleet_.now(), pull_number(id, i),
                              ecs::missing_layers(fleet_.scenario.images, image, cache));
        ++task.pulling;
    }
    if (task.pull_failed) return next_step_after(id, cached_for);
    if (task.pulling == 0) return images_are_there(id, cached_for);
    schedule_pulls(task.instance);
}

void Tasks::schedule_pulls(InstanceId id) {
    Instance& instance = fleet_.instances[id];
    ++instance.pull_generation;
    if (const auto next = instance.pulls->next_done()) {
        fleet_.kernel.schedule(*next, des::Phase::release, Event{event::PullsDone{id, instance.pull_generation}});
    }
}

/// A pull that has begun ends, even if its task does not wait for it any more.
void Tasks::handle(event::PullsDone done) {
    Instance& instance = fleet_.instances[done.instance];
    if (instance.pull_generation != done.generation || instance.gone()) return;
    for (const std::uint64_t pull : instance.pulls->take_done(fleet_.now())) {
        const TaskId id{static_cast<std::uint32_t>(pull >> 8U)};
        Task& task = fleet_.tasks[id];
        use_image(instance, task.definition->images[pull & 0xFFU], true);
        if (task.state != TaskState::pending) continue;
        hold_image(id, pull & 0xFFU);
        if (--task.pulling == 0 && !task.pull_failed) images_are_there(id, Duration::zero());
    }
    schedule_pulls(done.instance);
}

InstanceImage& Tasks::use_image(Instance& instance, ImageId image, bool pulled) {
    auto found = std::find_if(instance.images.begin(), instance.images.end(),
                              [image](const InstanceImage& known) { return known.cached.image == image; });
    if (found == instance.images.end()) found = instance.images.insert(found, {.cached = {.image = image}});
    if (pulled) found->cached.pulled_at = fleet_.now();
    found->cached.last_used = fleet_.now();
    return *found;
}

void Tasks::hold_image(TaskId id, std::size_t which) {
    Task& task = fleet_.tasks[id];
    ++use_image(fleet_.instances[task.instance], task.definition->images[which], false).tasks;
    task.images_held |= 1U << which;
}

/// A task that runs when the scenario starts has pulled its images before.
void Tasks::hold_images(TaskId id) {
    if (!fleet_.tasks[id].instance.exists()) return;
    for (std::size_t i = 0; i < fleet_.tasks[id].definition->images.size(); ++i) hold_image(id, i);
}

/// The containers of a task that has stopped go on referring to its images for a while.
void Tasks::release_images(Task& task) {
    Instance& instance = fleet_.instances[task.instance];
    const std::uint32_t held = std::exchange(task.images_held, 0);
    for (std::size_t i = 0; i < task.definition->images.size(); ++i) {
        if ((held >> i & 1U) == 0) continue;
        const auto known = std::find_if(instance.images.begin(), instance.images.end(), [&](const InstanceImage& one) {
            return one.cached.image == task.definition->images[i];
        });
        FLEETSIM_CHECK(known != instance.images.end());
        --known->tasks;
        known->referred_until = fleet_.now() + ecs::stopped_container_stays;
    }
}

/// The agent's cleanups since the last pull, which nobody has missed until now.
void Tasks::clean_images(Instance& instance) {
    constexpr ecs::ImageCleanup cleanup;
    const ecs::PullBehavior behavior = fleet_.settings_of(instance).image_pull_behavior;
    for (; instance.cleaned_at + cleanup.interval <= fleet_.now(); instance.cleaned_at += cleanup.interval) {
        const Time at = instance.cleaned_at + cleanup.interval;
        std::vector<ecs::CachedImage> cache;
        for (const InstanceImage& known : instance.images) {
            cache.push_back(known.cached);
            cache.back().containers = known.tasks > 0 || known.referred_until > at ? 1 : 0;
        }
        for (const ImageId gone : ecs::images_to_remove(cleanup, behavior, cache, at)) {
            std::erase_if(instance.images, [gone](const InstanceImage& known) { return known.cached.image == gone; });
        }
    }
}

}  // namespace fleetsim::sim

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/report/explain_parts.hpp>
#include <fleetsim/report/explain_tasks.hpp>

namespace fleetsim::report {
namespace {

/// All refusals for one reason, whatever the instance type.
struct Reason {
    const sim::RefusalExplanation* first = nullptr;
    std::size_t instances = 0;
    std::int32_t most_left = 0;
};

std::vector<Reason> reasons_of(const sim::NextPlace& place) {
    std::vector<Reason> reasons;
    for (const sim::RefusalExplanation& refusal : place.refusals) {
        auto same = std::find_if(reasons.begin(), reasons.end(), [&refusal](const Reason& known) {
            return known.first->reason == refusal.reason && known.first->detail == refusal.detail;
        });
        if (same == reasons.end()) same = reasons.insert(same, {&refusal});
        same->instances += refusal.instances.size();
        same->most_left = std::max(same->most_left, refusal.most_left);
    }
    std::stable_sort(reasons.begin(), reasons.end(),
                     [](const Reason& one, const Reason& other) { return one.instances > other.instances; });
    return reasons;
}

/// What one instance does, and what several do.
struct Predicate {
    std::string_view reason;
    std::string_view one;
    std::string_view several;
};
constexpr std::array<Predicate, 10> predicates{
    {{"cpu", "lacks CPU", "lack CPU"},
     {"memory", "lacks memory", "lack memory"},
     {"gpu", "lacks GPUs", "lack GPUs"},
     {"eni", "lacks network interfaces", "lack network interfaces"},
     {"ports", "has a host port taken that it needs", "have a host port taken that it needs"},
     {"memberOf", "does not meet its memberOf constraints", "do not meet its memberOf constraints"},
     {"distinctInstance", "has a task of its group already", "have a task of its group already"},
     {"not accepting tasks", "is draining", "are draining"},
     {"of another capacity provider", "belongs to another capacity provider", "belong to another capacity provider"},
     {"zone outage", "is out", "are out"}}};

std::string predicate_of(const Reason& reason) {
    const bool one = reason.instances == 1;
    if (reason.first->detail == "does not answer") return one ? "does not answer" : "do not answer";
    const auto found = std::find_if(predicates.begin(), predicates.end(),
                                    [&](const Predicate& each) { return each.reason == reason.first->reason; });
    if (found == predicates.end()) return (one ? "refuses it: " : "refuse it: ") + reason.first->reason;
    std::string text{one ? found->one : found->several};
    if (reason.first->unit.empty()) return text;
    return text + fmt::format(" ({} {} needed, {}{} left)", reason.first->needed, reason.first->unit,
                              one ? "" : "at most ", reason.most_left);
}

/// What will help: managed scaling if it is on, else the least that would do.
std::string outlook(const sim::NextPlace& place) {
    constexpr std::string_view nothing = "nothing: ";
    if (!place.admitted_by.empty() && place.admitted_by.back().starts_with(nothing)) {
        return "; " + place.admitted_by.back().substr(nothing.size());
    }
    const auto& scaled = place.managed_scaling;
    const bool ignored = !scaled.empty() && std::all_of(scaled.begin(), scaled.end(),
                                                        [](const auto& one) { return !one.ignores.empty(); });
    if (ignored) return "; managed scaling ignores it: " + scaled.front().ignores;
    std::int32_t coming = 0;
    bool at_most = true;
    for (const sim::ManagedScalingExplanation& scaling : scaled) {
        coming += scaling.coming;
        at_most = at_most && scaling.desired >= scaling.max_size;
        if (!scaling.failure.empty()) return "; managed scaling cannot launch: " + scaling.failure;
    }
    if (coming > 0)
        return fmt::format("; managed scaling has ordered {}", counted(static_cast<std::size_t>(coming), "instance"));
    if (!place.managed_scaling.empty()) {
        return at_most ? "; managed scaling has reached max_size" : "; managed scaling has ordered no instance yet";
    }
    return place.admitted_by.empty() ? "" : fmt::format("; {} would do", place.admitted_by.front());
}

std::string waiting_clause(const sim::TaskExplanation& told) {
    if (!told.place) return {};
    if (told.place->fit == 0) {
        const std::string throttle = told.why.empty() ? "" : "; " + told.why;
        return ", since " + refusals_phrase(*told.place) + throttle + outlook(*told.place);
    }
    const std::string held = told.why.empty() ? "it is tried next" : told.why;
    return fmt::format(", although {} of {} could take it: {}", told.place->fit,
                       counted(static_cast<std::size_t>(told.place->instances), "place"), held);
}

/// `web/9, web/10, web/11 and 4 more`
std::string some_of(const std::vector<std::string>& names) {
    constexpr std::size_t most = 4;
    if (names.size() <= most) return des::listed(names, "and");
    const std::vector<std::string> first(names.begin(), names.begin() + most - 1);
    return fmt::format("{} and {} more", fmt::join(first, ", "), names.size() - first.size());
}

std::string no_such_task(const sim::TaskExplanation& told, std::chrono::sys_seconds start) {
    std::string text = "there is none";
    text += told.created_later ? " yet, it is created at " + clock_text(*told.created_later, start) : ", ever";
    if (told.created == 0) return text + "; no task has been created until then";
    text += fmt::format("; {} {} been created until then, ", counted(static_cast<std::size_t>(told.created), "task"),
                        told.created == 1 ? "has" : "have");
    if (told.others.empty()) return text + "and all are STOPPED";
    return text +
           fmt::format("of which {} {} not STOPPED", some_of(told.others), told.others.size() == 1 ? "is" : "are");
}

std::string running_clause(const sim::ServiceExplanation& told) {
    const std::size_t desired = static_cast<std::size_t>(std::max(0, told.desired));
    if (told.desired == 0) return fmt::format("no task is desired, {} running", told.running);
    return fmt::format("{} of {} running", told.running, counted(desired, "desired task"));
}

/// Tasks that have a place and do not run yet.
std::int32_t starting_of(const sim::ServiceExplanation& told) {
    std::int32_t starting = -told.waiting;
    for (const sim::DeploymentExplanation& deployment : told.deployments) {
        for (const auto& [state, count] : deployment.tasks) {
            if (state == "PROVISIONING" || state == "PENDING" || state == "ACTIVATING") starting += count;
        }
    }
    return starting;
}

}  // namespace

std::string refusals_phrase(const sim::NextPlace& place) {
    if (place.instances == 0) return "the cluster has no container instance";
    const std::string_view noun =
        !place.refusals.empty() && place.refusals.front().reason == "zone outage" ? "zone" : "instance";
    std::vector<std::string> clauses;
    for (const Reason& reason : reasons_of(place)) {
        std::string who = std::to_string(reason.instances);
        if (clauses.empty()) who += " of " + counted(static_cast<std::size_t>(place.instances), noun);
        clauses.push_back(who + " " + predicate_of(reason));
    }
    return des::listed(clauses, "and");
}

std::string sentence(const sim::TaskExplanation& told, std::chrono::sys_seconds start) {
    const std::string who = fmt::format("task {} at {}: ", told.task, clock_text(told.at, start));
    if (told.state.empty()) return who + no_such_task(told, start) + ".";
    std::string text = fmt::format("{}{} since {}", who, told.state, clock_text(told.since, start));
    if (told.waits) return text + waiting_clause(told) + ".";
    return told.why.empty() ? text + "." : fmt::format("{}: {}.", text, told.why);
}

std::string sentence(const sim::ServiceExplanation& told, std::chrono::sys_seconds start) {
    std::string text = fmt::format("{} at {}: {}", told.resource, clock_text(told.at, start), running_clause(told));
    if (const std::int32_t starting = starting_of(told); starting > 0) text += fmt::format(", {} starting", starting);
    if (told.waiting > 0) {
        text += fmt::format(", {} waiting for a place", told.waiting);
        if (told.place && told.place->fit == 0)
            text += ", since " + refusals_phrase(*told.place) + outlook(*told.place);
    }
    if (!told.held_by.empty()) text += "; held back: " + told.held_by;
    for (const sim::DeploymentExplanation& deployment : told.deployments) {
        if (!deployment.primary || deployment.state == "COMPLETED") continue;
        text += fmt::format("; deployment {} is {}", deployment.number, deployment.state);
    }
    return text + ".";
}

}  // namespace fleetsim::report

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/explain_request.hpp>
#include <fleetsim/scenario/fields.hpp>
#include <fleetsim/scenario/scalars.hpp>

namespace fleetsim::scenario {
namespace {

using std::chrono::minutes;
/// Something whose size policies decide, or that has tasks.
struct Resource {
    std::string kind;
    std::string name;
    std::variant<sim::ServiceId, sim::GroupId> id;

    [[nodiscard]] std::string full_name() const { return kind + "/" + name; }
};

std::vector<Resource> resources_of(const sim::Scenario& scenario) {
    std::vector<Resource> resources;
    for (const auto id : des::ids_of(scenario.groups)) {
        resources.push_back({"auto_scaling_group", scenario.groups[id].name, id});
    }
    for (const auto id : des::ids_of(scenario.services)) {
        resources.push_back({"service", scenario.services[id].name, id});
    }
    return resources;
}

/// By the name alone: whoever mistakes the kind means it too.
std::string nearest_resource(std::string_view wanted, const std::vector<Resource>& resources) {
    constexpr std::size_t longest_typo = 100;
    constexpr std::size_t longest_list = 8;
    const std::string_view name = wanted.substr(wanted.find('/') + 1);
    std::vector<std::string_view> names;
    std::vector<std::string> all;
    for (const Resource& resource : resources) {
        names.push_back(resource.name);
        all.push_back(resource.full_name());
    }
    const std::vector<std::string> near =
        name.size() > longest_typo ? std::vector<std::string>{} : des::nearest_names(name, names);
    std::vector<std::string> meant;
    for (const Resource& resource : resources) {
        if (std::find(near.begin(), near.end(), resource.name) != near.end()) meant.push_back(resource.full_name());
    }
    if (!meant.empty()) return did_you_mean(meant);
    return "expected " + (all.size() <= longest_list ? listed(all) : "auto_scaling_group/NAME or service/NAME");
}

/// The time since the start; absent when it is no time at all.
Parsed<des::Duration> parse_time(std::string_view text, std::chrono::sys_seconds start) {
    using Result = Parsed<des::Duration>;
    const bool instant = text.find('T') != std::string_view::npos;
    if (instant) {
        const auto at = parse_instant(text);
        return at.value ? Result::good(*at.value - start) : Result::bad(at.expected);
    }
    if (text.find(':') == std::string_view::npos) return parse_duration(text);
    const auto clock = parse_clock_time(text);
    if (!clock.value) return Result::bad(clock.expected);
    return Result::good(std::chrono::floor<std::chrono::days>(start) + *clock.value - start);
}

std::string instant_text(std::chrono::sys_seconds start, des::Duration since_start) {
    return fmt::format("{:%FT%TZ}", start + std::chrono::floor<std::chrono::seconds>(since_start));
}

ExplainProblem outside(des::Duration since_start, bool time_of_day, const sim::Scenario& scenario) {
    const minutes last = std::chrono::ceil<minutes>(scenario.duration) - minutes{1};
    if (last < minutes{1}) {
        return ExplainProblem{"the scenario ends before its first scaling decision, a minute after the start", {}};
    }
    if (since_start > last) {
        return ExplainProblem{
            fmt::format("the scenario's last scaling decision comes before, at {} ({} after the start)",
                        instant_text(scenario.start, last), duration_text(last)),
            {}};
    }
    const des::Duration next_day = since_start + std::chrono::days{1};
    const bool tomorrow = time_of_day && next_day <= last;
    return ExplainProblem{
        fmt::format("the scenario starts later, at {}", instant_text(scenario.start, des::Duration::zero())),
        tomorrow ? fmt::format("did you mean {}?", instant_text(scenario.start, next_day)) : std::string{}};
}

/// Of what goes on at any instant of the scenario.
std::optional<ExplainProblem> not_within(des::Duration since_start, bool time_of_day, const sim::Scenario& scenario) {
    if (since_start < des::Duration::zero()) {
        const des::Duration next_day = since_start + std::chrono::days{1};
        const bool tomorrow = time_of_day && next_day < scenario.duration;
        return ExplainProblem{
            fmt::format("the scenario starts later, at {}", instant_text(scenario.start, des::Duration::zero())),
            tomorrow ? fmt::format("did you mean {}?", instant_text(scenario.start, next_day)) : std::string{}};
    }
    if (since_start < scenario.duration) return std::nullopt;
    return ExplainProblem{
        fmt::format("the scenario ends before, at {} ({} after the start)",
                    instant_text(scenario.start, scenario.duration), duration_text(scenario.duration)),
        {}};
}

/// Of a scaling decision.
std::optional<ExplainProblem> not_decided(des::Duration since_start, bool time_of_day, const sim::Scenario& scenario) {
    const des::Duration decision = std::max<des::Duration>(minutes{1}, std::chrono::ceil<minutes>(since_start));
    if (since_start >= des::Duration::zero() && decision < scenario.duration) return std::nullopt;
    return outside(since_start, time_of_day, scenario);
}

/// `web` and 17 of `task/web-17`.
struct TaskName {
    std::string_view of;
    std::optional<std::uint64_t> number{};
};

/// The number stands behind the last sign of that kind.
TaskName split_at(std::string_view name, char sign) {
    const std::size_t at = name.rfind(sign);
    if (at == std::string_view::npos) return {name};
    const std::string_view digits = name.substr(at + 1);
    std::uint64_t number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool is_number = !digits.empty() && read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
    return is_number ? TaskName{name.substr(0, at), number} : TaskName{name};
}

using TasksOf = std::variant<sim::ServiceId, std::uint32_t>;

std::optional<TasksOf> tasks_of(std::string_view name, const sim::Scenario& scenario) {
    for (const auto id : des::ids_of(scenario.services)) {
        if (scenario.services[id].name == name) return TasksOf{id};
    }
    for (std::uint32_t run = 0; run < scenario.task_runs.size(); ++run) {
        if (scenario.task_runs[run].name == name) return TasksOf{run};
    }
    return std::nullopt;
}

/// What runs under the nearest name, with that number.
std::string nearest_task(const TaskName& task, const sim::Scenario& scenario) {
    std::vector<std::string_view> names;
    for (const sim::Service& service : scenario.services) names.push_back(service.name);
    for (const sim::TaskRun& run : scenario.task_runs) names.push_back(run.name);
    constexpr std::size_t longest_typo = 100;
    std::vector<std::string> meant;
    if (task.of.size() > longest_typo) return {};
    for (const std::string& name : des::nearest_names(task.of, names)) {
        meant.push_back(fmt::format("task/{}/{}", name, task.number.value_or(1)));
    }
    return did_you_mean(meant);
}

constexpr std::string_view task_kind = "task/";

/// Absent if the name is not that of a task.
std::optional<ExplainWish> parse_task(std::string_view name, const sim::Scenario& scenario) {
    const bool says_so = name.starts_with(task_kind);
    if (says_so) name.remove_prefix(task_kind.size());
    TaskName task = split_at(name, '/');
    if (says_so && !task.number) task = split_at(name, '-');
    const std::optional<TasksOf> of = task.number ? tasks_of(task.of, scenario) : std::nullopt;
    if (of && *task.number > 0) return sim::ExplainTaskRequest{*of, *task.number, {}};
    if (!says_so && !of) return std::nullopt;
    const std::string told = "task " + in_quotes(name);
    if (of) return ExplainProblem{told + " cannot be: tasks are numbered from 1", {}};
    if (!task.number) return ExplainProblem{told + " has no number: expected one such as task/web-17", {}};
    return ExplainProblem{"nothing called " + in_quotes(task.of) + " has tasks", nearest_task(task, scenario)};
}

/// By the name, without the time.
ExplainWish parse_name(std::string_view name, const sim::Scenario& scenario) {
    const std::vector<Resource> resources = resources_of(scenario);
    const auto resource =
        std::find_if(resources.begin(), resources.end(), [name](const auto& r) { return r.full_name() == name; });
    if (resource != resources.end()) return sim::ExplainRequest{resource->id, {}};
    if (auto task = parse_task(name, scenario)) return std::move(*task);
    return ExplainProblem{"unknown resource " + in_quotes(name), nearest_resource(name, resources)};
}

bool has_decisions(const sim::ExplainRequest& request, const sim::Scenario& scenario) {
    const auto* service = std::get_if<sim::ServiceId>(&request.resource);
    return service == nullptr || scenario.services[*service].autoscaling.has_value();
}

}  // namespace

ExplainWish parse_explain_request(std::string_view text, const sim::Scenario& scenario) {
    const std::size_t at_sign = text.rfind('@');
    if (at_sign == std::string_view::npos) {
        return ExplainProblem{"expected RESOURCE@TIME such as service/web@14:05", {}};
    }
    const std::string_view time = text.substr(at_sign + 1);
    ExplainWish wish = parse_name(text.substr(0, at_sign), scenario);
    if (std::holds_alternative<ExplainProblem>(wish)) return wish;

    const Parsed<des::Duration> since_start = parse_time(time, scenario.start);
    if (!since_start.value) {
        return ExplainProblem{fmt::format("expected a time of day such as 14:05, an instant such as {} or a duration "
                                          "since the start such as 1h30m, found {}",
                                          instant_text(scenario.start, minutes{90}), in_quotes(time)),
                              since_start.hint};
    }
    const bool time_of_day = time.find('T') == std::string_view::npos;
    auto* decision = std::get_if<sim::ExplainRequest>(&wish);
    auto problem = decision != nullptr && has_decisions(*decision, scenario)
                       ? not_decided(*since_start.value, time_of_day, scenario)
                       : not_within(*since_start.value, time_of_day, scenario);
    if (problem) return std::move(*problem);
    (decision != nullptr ? decision->at : std::get<sim::ExplainTaskRequest>(wish).at) = des::Time{*since_start.value};
    return wish;
}

}  // namespace fleetsim::scenario

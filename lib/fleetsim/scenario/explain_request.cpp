#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
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
using Outcome = std::variant<sim::ExplainRequest, ExplainProblem>;

/// Something whose size policies decide.
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
    const bool instant = text.find('T') != std::string_view::npos;
    const bool time_of_day = !instant && text.find(':') != std::string_view::npos;
    if (!instant && !time_of_day) return parse_duration(text);
    constexpr std::size_t without_seconds = std::string_view{"14:05"}.size();
    const std::string written =
        instant ? std::string{text}
                : fmt::format("{:%F}T{}{}Z", start, text, text.size() == without_seconds ? ":00" : "");
    const auto at = parse_instant(written);
    return at.value ? Parsed<des::Duration>::good(*at.value - start) : Parsed<des::Duration>::bad(at.expected);
}

std::string instant_text(std::chrono::sys_seconds start, des::Duration since_start) {
    return fmt::format("{:%FT%TZ}", start + std::chrono::floor<std::chrono::seconds>(since_start));
}

Outcome outside(des::Duration since_start, bool time_of_day, const sim::Scenario& scenario) {
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

}  // namespace

Outcome parse_explain_request(std::string_view text, const sim::Scenario& scenario) {
    const std::size_t at_sign = text.rfind('@');
    if (at_sign == std::string_view::npos) {
        return ExplainProblem{"expected RESOURCE@TIME such as service/web@14:05", {}};
    }
    const std::string_view name = text.substr(0, at_sign);
    const std::string_view time = text.substr(at_sign + 1);

    const std::vector<Resource> resources = resources_of(scenario);
    const auto resource =
        std::find_if(resources.begin(), resources.end(), [name](const auto& r) { return r.full_name() == name; });
    if (resource == resources.end()) {
        return ExplainProblem{"unknown resource " + in_quotes(name), nearest_resource(name, resources)};
    }
    const auto* service = std::get_if<sim::ServiceId>(&resource->id);
    if (service != nullptr && !scenario.services[*service].autoscaling) {
        return ExplainProblem{
            fmt::format("nothing decides the desired count of {}: it has no autoscaling", resource->full_name()), {}};
    }

    const Parsed<des::Duration> since_start = parse_time(time, scenario.start);
    if (!since_start.value) {
        return ExplainProblem{fmt::format("expected a time of day such as 14:05, an instant such as {} or a duration "
                                          "since the start such as 1h30m, found {}",
                                          instant_text(scenario.start, minutes{90}), in_quotes(time)),
                              since_start.hint};
    }
    const des::Duration decision = std::max<des::Duration>(minutes{1}, std::chrono::ceil<minutes>(*since_start.value));
    if (*since_start.value < des::Duration::zero() || decision >= scenario.duration) {
        const bool time_of_day = time.find('T') == std::string_view::npos;
        return outside(*since_start.value, time_of_day, scenario);
    }
    return sim::ExplainRequest{resource->id, des::Time{*since_start.value}};
}

}  // namespace fleetsim::scenario

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/report/csv.hpp>
#include <fleetsim/report/fleet_plan.hpp>
#include <fleetsim/report/format.hpp>

namespace fleetsim::report {

namespace {

using Align = Table::Align;
using Json = nlohmann::ordered_json;
using packing::FleetInstance;
using placement::Resources;

/// Instances of one type.
struct TypeUse {
    std::uint32_t type = 0;
    std::int64_t count = 0;
    std::int64_t tasks = 0;
    std::vector<std::int64_t> used = std::vector<std::int64_t>(placement::resource_count, 0);
};

void add(const FleetPlan& plan, const FleetInstance& instance, TypeUse& use) {
    ++use.count;
    for (const auto& part : instance.tasks) {
        const Resources& need = plan.demand.tasks[part.kind].need;
        use.tasks += part.count;
        for (int row = 0; row < placement::resource_count; ++row) {
            use.used[static_cast<std::size_t>(row)] += std::int64_t{need[row]} * part.count;
        }
    }
}

/// By how many there are, the most first; of equals the first type first.
[[nodiscard]] std::vector<TypeUse> by_type(const FleetPlan& plan) {
    std::map<std::uint32_t, TypeUse> uses;
    for (const FleetInstance& instance : plan.mix.instances) {
        TypeUse& use = uses[instance.type];
        use.type = instance.type;
        add(plan, instance, use);
    }
    std::vector<TypeUse> sorted;
    for (const auto& [type, use] : uses) sorted.push_back(use);
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const TypeUse& a, const TypeUse& b) { return a.count > b.count; });
    return sorted;
}

[[nodiscard]] std::int64_t offered(const FleetPlan& plan, const TypeUse& use, int row) {
    return use.count * plan.demand.types[use.type].registered[row];
}

[[nodiscard]] double share(const FleetPlan& plan, const TypeUse& use, int row) {
    const auto all = static_cast<double>(offered(plan, use, row));
    return all > 0 ? static_cast<double>(use.used[static_cast<std::size_t>(row)]) / all : 0;
}

[[nodiscard]] std::string share_text(const FleetPlan& plan, const TypeUse& use, int row, const char* name) {
    if (use.used[static_cast<std::size_t>(row)] == 0) return {};
    return fmt::format("{} {:.0f} %", name, 100 * share(plan, use, row));
}

[[nodiscard]] std::int64_t task_count(const FleetPlan& plan) {
    std::int64_t count = 0;
    for (const auto& task : plan.demand.tasks) count += task.count;
    return count;
}

/// As AWS counts a month.
constexpr double hours_in_month = 730;

[[nodiscard]] std::string price_text(double usd_per_hour) { return fmt::format("$ {}/h", grouped(usd_per_hour, 4)); }

[[nodiscard]] std::string binding_text(const FleetPlan& plan) {
    if (plan.mix.binding.empty()) return "none: every instance has room for more";
    std::string out;
    for (const auto& [limit, hosts] : plan.mix.binding) {
        out += fmt::format("{}{} {}", out.empty() ? "" : " · ", packing::name_of(limit),
                           counted(static_cast<std::size_t>(hosts), "instance"));
    }
    return out;
}

}  // namespace

std::string fleet_verdict(const FleetPlan& plan) {
    const packing::FleetMix& mix = plan.mix;
    const std::string suffice = fmt::format("{} {}", counted(mix.instances.size(), "instance"),
                                            mix.instances.size() == 1 ? "suffices" : "suffice");
    if (mix.gap_percent <= 0) return suffice + "; no plan can be cheaper.";
    // Rounded up, so that the sentence stays true.
    const double cheaper = std::ceil(1000 * (1 - mix.bound_usd_per_hour / mix.usd_per_hour)) / 10;
    return fmt::format("{}; no plan can be more than {:.1f} % cheaper.", suffice, cheaper);
}

std::string fleet_text(const FleetPlan& plan) {
    const packing::FleetMix& mix = plan.mix;
    Table table{{Align::left, Align::left, Align::left, Align::left, Align::left, Align::right, Align::left}};
    table.row({fmt::format("{} for {}", counted(mix.instances.size(), "instance"),
                           counted(static_cast<std::size_t>(task_count(plan)), "task")),
               "", "", "", "", price_text(mix.usd_per_hour),
               fmt::format("$ {} per month", grouped(mix.usd_per_hour * hours_in_month, 2))});
    for (const TypeUse& use : by_type(plan)) {
        const std::int64_t interfaces = use.used[placement::eni_slots];
        table.row({fmt::format("  {} × {}", use.count, plan.demand.types[use.type].name),
                   share_text(plan, use, placement::cpu_units, "cpu"),
                   share_text(plan, use, placement::memory_mib, "memory"),
                   share_text(plan, use, placement::gpus, "gpu"),
                   interfaces == 0
                       ? std::string{}
                       : fmt::format("network interfaces {}/{}", interfaces, offered(plan, use, placement::eni_slots)),
                   price_text(static_cast<double>(use.count) * plan.demand.types[use.type].price_usd_per_hour)});
    }
    table.row({fmt::format("lower bound ({})", mix.bound_name), "", "", "", "", price_text(mix.bound_usd_per_hour),
               fmt::format("gap {:.1f} %", mix.gap_percent)});
    return table.text() + "  binding limits: " + binding_text(plan) + "\n\n" + fleet_verdict(plan) + "\n";
}

nlohmann::ordered_json fleet_json(const FleetPlan& plan) {
    const packing::FleetMix& mix = plan.mix;
    Json result;
    result["algorithm"] = "cheapest_mix";
    result["seed"] = plan.seed;
    result["bins"] = mix.instances.size();
    result["usd_per_hour"] = mix.usd_per_hour;
    result["bound"] = mix.bound_usd_per_hour;
    result["bound_name"] = mix.bound_name;
    result["gap_percent"] = mix.gap_percent;
    result["placed"] = task_count(plan);
    result["types"] = Json::array();
    for (const TypeUse& use : by_type(plan)) {
        result["types"].push_back(
            {{"instance_type", plan.demand.types[use.type].name},
             {"instances", use.count},
             {"tasks", use.tasks},
             {"usd_per_hour", static_cast<double>(use.count) * plan.demand.types[use.type].price_usd_per_hour},
             {"cpu_share", share(plan, use, placement::cpu_units)},
             {"memory_share", share(plan, use, placement::memory_mib)}});
    }
    result["instances"] = Json::array();
    for (const FleetInstance& instance : mix.instances) {
        Json tasks = Json::object();
        for (const auto& part : instance.tasks) tasks[plan.demand.tasks[part.kind].name] = part.count;
        result["instances"].push_back({{"instance_type", plan.demand.types[instance.type].name},
                                       {"zone", instance.zone},
                                       {"tasks", std::move(tasks)}});
    }
    result["binding_limits"] = Json::object();
    for (const auto& [limit, hosts] : mix.binding) {
        result["binding_limits"][std::string(packing::name_of(limit))] = hosts;
    }
    Json json;
    json["pack"]["trace"] = plan.name;
    json["pack"]["region"] = plan.region;
    json["pack"]["results"] = Json::array({std::move(result)});
    return json;
}

std::string fleet_csv(const FleetPlan& plan) {
    std::map<std::pair<std::uint32_t, std::int32_t>, TypeUse> uses;
    for (const FleetInstance& instance : plan.mix.instances) {
        add(plan, instance, uses[{instance.type, instance.zone}]);
    }
    std::string out = "name,instance_type,zone,instances,tasks,cpu_units,memory_mib,gpus,usd_per_hour\n";
    for (const auto& [key, use] : uses) {
        const packing::FleetType& type = plan.demand.types[key.first];
        out += fmt::format("{},{},{},{},{},{},{},{},{}\n", csv_field(plan.name), csv_field(type.name), key.second,
                           use.count, use.tasks, use.used[placement::cpu_units], use.used[placement::memory_mib],
                           use.used[placement::gpus], static_cast<double>(use.count) * type.price_usd_per_hour);
    }
    return out;
}

}  // namespace fleetsim::report

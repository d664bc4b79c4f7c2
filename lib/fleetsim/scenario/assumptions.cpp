#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/cloud/fargate.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

std::string NameList::text() const {
    std::string text;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const bool last = i + 1 == names_.size() && count_ == names_.size();
        if (i > 0) text += last ? " and " : ", ";
        text += names_[i];
    }
    if (count_ > names_.size()) text += fmt::format(" and {} more", count_ - names_.size());
    return text;
}

std::string called(std::string_view kind, std::string_view name) { return fmt::format("{} {}", kind, in_quotes(name)); }

std::string not_a_name(std::string_view text) {
    return fmt::format("{} is not a name: expected 1 to 255 letters, digits, - and _", in_quotes(text));
}

namespace {

/// Services whose memory somebody looks at without being told of it.
[[nodiscard]] NameList without_memory_figures(const Reading& reading) {
    NameList names;
    for (const sim::Metric& metric : reading.scenario.metrics) {
        const auto* source = std::get_if<sim::ServiceMetric>(&metric.source);
        if (source == nullptr || source->figure != sim::ServiceFigure::memory_utilization) continue;
        if (reading.service_notes[source->service].memory_figures_known) continue;
        names.add(reading.scenario.services[source->service].name);
    }
    return names;
}

/// A group outside of ECS registers nothing.
[[nodiscard]] NameList with_assumed_memory(const Reading& reading) {
    NameList names;
    for (const Declared<sim::GroupId>& declared : reading.groups) {
        const GroupNotes& notes = reading.group_notes[declared.id];
        if (notes.in_cluster && notes.registered_assumed) names.add(reading.scenario.groups[declared.id].name);
    }
    return names;
}

/// Whose tasks managed scaling adds instances for though they name no capacity provider.
[[nodiscard]] NameList without_strategy(const sim::Scenario& scenario) {
    NameList names;
    const auto look = [&](const auto& tasks) {
        const auto& providers = scenario.clusters[tasks.cluster].capacity_providers;
        const bool scales = std::any_of(providers.begin(), providers.end(),
                                        [](const auto& provider) { return provider.managed_scaling.has_value(); });
        if (tasks.capacity_provider_strategy.empty() && !tasks.launch_type_ec2 && scales) names.add(tasks.name);
    };
    for (const sim::Service& service : scenario.services) {
        if (!service.daemon) look(service);
    }
    for (const sim::TaskRun& run : scenario.task_runs) look(run);
    return names;
}

void note_spot_assumptions(const Silences& silent, std::vector<std::string>& notes) {
    const auto add = [&](const NameList& names, std::string what) {
        if (!names.empty()) notes.push_back(fmt::format("{}: {}", names.text(), what));
    };
    add(silent.spot_facts, fmt::format("no Spot facts: Spot saves {} %, and EC2 takes back {} of the instances a month",
                                       cloud::usual_spot_facts.savings_percent,
                                       cloud::name(cloud::usual_spot_facts.interruption_frequency)));
    add(silent.spot_price,
        fmt::format("no price: the mean saving that AWS told for the month before {}", cloud::spot_date));
    add(silent.spot_reclaims,
        fmt::format("no interruption_frequency: the class that AWS told for the month before {}", cloud::spot_date));
    add(silent.spot_depth, "no depth: EC2 has 1000 instances to give");
}

void note_fargate_prices(const Reading& reading, std::vector<std::string>& notes) {
    bool fargate = false;
    bool spot = false;
    for (const sim::Cluster& cluster : reading.scenario.clusters) {
        for (const sim::CapacityProvider& provider : cluster.capacity_providers) {
            fargate = fargate || provider.is_fargate();
            spot = spot || provider.kind == sim::ProviderKind::fargate_spot;
        }
    }
    if (fargate && reading.scenario.region != "us-east-1") {
        notes.push_back(fmt::format("no Fargate prices known for {}: those of us-east-1", reading.scenario.region));
    }
    if (spot) notes.push_back(fmt::format("Fargate Spot saves {:.0f} %", 100 * cloud::fargate_spot_discount));
}

}  // namespace

void note_assumptions(Reading& reading) {
    const Silences& silent = reading.silences;
    std::vector<std::string>& notes = reading.scenario.assumptions;
    const auto add = [&](const NameList& names, std::string_view what) {
        if (!names.empty()) notes.push_back(fmt::format("{}: {}", names.text(), what));
    };
    if (silent.start_used) notes.push_back("no start: the scenario begins on Monday 2026-01-05 at 00:00 UTC");
    add(silent.zones, "no availability_zones: all instances are in the region's zone a");
    add(with_assumed_memory(reading), "no registered_memory: an instance registers 98 % of its nominal memory");
    add(silent.launch_times, "no launch_times: medians and 95th percentiles of published measurements");
    add(silent.start_time,
        "no start_time: a task starts in 1.5 s (median; 4 s at the 95th percentile), in awsvpc mode "
        "in 6 s (12 s), on Fargate in 22 s (50 s)");
    add(without_strategy(reading.scenario),
        "no launch_type and no capacity_provider_strategy: the first capacity provider with managed scaling whose "
        "instances could hold their tasks adds some");
    add(silent.fargate_zones,
        "no availability_zones: tasks on Fargate are in the zones of the subnets, else of the Auto Scaling groups, "
        "else "
        "in the region's zones a, b and c");
    add(silent.boot_time, "no boot_time: the application answers as soon as its task runs");
    add(silent.cpu_time, "no cpu_time: a busy worker uses its share of the task's CPU units");
    add(without_memory_figures(reading), "no memory_idle and memory_per_request: MemoryUtilization is 0");
    add(silent.client_timeout, "no client timeout: clients wait for ever");
    note_spot_assumptions(silent, notes);
    note_fargate_prices(reading, notes);
    notes.push_back("CPU never slows work, and the CPU credits of burstable types are not modelled yet");
    if (reading.scenario.balancers.empty()) return;
    if (!reading.scenario.balancers.begin()->price_usd_per_hour) {
        notes.push_back(
            fmt::format("load balancer hours are not billed: no price known for {}", reading.scenario.region));
    }
    notes.push_back("load balancer capacity units (LCU) and data transfer are not billed yet");
}

}  // namespace fleetsim::scenario

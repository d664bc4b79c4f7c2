#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include <fleetsim/packing/fleet_mix.hpp>

#include "catch.hpp"
#include "exhaustive.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;
using placement::resources;

namespace {

const FleetType large{"large", resources({.cpu_units = 2048, .memory_mib = 3884, .eni_slots = 2}), 0.085};
const FleetType xlarge{"xlarge", resources({.cpu_units = 4096, .memory_mib = 7768, .eni_slots = 3}), 0.170};
const FleetType roomy{"roomy", resources({.cpu_units = 2048, .memory_mib = 15'800, .eni_slots = 2}), 0.126};
const FleetType gpu{"gpu", resources({.cpu_units = 4096, .memory_mib = 15'800, .gpus = 1, .eni_slots = 2}), 0.526};

FleetTask task(std::string name, std::int32_t count, placement::Amounts need) {
    return {std::move(name), count, resources(need)};
}

/// A mix that the verifier has nothing to say about.
FleetMix checked_mix(const FleetDemand& demand, const FleetMixOptions& options = {}) {
    FleetMix mix = cheapest_mix(demand, options);
    const auto problem = verify(demand, mix);
    if (problem) FAIL(*problem);
    return mix;
}

std::map<std::string, int> types_of(const FleetDemand& demand, const FleetMix& mix) {
    std::map<std::string, int> types;
    for (const FleetInstance& instance : mix.instances) ++types[demand.types[instance.type].name];
    return types;
}

/// Search by hand: tasks one by one, each onto any instance so far or onto a new one of any type in any zone.
class Everything {
public:
    explicit Everything(const FleetDemand& demand) : demand_(demand) {
        for (std::uint32_t kind = 0; kind < demand.tasks.size(); ++kind) {
            for (std::int32_t i = 0; i < demand.tasks[kind].count; ++i) tasks_.push_back(kind);
        }
        place(0, 0);
    }
    [[nodiscard]] double cheapest() const { return best_; }

private:
    void place(std::size_t next, double price) {
        if (price >= best_ - 1e-9) return;
        if (next == tasks_.size()) {
            FleetMix mix;
            for (const auto& instance : instances_) mix.instances.push_back(instance);
            mix.usd_per_hour = price;
            if (!verify(demand_, mix)) best_ = price;
            return;
        }
        // By index: the vector grows below.
        for (std::size_t i = 0; i < instances_.size(); ++i) {
            add(i, tasks_[next]);
            if (room(instances_[i])) place(next + 1, price);
            remove(i, tasks_[next]);
        }
        for (std::uint32_t type = 0; type < demand_.types.size(); ++type) {
            for (std::int32_t zone = 0; zone < demand_.zones; ++zone) {
                instances_.push_back({type, zone, {}});
                add(instances_.size() - 1, tasks_[next]);
                if (room(instances_.back())) place(next + 1, price + demand_.types[type].price_usd_per_hour);
                instances_.pop_back();
            }
        }
    }
    void add(std::size_t instance, std::uint32_t kind) {
        auto& tasks = instances_[instance].tasks;
        const auto same = std::find_if(tasks.begin(), tasks.end(), [kind](const Portion& p) { return p.kind == kind; });
        if (same == tasks.end()) {
            tasks.push_back({kind, 1});
        } else {
            ++same->count;
        }
    }
    void remove(std::size_t instance, std::uint32_t kind) {
        auto& tasks = instances_[instance].tasks;
        const auto same = std::find_if(tasks.begin(), tasks.end(), [kind](const Portion& p) { return p.kind == kind; });
        if (--same->count == 0) tasks.erase(same);
    }
    [[nodiscard]] bool room(const FleetInstance& instance) const {
        placement::Resources left = demand_.types[instance.type].registered;
        for (const Portion& portion : instance.tasks) left -= demand_.tasks[portion.kind].need * portion.count;
        return (left >= 0).all();
    }

    const FleetDemand& demand_;
    std::vector<std::uint32_t> tasks_;
    std::vector<FleetInstance> instances_;
    double best_ = std::numeric_limits<double>::max();
};

FleetDemand tiny_demand(des::Sequence& chance) {
    FleetDemand demand;
    demand.zones = between(chance, 1, 3);
    const int types = between(chance, 1, 3);
    for (int type = 0; type < types; ++type) {
        const std::int32_t cpu = between(chance, 4, 10);
        const std::int32_t memory = between(chance, 4, 10);
        demand.types.push_back({"type " + std::to_string(type),
                                resources({cpu, memory, type == 0 ? 1 : 0, between(chance, 2, 4)}),
                                0.01 * (cpu + memory) + 0.001 * between(chance, 0, 30)});
    }
    std::int32_t left = between(chance, 1, 6);
    while (left > 0) {
        const std::int32_t count = between(chance, 1, std::min(left, 3));
        FleetTask wanted = task("task", count, {between(chance, 1, 4), between(chance, 1, 4), 0, 1});
        wanted.need[placement::gpus] = between(chance, 0, 5) == 0 ? 1 : 0;
        if (between(chance, 0, 3) == 0) wanted.host_ports = {{static_cast<std::uint16_t>(between(chance, 80, 81))}};
        wanted.distinct_instance = between(chance, 0, 3) == 0;
        wanted.spread_over_zones = between(chance, 0, 2) == 0;
        if (between(chance, 0, 5) == 0) wanted.only_on = {0};
        demand.tasks.push_back(wanted);
        left -= count;
    }
    return demand;
}

/// Services as they come: a few sizes, some with ports, some spread. Too many for the exact way.
FleetDemand random_demand(des::Sequence& chance) {
    FleetDemand demand{{}, {large, xlarge, roomy, gpu}, between(chance, 1, 3)};
    const int services = between(chance, 3, 10);
    for (int service = 0; service < services; ++service) {
        FleetTask wanted = task("service " + std::to_string(service), between(chance, 1, 25),
                                {128 * between(chance, 1, 12), 256 * between(chance, 1, 12), 0, between(chance, 0, 1)});
        if (between(chance, 0, 5) == 0) wanted.need[placement::gpus] = 1;
        if (between(chance, 0, 4) == 0) wanted.host_ports = {{8080}};
        wanted.distinct_instance = between(chance, 0, 5) == 0;
        wanted.spread_over_zones = between(chance, 0, 1) == 0;
        demand.tasks.push_back(wanted);
    }
    return demand;
}

}  // namespace

TEST_CASE("tasks that fill an instance share it and others get the type that suits them") {
    const FleetDemand demand{{task("web", 4, {1024, 1900, 0, 0}), task("cache", 2, {512, 7000, 0, 0})},
                             {large, xlarge, roomy}};
    const FleetMix mix = checked_mix(demand);
    // Four web tasks fill one xlarge or two large ones; two caches fit one roomy instance.
    CHECK(mix.usd_per_hour == Approx(0.170 + 0.126));
    CHECK(types_of(demand, mix)["roomy"] == 1);
    CHECK(mix.bound_usd_per_hour == mix.usd_per_hour);
    CHECK(mix.gap_percent == 0);
    CHECK(mix.bound_name == "exhaustive search");
}

TEST_CASE("every limit of ECS costs instances of its own") {
    const auto price = [](const FleetTask& wanted, std::int32_t zones) {
        return checked_mix({{wanted}, {xlarge}, zones}).usd_per_hour / xlarge.price_usd_per_hour;
    };
    const FleetTask plain = task("plain", 6, {256, 256, 0, 0});
    CHECK(price(plain, 3) == Approx(1));
    CHECK(price(task("cpu", 6, {2048, 256, 0, 0}), 1) == Approx(3));
    CHECK(price(task("memory", 6, {256, 3884, 0, 0}), 1) == Approx(3));
    CHECK(price(task("interfaces", 6, {256, 256, 0, 1}), 1) == Approx(2));
    FleetTask with_port = plain;
    with_port.host_ports = {{80}};
    CHECK(price(with_port, 1) == Approx(6));
    FleetTask distinct = plain;
    distinct.distinct_instance = true;
    CHECK(price(distinct, 1) == Approx(6));
    FleetTask spread = plain;
    spread.spread_over_zones = true;
    CHECK(price(spread, 3) == Approx(3));
    CHECK(price(spread, 1) == Approx(1));
}

TEST_CASE("two services that want one port do not meet and two that want different ones do") {
    FleetTask a = task("a", 1, {256, 256, 0, 0});
    a.host_ports = {{80}, {443}};
    FleetTask b = task("b", 1, {256, 256, 0, 0});
    b.host_ports = {{443}};
    CHECK(checked_mix({{a, b}, {large}}).instances.size() == 2);
    b.host_ports = {{444}};
    CHECK(checked_mix({{a, b}, {large}}).instances.size() == 1);
}

TEST_CASE("constraints keep tasks on the types they allow") {
    FleetTask wanted = task("picky", 2, {1024, 1024, 0, 0});
    wanted.only_on = {1};
    const FleetDemand demand{{wanted}, {large, roomy}};
    CHECK(types_of(demand, checked_mix(demand)) == std::map<std::string, int>{{"roomy", 1}});
}

TEST_CASE("tasks that fit no type are all named with what they lack") {
    FleetTask nowhere = task("nowhere", 1, {1, 1, 0, 0});
    nowhere.only_on.emplace();
    const FleetDemand demand{{task("fits", 1, {1024, 1024, 0, 0}), task("huge", 1, {8192, 1024, 2, 0}),
                              task("split", 3, {4096, 15'000, 0, 0}), nowhere, task("none", 0, {9999, 9999, 9, 9})},
                             {xlarge, roomy}};
    const FleetMix mix = cheapest_mix(demand);
    REQUIRE(mix.unplaceable.size() == 3);
    CHECK(mix.instances.empty());
    CHECK(mix.unplaceable[0].task == 1);
    CHECK(mix.unplaceable[0].short_of == std::vector{FleetLimit::cpu, FleetLimit::gpus});
    CHECK(mix.unplaceable[1].task == 2);
    CHECK(mix.unplaceable[1].short_of.empty());
    CHECK(mix.unplaceable[2].task == 3);
    CHECK_FALSE(verify(demand, mix));
}

TEST_CASE("nothing to place costs nothing") {
    const FleetMix mix = checked_mix({{task("none", 0, {1, 1, 0, 0})}, {large}});
    CHECK(mix.instances.empty());
    CHECK(mix.usd_per_hour == 0);
    CHECK(checked_mix({{}, {}}).instances.empty());
}

TEST_CASE("an instance is closed by the limit that stops most kinds of tasks") {
    const auto binding = [](std::vector<FleetTask> tasks) {
        const FleetMix mix = checked_mix({std::move(tasks), {xlarge}});
        std::map<std::string, std::int64_t> hosts;
        for (const LimitCount& count : mix.binding) hosts[std::string(name_of(count.limit))] = count.hosts;
        return hosts;
    };
    using Hosts = std::map<std::string, std::int64_t>;
    CHECK(binding({task("cpu", 4, {2048, 256, 0, 0})}) == Hosts{{"cpu", 2}});
    CHECK(binding({task("interfaces", 3, {256, 256, 0, 1})}) == Hosts{{"interfaces", 1}});
    CHECK(binding({task("room", 1, {256, 256, 0, 0})}) == Hosts{});
    FleetTask with_port = task("port", 2, {256, 256, 0, 0});
    with_port.host_ports = {{80}};
    CHECK(binding({with_port}) == Hosts{{"host ports", 2}});
    // What is left is cpu for one of them, and memory for none.
    CHECK(binding({task("a", 1, {3072, 7000, 0, 0}), task("b", 1, {512, 700, 0, 0})}) == Hosts{{"memory", 1}});
}

TEST_CASE("tiny demands are met at the least price there is") {
    auto chance = des::Stream{31, 0, "fleet", "tiny"}.sequence();
    int placed = 0;
    for (int i = 0; i < 150; ++i) {
        const FleetDemand demand = tiny_demand(chance);
        const FleetMix mix = checked_mix(demand);
        if (!mix.unplaceable.empty()) continue;
        ++placed;
        REQUIRE(mix.usd_per_hour == Approx(Everything{demand}.cheapest()).margin(1e-9));
    }
    CHECK(placed > 75);
}

TEST_CASE("plans of every size pass the verifier and their bounds are bounds") {
    auto chance = des::Stream{32, 0, "fleet", "random"}.sequence();
    for (int i = 0; i < 30; ++i) {
        const FleetDemand demand = random_demand(chance);
        const FleetMix mix = checked_mix(demand, {.work = 20'000'000});
        REQUIRE(mix.unplaceable.empty());
        CHECK(mix.bound_usd_per_hour > 0);
        CHECK(mix.bound_usd_per_hour <= mix.usd_per_hour);
        CHECK(mix.gap_percent >= 0);
    }
}

TEST_CASE("the same seed gives the same mix") {
    auto chance = des::Stream{33, 0, "fleet", "seed"}.sequence();
    const FleetDemand demand = random_demand(chance);
    const FleetMixOptions options{.seed = 5, .work = 10'000'000};
    CHECK(cheapest_mix(demand, options).instances == cheapest_mix(demand, options).instances);
}

TEST_CASE("the verifier finds each kind of fault") {
    FleetTask web = task("web", 2, {1024, 1900, 0, 1});
    web.spread_over_zones = true;
    web.host_ports = {{80}};
    FleetTask job = task("job", 2, {512, 512, 0, 0});
    job.distinct_instance = true;
    job.only_on = {0};
    const FleetDemand demand{{web, job}, {large, xlarge}, 2};
    const FleetMix right = checked_mix(demand);
    REQUIRE(right.instances.size() == 2);

    const auto faulty = [&](auto&& spoil) {
        FleetMix mix = right;
        spoil(mix);
        return verify(demand, mix).value_or("");
    };
    CHECK(faulty([](FleetMix& mix) { mix.instances[1].zone = 0; }) == "web: zones out of balance");
    CHECK(faulty([](FleetMix& mix) { mix.instances[1].zone = 2; }) == "an instance in no zone");
    CHECK(faulty([](FleetMix& mix) { mix.instances[1].type = 1; }) == "job: not allowed on xlarge");
    CHECK(faulty([](FleetMix& mix) { mix.instances[1].type = 2; }) == "an instance of no type");
    CHECK(faulty([](FleetMix& mix) { mix.instances.pop_back(); }) == "web: 1 placed");
    CHECK(faulty([](FleetMix& mix) { mix.instances[0].tasks[0].count = 2; }) == "large: host port used twice");
    CHECK(faulty([](FleetMix& mix) { mix.instances[0].tasks[1].count = 2; }) == "job: two on one instance");
    CHECK(faulty([](FleetMix& mix) { mix.instances[0].tasks.clear(); }) == "large: empty");
    CHECK(faulty([](FleetMix& mix) { mix.usd_per_hour += 0.01; }) == "not the price of the instances");
    CHECK(faulty([](FleetMix& mix) { mix.bound_usd_per_hour += 0.01; }) == "cheaper than its bound");
    FleetDemand small = demand;
    small.types[0].registered[placement::memory_mib] = 2000;
    CHECK(verify(small, right) == "large: more on it than it has room for");
}

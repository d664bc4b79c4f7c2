#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <fleetsim/report/fleet_plan.hpp>
#include <fleetsim/report/json.hpp>
#include <fleetsim/report/pack.hpp>
#include <fleetsim/report/pack_summary.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::report;

namespace {

packing::Result filled(const char* algorithm, std::uint64_t seed, double at_100, double at_130) {
    packing::Result result;
    result.algorithm = algorithm;
    result.seed = seed;
    result.allocation_percent = {{99, at_100 - 1}, {100, at_100}, {130, at_130}};
    result.fragmentation_percent = {{130, 5}};
    result.placed = 900;
    result.refused = 100;
    result.ns_per_decision = 1234;
    return result;
}

packing::Result packed(const char* algorithm, const char* instance, std::int64_t bins, double bound) {
    packing::Result result;
    result.algorithm = algorithm;
    result.instance = instance;
    result.seed = 1;
    result.bins = bins;
    result.bound = bound;
    result.bound_name = "volume";
    result.gap_percent = 100 * (static_cast<double>(bins) / bound - 1);
    return result;
}

packing::Result replayed(const char* algorithm, double hours, std::int64_t peak) {
    packing::Result result;
    result.algorithm = algorithm;
    result.seed = 1;
    result.bound = 1000;
    result.bound_name = "server_hours";
    result.gap_percent = hours / 10 - 100;
    result.server_hours = hours;
    result.peak_servers = peak;
    result.peak_bound = 20;
    result.placed = 5000;
    result.refused = 0;
    return result;
}

}  // namespace

TEST_CASE("between two arrivals a cluster stays as it is") {
    const std::map<std::int32_t, double> seen{{40, 38.0}, {95, 90.0}, {120, 92.0}};
    CHECK(at_demand(seen, 39) == std::nullopt);
    CHECK(at_demand(seen, 40) == 38.0);
    CHECK(at_demand(seen, 94) == 38.0);
    CHECK(at_demand(seen, 100) == 90.0);
    CHECK(at_demand(seen, 130) == 92.0);
    CHECK(at_demand({}, 130) == std::nullopt);

    packing::Result coarse;
    coarse.algorithm = "fgd";
    coarse.seed = 1;
    coarse.allocation_percent = seen;
    const auto json = pack_json({"pods", {coarse}});
    CHECK(json["pack"]["results"][0]["allocation_percent"]["100"] == 90.0);
    CHECK(json["pack"]["results"][0]["allocation_percent"]["130"] == 92.0);
    CHECK(pack_verdict({"pods", {coarse}}) == "fgd allocates the most: 92.0 % of the CPU capacity at 130 % demand.");
}

TEST_CASE("runs that fill a cluster are averaged over their seeds") {
    // The deviation of 90 and 92 is the root of 2, of 95 and 96 the root of 1/2.
    const packing::Report report{
        "pods",
        {filled("random", 1, 80, 90), filled("random", 2, 80, 92), filled("fgd", 1, 94, 95), filled("fgd", 2, 94, 96)}};
    CHECK(pack_text(report) ==
          "  pods   means of 2 seeds ± standard deviation\n"
          "\n"
          "  algorithm   allocated % at 100 %   allocated % at 130 %   fragmented % at 130 %      placed     refused\n"
          "  random              80.00 ± 0.00           91.00 ± 1.41             5.00 ± 0.00   900 ± 0.0   100 ± 0.0\n"
          "  fgd                 94.00 ± 0.00           95.50 ± 0.71             5.00 ± 0.00   900 ± 0.0   100 ± 0.0\n"
          "\n"
          "fgd allocates the most: 95.5 % of the GPU capacity at 130 % demand, 4.5 points more than random (means of 2 "
          "seeds).\n");
}

TEST_CASE("instances are added up and those proven optimal counted") {
    const packing::Report report{"set",
                                 {packed("first_fit", "a", 12, 10), packed("repair", "a", 11, 10),
                                  packed("first_fit", "b", 20, 20), packed("repair", "b", 20, 20)}};
    CHECK(
        pack_text(report) ==
        "  set   2 instances\n"
        "\n"
        "  algorithm   bins   lower bound   above bound %   proven optimal\n"
        "  first_fit     32            30             6.7           1 of 2\n"
        "  repair        31            30             3.3           1 of 2\n"
        "\n"
        "repair needs the fewest bins: 31 for 2 instances, 3.3 % above the lower bound; 3.1 % fewer than first_fit.\n");
}

TEST_CASE("an algorithm that leaves instances out does not win by that") {
    const packing::Report report{
        "set", {packed("flat_only", "a", 10, 10), packed("repair", "a", 11, 10), packed("repair", "b", 20, 20)}};
    CHECK_THAT(pack_verdict(report), Catch::Matchers::StartsWith("repair needs the fewest bins: 31 for 2 instances"));
}

TEST_CASE("replays are held against the bounds of their hours and of their peak") {
    const packing::Report report{"vms", {replayed("first_fit", 1500, 25), replayed("lifetime_aware", 1200, 22)}};
    CHECK(pack_text(report) ==
          "  vms\n"
          "\n"
          "  algorithm        server-hours   above bound %   peak servers   above bound %   placed   refused\n"
          "  first_fit               1 500            50.0             25            25.0    5 000         0\n"
          "  lifetime_aware          1 200            20.0             22            10.0    5 000         0\n"
          "\n"
          "lifetime_aware needs the fewest server-hours: 1 200, 20.0 % above the lower bound; 20.0 % fewer than "
          "first_fit.\n");
}

TEST_CASE("an algorithm that refuses more tasks does not win by the hours it saves") {
    packing::Result picky = replayed("picky", 200, 5);
    picky.placed = 4000;
    picky.refused = 1000;
    const packing::Report report{"vms", {replayed("first_fit", 1500, 25), picky, replayed("lifetime_aware", 1200, 22)}};
    CHECK_THAT(pack_verdict(report), Catch::Matchers::StartsWith("lifetime_aware needs the fewest server-hours"));
}

TEST_CASE("an optimum is called one") {
    CHECK(pack_verdict({"one", {packed("ffd", "", 3, 3)}}) ==
          "ffd needs the fewest bins: 3, and no packing can do with fewer.");
    CHECK(pack_verdict({"one", {}}) == "Nothing was packed.");
}

TEST_CASE("the JSON has what applies and no clock unless asked") {
    const packing::Report fill{"pods", {filled("fgd", 7, 94, 95)}};
    CHECK(pack_json(fill).dump() ==
          R"({"pack":{"trace":"pods","results":[{"algorithm":"fgd","seed":7,)"
          R"("allocation_percent":{"100":94.0,"105":94.0,"110":94.0,"115":94.0,"120":94.0,"125":94.0,"130":95.0},)"
          R"("fragmentation_percent":{"130":5.0},)"
          R"("placed":900,"refused":100}]}})");
    CHECK(pack_json(fill, {.timing = true})["pack"]["results"][0]["ns_per_decision"] == 1234.0);
    const packing::Report items{"set", {packed("repair", "a", 11, 10)}};
    CHECK(pack_json(items).dump() ==
          R"({"pack":{"trace":"set","results":[{"algorithm":"repair","instance":"a","seed":1,"bins":11,)"
          R"("bound":10.0,"bound_name":"volume","gap_percent":10.000000000000009}]}})");
    CHECK(pack_text(fill).find("ns per decision") == std::string::npos);
    CHECK_THAT(pack_text(fill, {.timing = true}), ContainsSubstring("ns per decision") && ContainsSubstring("1 234"));
}

TEST_CASE("the CSV has one row a result and the columns of the JSON") {
    const packing::Report report{"a,b", {packed("repair", "x", 11, 10), filled("fgd", 2, 94, 95)}};
    const std::string csv = pack_csv(report);
    CHECK_THAT(csv, Catch::Matchers::StartsWith(
                        "trace,algorithm,instance,seed,bins,bound,bound_name,gap_percent,server_hours,peak_servers,"
                        "peak_bound,placed,refused,allocation_percent_80,allocation_percent_85,"));
    CHECK_THAT(csv, ContainsSubstring("\n\"a,b\",repair,x,1,11,10,volume,10.000000000000009,,,,,,,") &&
                        ContainsSubstring("\n\"a,b\",fgd,,2,,,,,,,,900,100,,,,,94,94,94,94,94,94,95,"));
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 3);
}

TEST_CASE("a fleet is shown by type with its price and its limits") {
    FleetPlan plan;
    plan.name = "tasks";
    plan.region = "us-east-1";
    packing::FleetTask web;
    web.name = "web";
    web.count = 5;
    web.need = placement::resources({512, 1024, 0, 1});
    plan.demand.tasks = {web};
    packing::FleetType large;
    large.name = "c6i.large";
    large.registered = placement::resources({2048, 4014, 0, 2});
    large.price_usd_per_hour = 0.085;
    plan.demand.types = {large};
    plan.mix.instances = {{0, 0, {{0, 2}}}, {0, 0, {{0, 2}}}, {0, 0, {{0, 1}}}};
    plan.mix.usd_per_hour = 0.255;
    plan.mix.bound_usd_per_hour = 0.2125;
    plan.mix.bound_name = "pattern";
    plan.mix.gap_percent = 20;
    plan.mix.binding = {{packing::FleetLimit::network_interfaces, 2}};
    // 5 tasks of 512 units on 3 times 2048 are 42 %, 5 GiB on 3 times 4014 MiB 43 %; 0.255 for 730 h are 186.15.
    CHECK(fleet_text(plan) ==
          "  3 instances for 5 tasks                                                        $ 0.2550/h   $ 186.15 per "
          "month\n"
          "    3 × c6i.large           cpu 42 %   memory 43 %      network interfaces 5/6   $ 0.2550/h\n"
          "  lower bound (pattern)                                                          $ 0.2125/h   gap 20.0 %\n"
          "  binding limits: interfaces 2 instances\n"
          "\n"
          "3 instances suffice; no plan can be more than 16.7 % cheaper.\n");
    CHECK(fleet_csv(plan) ==
          "name,instance_type,zone,instances,tasks,cpu_units,memory_mib,gpus,usd_per_hour\n"
          "tasks,c6i.large,0,3,5,2560,5120,0,0.255\n");
    const auto json = fleet_json(plan)["pack"];
    CHECK(json["trace"] == "tasks");
    REQUIRE(json["results"].size() == 1);
    const auto& result = json["results"][0];
    CHECK(result["algorithm"] == "cheapest_mix");
    CHECK(result["bins"] == 3);
    CHECK(result["usd_per_hour"] == 0.255);
    CHECK(result["bound"] == 0.2125);
    CHECK(result["placed"] == 5);
    CHECK(result["types"][0]["instances"] == 3);
    CHECK(result["instances"][2]["tasks"]["web"] == 1);
    CHECK(result["binding_limits"]["interfaces"] == 2);
}

TEST_CASE("a plan at its bound is called the cheapest") {
    FleetPlan plan;
    plan.mix.instances.resize(1);
    plan.mix.usd_per_hour = 1;
    plan.mix.bound_usd_per_hour = 1;
    CHECK(fleet_verdict(plan) == "1 instance suffices; no plan can be cheaper.");
}

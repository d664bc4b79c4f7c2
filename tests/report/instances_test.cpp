#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/report/instances.hpp>

#include "catch.hpp"

using namespace fleetsim::report;
using fleetsim::cloud::Catalogue;

namespace {

/// Two families and two regions; `b2.large` is offered in one of them only.
constexpr std::string_view small_catalogue =
    "instance_type,arch,vcpu,memory_mib,gpus,gpu_name,max_enis,awsvpc_tasks,awsvpc_tasks_trunking,burstable,"
    "current_generation,us-east-1,eu-west-1\n"
    "a1.large,arm64,2,4096,0,,3,2,10,false,true,0.05,0.06\n"
    "a1.xlarge,arm64,4,8192,0,,4,3,20,false,true,0.1,0.12\n"
    "b2.large,x86_64,2,8192,0,,3,2,10,false,true,0.04,\n"
    "g9.xlarge,x86_64,4,16384,1,NVIDIA T4,3,2,10,false,true,0.5,0.6\n";

std::vector<std::string> names(const InstanceQuery& query) {
    std::vector<std::string> names;
    for (const InstanceRow& row : select(Catalogue{small_catalogue}, query)) names.push_back(row.type.name);
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("bounds are a number or a range that may be open at one end") {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    struct Row {
        const char* text;
        double min;
        double max;
    };
    for (const Row& row :
         {Row{"4", 4, 4}, {"8:16", 8, 16}, {"8:", 8, infinity}, {":16", 0, 16}, {"0.5:1.5", 0.5, 1.5}}) {
        INFO(row.text);
        const auto bounds = parse_bounds(row.text);
        REQUIRE(bounds);
        CHECK(bounds->min == row.min);
        CHECK(bounds->max == row.max);
    }
    for (const char* text : {"", ":", "x", "4x", "16:8", "-1", "1:2:3", " 4", "nan", "nan:4"}) {
        INFO(text);
        CHECK(!parse_bounds(text));
    }
}

TEST_CASE("instance types are found by name, size, architecture and region") {
    CHECK(names({}) == Names{"b2.large", "a1.large", "a1.xlarge", "g9.xlarge"});

    InstanceQuery query;
    query.region = "eu-west-1";
    CHECK(names(query) == Names{"a1.large", "a1.xlarge", "g9.xlarge"});
    query = {};
    query.name_part = ".large";
    CHECK(names(query) == Names{"b2.large", "a1.large"});
    query = {};
    query.vcpu = {4, 4};
    CHECK(names(query) == Names{"a1.xlarge", "g9.xlarge"});
    query = {};
    query.memory_gib = {8, 15.9};
    CHECK(names(query) == Names{"b2.large", "a1.xlarge"});
    query = {};
    query.gpus = {1, 8};
    CHECK(names(query) == Names{"g9.xlarge"});
    query = {};
    query.architecture = "arm64";
    CHECK(names(query) == Names{"a1.large", "a1.xlarge"});
}

TEST_CASE("instance types are sorted as asked, and equals by price") {
    InstanceQuery query;
    query.order = InstanceOrder::name;
    CHECK(names(query) == Names{"a1.large", "a1.xlarge", "b2.large", "g9.xlarge"});
    query.order = InstanceOrder::vcpu;
    CHECK(names(query) == Names{"b2.large", "a1.large", "a1.xlarge", "g9.xlarge"});
    query.order = InstanceOrder::memory;
    CHECK(names(query) == Names{"a1.large", "b2.large", "a1.xlarge", "g9.xlarge"});
    query.order = InstanceOrder::gpu;
    CHECK(names(query) == Names{"b2.large", "a1.large", "a1.xlarge", "g9.xlarge"});
}

TEST_CASE("instance types look the same in every format") {
    InstanceQuery query;
    query.vcpu = {4, 4};
    const auto rows = select(Catalogue{small_catalogue}, query);
    CHECK(instances_text(rows, query, 4) ==
          "  type        vcpu   memory   gpu           interfaces   $/hour   $/vcpu   arch\n"
          "  a1.xlarge      4    8 GiB   –                      4   0.1000   0.0250   arm64\n"
          "  g9.xlarge      4   16 GiB   1 NVIDIA T4            3   0.5000   0.1250   x86_64\n"
          "\n"
          "2 of 4 types: us-east-1, on demand, Linux, prices of 2026-07-20.\n");
    CHECK(instances_csv(rows) ==
          "instance_type,architecture,vcpu,memory_mib,gpus,gpu_name,max_enis,usd_per_hour\n"
          "a1.xlarge,arm64,4,8192,0,,4,0.1\n"
          "g9.xlarge,x86_64,4,16384,1,NVIDIA T4,3,0.5\n");
    const auto json = instances_json(rows, query);
    CHECK(json["types"].size() == 2);
    CHECK(json["types"][0].contains("gpu_name") == false);
    CHECK(json["types"][1]["gpu_name"] == "NVIDIA T4");
    CHECK(json["types"][1]["usd_per_hour"] == 0.5);
}

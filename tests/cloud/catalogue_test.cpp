#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/des/nearest_name.hpp>

#include "catch.hpp"

namespace {

using fleetsim::cloud::catalogue;
using fleetsim::cloud::Catalogue;
using fleetsim::cloud::InstanceType;
using fleetsim::cloud::price_date;

TEST_CASE("the catalogue has every type once and 17 regions") {
    CHECK(catalogue().types().size() == 1389);
    CHECK(catalogue().regions().size() == 17);
    CHECK(catalogue().regions().front() == "us-east-1");
    CHECK(catalogue().regions().back() == "us-gov-west-1");
    for (const InstanceType& type : catalogue().types()) {
        CAPTURE(type.name);
        CHECK(catalogue().find(type.name) == &type);
    }
}

TEST_CASE("well-known types are as AWS advertises them") {
    struct Row {
        std::string_view name;
        std::string_view architecture;
        std::int32_t vcpu;
        std::int32_t memory_mib;
        std::int32_t gpus;
        std::int32_t awsvpc_tasks;
        std::int32_t awsvpc_tasks_trunking;
        bool burstable;
    };
    const std::array rows{
        Row{"t3.micro", "x86_64", 2, 1024, 0, 1, 0, true},    // From its 2 interfaces; no trunking.
        Row{"t3.large", "x86_64", 2, 8192, 0, 2, 0, true},    // From its 3 interfaces; no trunking.
        Row{"m4.large", "x86_64", 2, 8192, 0, 1, 0, false},   // From its 2 interfaces.
        Row{"m5.large", "x86_64", 2, 8192, 0, 2, 10, false},  //
        Row{"c5.large", "x86_64", 2, 4096, 0, 2, 10, false},  //
        Row{"m6g.medium", "arm64", 1, 4096, 0, 1, 4, false},  //
        Row{"c6i.8xlarge", "x86_64", 32, 65536, 0, 7, 90, false},
        Row{"p3.8xlarge", "x86_64", 32, 249856, 4, 7, 60, false},
        Row{"g5.48xlarge", "x86_64", 192, 786432, 8, 6, 120, false},
        Row{"g4dn.xlarge", "x86_64", 4, 16384, 1, 2, 0, false},  // From its 3 interfaces; no trunking.
        Row{"g6f.large", "x86_64", 2, 8192, 0, 1, 0, false},     // An eighth of a GPU is none.
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const InstanceType* type = catalogue().find(row.name);
        REQUIRE(type != nullptr);
        CHECK(type->architecture == row.architecture);
        CHECK(type->vcpu == row.vcpu);
        CHECK(type->memory_mib == row.memory_mib);
        CHECK(type->gpus == row.gpus);
        CHECK(type->gpu_name.empty() == (row.gpus == 0));
        CHECK(type->awsvpc_tasks == row.awsvpc_tasks);
        CHECK(type->awsvpc_tasks_trunking == row.awsvpc_tasks_trunking);
        CHECK(type->burstable == row.burstable);
    }
    CHECK(catalogue().find("g4dn.xlarge")->gpu_name == "NVIDIA T4");
    CHECK(catalogue().find("m5.large")->current_generation);
    CHECK_FALSE(catalogue().find("m4.large")->current_generation);
}

// Published on-demand prices.
TEST_CASE("well-known types cost in us-east-1 what AWS publishes") {
    struct Row {
        std::string_view name;
        double usd_per_hour;
    };
    const std::array rows{
        Row{"t2.micro", 0.0116},   Row{"t3.medium", 0.0416},  Row{"t4g.small", 0.0168},
        Row{"m5.large", 0.096},    Row{"m5.24xlarge", 4.608}, Row{"m6g.large", 0.077},
        Row{"m7g.medium", 0.0408}, Row{"m8g.large", 0.08976}, Row{"c5.9xlarge", 1.53},
        Row{"c7i.large", 0.08925}, Row{"r6g.xlarge", 0.2016}, Row{"r7g.4xlarge", 0.8568},
        Row{"g4dn.xlarge", 0.526}, Row{"g5.xlarge", 1.006},   Row{"p4d.24xlarge", 21.957642},
        Row{"p5.48xlarge", 55.04},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        const auto price = catalogue().price_usd_per_hour(row.name, "us-east-1");
        REQUIRE(price.has_value());
        CHECK(*price == row.usd_per_hour);
    }
}

TEST_CASE("a price belongs to a type and a region, and may be unknown") {
    CHECK(catalogue().price_usd_per_hour("a1.medium", "eu-west-1") == 0.0288);
    CHECK(catalogue().price_usd_per_hour("a1.medium", "ap-northeast-1") == 0.0321);
    CHECK_FALSE(catalogue().price_usd_per_hour("a1.medium", "us-west-1").has_value());
    CHECK_FALSE(catalogue().price_usd_per_hour("m5.large", "moon-base-1").has_value());
    CHECK_FALSE(catalogue().price_usd_per_hour("m5.huge", "us-east-1").has_value());
    CHECK_FALSE(catalogue().price_usd_per_hour("", "us-east-1").has_value());
}

TEST_CASE("every known price is positive, and nearly every type has one in us-east-1") {
    std::size_t priced = 0;
    for (const InstanceType& type : catalogue().types()) {
        CAPTURE(type.name);
        CHECK(type.vcpu > 0);
        CHECK(type.memory_mib > 0);
        CHECK((type.architecture == "x86_64" || type.architecture == "arm64"));
        CHECK(type.awsvpc_tasks >= 0);
        for (const std::string& region : catalogue().regions()) {
            const auto price = catalogue().price_usd_per_hour(type.name, region);
            if (price) CHECK(*price > 0);
            if (price && region == "us-east-1") ++priced;
        }
    }
    // Eleven or so families are not sold there; far more missing would mean that a column was lost.
    CHECK(priced > 1300);
}

TEST_CASE("prices are dated by region") {
    CHECK(price_date("us-east-1") == "2026-07-20");
    CHECK(price_date("us-gov-west-1") == "2026-07-20");
    CHECK(price_date("eu-central-1") == "2025-04-04");
}

TEST_CASE("Spot facts belong to a type and a region and may be unknown") {
    using fleetsim::cloud::InterruptionFrequency;
    using fleetsim::cloud::SpotFacts;
    CHECK(catalogue().spot_facts("c5.large", "us-east-1") == SpotFacts{59, InterruptionFrequency::below_5});
    CHECK(catalogue().spot_facts("g4dn.xlarge", "us-east-1") == SpotFacts{64, InterruptionFrequency::from_15_to_20});
    CHECK(catalogue().spot_facts("m5.xlarge", "us-east-1") == SpotFacts{66, InterruptionFrequency::above_20});
    CHECK_FALSE(catalogue().spot_facts("c5.large", "us-gov-west-1").has_value());
    CHECK_FALSE(catalogue().spot_facts("c5.large", "moon-base-1").has_value());
    CHECK_FALSE(catalogue().spot_facts("c5.huge", "us-east-1").has_value());
    // The Spot price would lie above the on-demand price.
    CHECK_FALSE(catalogue().spot_facts("p5.48xlarge", "ca-central-1").has_value());
}

TEST_CASE("ten thousand pairs of a type and a region have Spot facts and all of them make sense") {
    std::size_t known = 0;
    for (const InstanceType& type : catalogue().types()) {
        for (const std::string& region : catalogue().regions()) {
            const auto facts = catalogue().spot_facts(type.name, region);
            if (!facts) continue;
            ++known;
            CAPTURE(type.name, region);
            CHECK(facts->savings_percent >= 0);
            CHECK(facts->savings_percent <= 90);
        }
    }
    CHECK(known == 10'617);
}

TEST_CASE("an unknown type suggests its neighbours") {
    const std::vector<std::string_view> names = catalogue().type_names();
    CHECK(catalogue().find("c6i.xlagre") == nullptr);
    CHECK(fleetsim::des::nearest_names("c6i.xlagre", names) == std::vector<std::string>{"c6i.xlarge"});
    CHECK(fleetsim::des::nearest_names("banana", names).empty());
}

TEST_CASE("a catalogue is read from its text") {
    const Catalogue small{
        "instance_type,arch,vcpu,memory_mib,gpus,gpu_name,max_enis,awsvpc_tasks,awsvpc_tasks_trunking,burstable,"
        "current_generation,here-1,there-1\n"
        "z1.big,arm64,4,4096,1,Some GPU,4,,,false,true,0.5,\n"
        "a1.tiny,x86_64,1,512,0,,,,,true,false,,0.25",
        "instance_type,there-1\na1.tiny,70/4\n"};
    REQUIRE(small.types().size() == 2);
    CHECK(small.type_names() == std::vector<std::string_view>{"z1.big", "a1.tiny"});
    CHECK(small.find("z1.big")->awsvpc_tasks == 3);
    CHECK(small.find("a1.tiny")->max_enis == 0);
    CHECK(small.find("a1.tiny")->awsvpc_tasks == 0);
    CHECK(small.price_usd_per_hour("z1.big", "here-1") == 0.5);
    CHECK_FALSE(small.price_usd_per_hour("z1.big", "there-1").has_value());
    CHECK_FALSE(small.price_usd_per_hour("a1.tiny", "here-1").has_value());
    CHECK(small.price_usd_per_hour("a1.tiny", "there-1") == 0.25);
    CHECK(small.spot_facts("a1.tiny", "there-1")->savings_percent == 70);
    CHECK(small.spot_facts("a1.tiny", "there-1")->interruption_frequency ==
          fleetsim::cloud::InterruptionFrequency::above_20);
    CHECK_FALSE(small.spot_facts("a1.tiny", "here-1").has_value());
    CHECK_FALSE(small.spot_facts("z1.big", "there-1").has_value());
}

}  // namespace

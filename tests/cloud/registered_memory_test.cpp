#include <cstdint>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/cloud/registered_memory.hpp>

#include "catch.hpp"

namespace {

using fleetsim::cloud::catalogue;
using fleetsim::cloud::InstanceType;
using fleetsim::cloud::registered_memory_mib;

InstanceType of_size(std::int32_t memory_mib) {
    InstanceType type;
    type.memory_mib = memory_mib;
    return type;
}

TEST_CASE("types whose registered memory AWS publishes register exactly that") {
    for (const auto& known : fleetsim::cloud::known_registered_memory) CHECK(catalogue().find(known.type) != nullptr);
    CHECK(registered_memory_mib(*catalogue().find("m4.large")) == 7985);
    CHECK(registered_memory_mib(*catalogue().find("c4.large")) == 3768);
    CHECK(registered_memory_mib(*catalogue().find("c4.4xlarge")) == 30158);
}

TEST_CASE("any other type registers 98 % of its memory, rounded down") {
    CHECK(registered_memory_mib(*catalogue().find("m5.large")) == 8028);  // 8028.16
    CHECK(registered_memory_mib(*catalogue().find("t3.micro")) == 1003);  // 1003.52
    CHECK(registered_memory_mib(of_size(100)) == 98);
    CHECK(registered_memory_mib(of_size(33'554'432)) == 32'883'343);  // 32 TiB
}

TEST_CASE("no instance registers more memory than it has, and none registers nothing") {
    for (const InstanceType& type : catalogue().types()) {
        CAPTURE(type.name);
        CHECK(registered_memory_mib(type) < type.memory_mib);
        CHECK(registered_memory_mib(type) > 0);
    }
}

}  // namespace

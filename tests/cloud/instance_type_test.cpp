#include <fleetsim/cloud/instance_type.hpp>

#include "catch.hpp"

namespace {

TEST_CASE("ECS counts 1,024 CPU units a vCPU") {
    CHECK(fleetsim::cloud::registered_cpu_units(2) == 2048);
    CHECK(fleetsim::cloud::registered_cpu_units(192) == 196'608);
}

TEST_CASE("every network interface but the instance's own can serve one awsvpc task") {
    CHECK(fleetsim::cloud::awsvpc_tasks_by_interfaces(3) == 2);
    CHECK(fleetsim::cloud::awsvpc_tasks_by_interfaces(1) == 0);
    CHECK(fleetsim::cloud::awsvpc_tasks_by_interfaces(0) == 0);
}

}  // namespace

#include <fleetsim/cloud/zone.hpp>

#include "catch.hpp"

namespace {

using fleetsim::cloud::is_zone_of;

TEST_CASE("a zone is its region and one letter from a to f") {
    CHECK(is_zone_of("us-east-1a", "us-east-1"));
    CHECK(is_zone_of("us-east-1f", "us-east-1"));
    CHECK(is_zone_of("us-gov-west-1b", "us-gov-west-1"));
}

TEST_CASE("anything else is not a zone of the region") {
    for (const auto* zone : {"us-east-1", "us-east-1g", "us-east-1A", "us-east-1ab", "us-east-11", "us-east-2a",
                             "eu-west-1a", "us-east-1a ", "a", ""}) {
        CAPTURE(zone);
        CHECK_FALSE(is_zone_of(zone, "us-east-1"));
    }
    CHECK_FALSE(is_zone_of("a", ""));
}

}  // namespace

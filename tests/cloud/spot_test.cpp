#include <array>
#include <chrono>
#include <cmath>
#include <optional>
#include <string_view>

#include <fleetsim/cloud/spot.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using namespace fleetsim::cloud;
using fleetsim::des::Duration;

TEST_CASE("a Spot Instance that EC2 interrupts in its first hour is free") {
    struct Row {
        Duration life;
        SpotEnd end;
        std::chrono::seconds billed;
    };
    using enum SpotEnd;
    constexpr std::array rows{
        Row{0s, interrupted, 0s},         Row{35min, interrupted, 0s},    Row{1h - 1ns, interrupted, 0s},
        Row{1h, interrupted, 3600s},      Row{95min, interrupted, 5700s}, Row{95min + 1ns, interrupted, 5701s},
        Row{0s, ended_by_user, 60s},      Row{30s, ended_by_user, 60s},   Row{35min, ended_by_user, 2100s},
        Row{95min, ended_by_user, 5700s},
    };
    for (const Row& row : rows) {
        CAPTURE(row.life.count(), row.end == interrupted);
        CHECK(spot_billed(row.life, row.end) == row.billed);
    }
}

TEST_CASE("Spot at ten cents an hour costs what its billed seconds cost") {
    CHECK(usd(spot_billed(35min, SpotEnd::interrupted), 0.10) == 0);
    CHECK(usd(spot_billed(95min, SpotEnd::interrupted), 0.10) == Approx(0.158333).margin(5e-7));
    CHECK(usd(spot_billed(35min, SpotEnd::ended_by_user), 0.10) == Approx(0.058333).margin(5e-7));
}

TEST_CASE("a class of interruption frequency is a hazard that ends its share of instances in a month") {
    struct Row {
        InterruptionFrequency frequency;
        std::string_view name;
        double share;
        double per_hour;
    };
    using enum InterruptionFrequency;
    constexpr std::array rows{
        Row{below_5, "<5%", 0.025, 3.46819e-5},          Row{from_5_to_10, "5-10%", 0.075, 1.06797e-4},
        Row{from_10_to_15, "10-15%", 0.125, 1.82920e-4}, Row{from_15_to_20, "15-20%", 0.175, 2.63523e-4},
        Row{above_20, ">20%", 0.25, 3.94085e-4},
    };
    static_assert(rows.size() == interruption_frequency_names.size());
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CHECK(name(row.frequency) == row.name);
        CHECK(interruption_frequency(row.name) == row.frequency);
        const double hazard = interruptions_per_hour(row.frequency);
        CHECK(hazard == Approx(row.per_hour).epsilon(1e-5));
        CHECK(1 - std::exp(-730 * hazard) == Approx(row.share).epsilon(1e-12));
    }
    CHECK(interruption_frequency("5-15%") == std::nullopt);
}

}  // namespace

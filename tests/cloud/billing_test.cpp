#include <array>
#include <chrono>

#include <fleetsim/cloud/billing.hpp>

#include "catch.hpp"

namespace {

using namespace std::chrono_literals;
using fleetsim::cloud::billed;
using fleetsim::cloud::usd;
using fleetsim::des::Duration;

TEST_CASE("a life is billed by the second begun, and as a minute at least") {
    struct Row {
        Duration life;
        std::chrono::seconds billed;
    };
    const std::array rows{
        Row{0s, 60s},        Row{1ns, 60s}, Row{30s, 60s},         Row{59'999ms, 60s}, Row{60s, 60s},
        Row{60s + 1ns, 61s}, Row{90s, 90s}, Row{90s + 500ms, 91s}, Row{1h, 3600s},     Row{24h + 1ms, 86'401s},
    };
    for (const Row& row : rows) {
        CAPTURE(row.life.count());
        CHECK(billed(row.life) == row.billed);
    }
    static_assert(billed(90s) == 90s);
}

// m5.large in us-east-1.
TEST_CASE("an m5.large costs what its billed seconds cost") {
    constexpr double price = 0.096;
    CHECK(usd(billed(90s), price) == Approx(0.0024).epsilon(1e-12));
    CHECK(usd(billed(30s), price) == Approx(0.0016).epsilon(1e-12));
    CHECK(usd(billed(1h), price) == Approx(price).epsilon(1e-12));
    CHECK(usd(0s, price) == 0);
}

TEST_CASE("each start has a minute of its own") {
    const auto three_starts = billed(20s) + billed(20s) + billed(20s);
    CHECK(three_starts == 180s);
    CHECK(usd(three_starts, 0.096) == Approx(0.0048).epsilon(1e-12));
}

}  // namespace

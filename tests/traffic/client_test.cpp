#include <array>
#include <chrono>
#include <cstdint>

#include <fleetsim/traffic/client.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace std::chrono_literals;
using traffic::Backoff;

namespace {

traffic::Client client_with(Backoff backoff) { return {{}, 9, backoff, 100ms, 20s}; }

// Base 100 ms, cap 20 s, retries 0 to 9.
constexpr std::array<des::Duration, 10> windows{100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 6400ms, 12800ms, 20s, 20s};

}  // namespace

TEST_CASE("a client without backoff retries at once") {
    for (std::uint32_t retry = 0; retry < 10; ++retry) {
        CHECK(backoff_delay(client_with(Backoff::none), retry, 0.7) == 0s);
    }
}

TEST_CASE("exponential backoff doubles up to its cap, whatever the draw") {
    for (std::uint32_t retry = 0; retry < windows.size(); ++retry) {
        CHECK(backoff_delay(client_with(Backoff::exponential), retry, 0.1) == windows[retry]);
        CHECK(backoff_delay(client_with(Backoff::exponential), retry, 0.9) == windows[retry]);
    }
}

TEST_CASE("full jitter sleeps anything up to the window, half of it on average") {
    for (std::uint32_t retry = 0; retry < windows.size(); ++retry) {
        const traffic::Client client = client_with(Backoff::full_jitter);
        CHECK(backoff_delay(client, retry, 0.5) == windows[retry] / 2);
        CHECK(backoff_delay(client, retry, 0.25) == windows[retry] / 4);
        CHECK(backoff_delay(client, retry, 1e-15) == 0s);
        CHECK(backoff_delay(client, retry, 1 - 1e-15) == windows[retry]);
    }
}

TEST_CASE("equal jitter sleeps half of the window and anything of the other half") {
    for (std::uint32_t retry = 0; retry < windows.size(); ++retry) {
        const traffic::Client client = client_with(Backoff::equal_jitter);
        CHECK(backoff_delay(client, retry, 0.5) == windows[retry] * 3 / 4);
        CHECK(backoff_delay(client, retry, 1e-15) == windows[retry] / 2);
        CHECK(backoff_delay(client, retry, 1 - 1e-15) == windows[retry]);
    }
}

TEST_CASE("the hundredth retry still sleeps no longer than the cap") {
    CHECK(backoff_delay(client_with(Backoff::exponential), 99, 0.5) == 20s);
    CHECK(backoff_delay(client_with(Backoff::exponential), 4'000'000'000U, 0.5) == 20s);
}

TEST_CASE("a cap below the base is the sleep from the first retry on") {
    const traffic::Client client{{}, 3, Backoff::exponential, 100ms, 30ms};
    CHECK(backoff_delay(client, 0, 0.5) == 30ms);
    CHECK(backoff_delay(client, 5, 0.5) == 30ms);
}

#include <chrono>
#include <cmath>

#include <fleetsim/sim/run.hpp>

#include "catch.hpp"
#include "sim/small_world.hpp"

using namespace fleetsim;
using namespace fleetsim::sim::testing;

namespace {

constexpr auto succeeded = static_cast<std::size_t>(sim::Outcome::succeeded);
constexpr auto error_500 = static_cast<std::size_t>(sim::Outcome::error_500);
constexpr auto error_503 = static_cast<std::size_t>(sim::Outcome::error_503);
constexpr auto error_504 = static_cast<std::size_t>(sim::Outcome::error_504);
constexpr auto client_timeout = static_cast<std::size_t>(sim::Outcome::client_timeout);

/// About 1,000 requests within one millisecond at the start, and no more.
traffic::RateProfile burst() { return traffic::piecewise_linear({{0s, 1e6}, {1ms, 1e6}, {1ms, 0}}); }

double max_seconds(const sim::ServiceResult& service) { return static_cast<double>(service.latency_ns.max()) * 1e-9; }

}  // namespace

TEST_CASE("a full accept queue drops the handshake until the balancer gives up after ten seconds") {
    sim::Scenario scenario = small_world(1);
    const auto service = add_service(scenario, "web", 1, 2, des::constant(10));
    scenario.services[service].serving.backlog = 2;
    add_traffic(scenario, "users", add_route(scenario, service, add_balancer(scenario, "lb")), burst());
    scenario.balancers[sim::BalancerId{0}].idle_timeout = 1h;
    const sim::Result result = sim::run(scenario);
    const auto& web = result.services[0];
    // Two start at once, three wait (a backlog of two lets three wait); the others try again after 1, 3 and 7 s.
    CHECK(web.outcomes[succeeded] == 5);
    CHECK(web.outcomes[error_504] == web.requests - 5);
    CHECK(max_seconds(web) == Approx(30).margin(0.01));
    CHECK(web.sojourn_seconds ==
          Approx(10 * 2 + 20 * 2 + 30 + 10 * static_cast<double>(web.outcomes[error_504])).margin(2));
}

TEST_CASE("a handshake that is repeated when the queue has room gets in") {
    sim::Scenario scenario = small_world(1);
    const auto service = add_service(scenario, "web", 1, 1, des::constant(5));
    scenario.services[service].serving.backlog = 0;
    add_traffic(scenario, "users", add_route(scenario, service, add_balancer(scenario, "lb")), burst());
    const sim::Result result = sim::run(scenario);
    // One works until 5 s, one waits and works until 10 s; the place that falls free at 5 s is taken at 7 s.
    CHECK(result.services[0].outcomes[succeeded] == 3);
    CHECK(max_seconds(result.services[0]) == Approx(15).margin(0.01));
}

TEST_CASE("the idle timeout runs from the connection, not from the first handshake") {
    sim::Scenario scenario = small_world(1);
    const auto service = add_service(scenario, "web", 1, 1, des::constant(3.5));
    scenario.services[service].serving.backlog = 0;
    add_traffic(scenario, "users", add_route(scenario, service, add_balancer(scenario, "lb")), burst());
    scenario.balancers[sim::BalancerId{0}].idle_timeout = 8s;
    const sim::Result result = sim::run(scenario);
    const auto& web = result.services[0];
    // At 0 s one starts and one waits; the place that falls free at 3.5 s is taken at 7 s, where that worker is free
    // too.
    CHECK(web.outcomes[succeeded] == 4);
    CHECK(web.outcomes[error_504] == web.requests - 4);
    CHECK(max_seconds(web) == Approx(14).margin(0.01));
    // Whoever was never let in waited ten seconds, though the idle timeout is eight.
    CHECK(web.sojourn_seconds == Approx(10 * static_cast<double>(web.requests - 4)).epsilon(0.01));
}

TEST_CASE("the balancer answers 504 at its idle timeout while the worker goes on") {
    sim::Scenario scenario = small_world(1);
    const auto service = add_service(scenario, "web", 1, 2000, des::constant(61));
    add_traffic(scenario, "users", add_route(scenario, service, add_balancer(scenario, "lb")), burst());
    const sim::Result result = sim::run(scenario);
    const auto& web = result.services[0];
    CHECK(web.outcomes[error_504] == web.requests);
    CHECK(web.sojourn_seconds == Approx(60 * static_cast<double>(web.requests)));
    // All 61 s of work were done: the workers did not notice.
    CHECK(web.cpu_utilization_mean * 3600 * 2000 == Approx(61 * static_cast<double>(web.requests)));
}

TEST_CASE("a client that gives up leaves its work behind and tries again") {
    sim::Scenario scenario = small_world(1);
    const auto service = add_service(scenario, "web", 1, 5000, des::constant(2));
    add_traffic(scenario, "users", add_route(scenario, service, add_balancer(scenario, "lb")), burst(),
                {.timeout = 1s, .retries = 2, .backoff = traffic::Backoff::exponential});
    const sim::Result result = sim::run(scenario);
    const auto& web = result.services[0];
    const auto& users = result.sources[0];
    CHECK(users.failed == users.requests);
    CHECK(users.attempts == 3 * users.requests);
    CHECK(web.outcomes[client_timeout] == web.requests);
    CHECK(web.cpu_utilization_mean * 3600 * 5000 == Approx(2 * static_cast<double>(web.requests)));
}

TEST_CASE("at a full outage every wish costs all its attempts") {
    for (const unsigned retries : {0U, 1U, 3U}) {
        sim::Scenario scenario = small_world(1);
        const auto service = add_service(scenario, "web", 0, 1, des::constant(0.01));
        add_traffic(scenario, "users", add_route(scenario, service, add_balancer(scenario, "lb")),
                    traffic::constant(10), {.timeout = 1s, .retries = retries});
        const sim::Result result = sim::run(scenario);
        CHECK(result.sources[0].attempts == (retries + 1) * result.sources[0].requests);
        CHECK(result.sources[0].failed == result.sources[0].requests);
        CHECK(result.services[0].outcomes[error_503] == result.services[0].requests);
    }
}

TEST_CASE("calls run one after the other and hold their caller's worker") {
    sim::Scenario scenario = small_world(1);
    const auto front = add_service(scenario, "front", 1, 1, des::constant(0.010));
    const auto back = add_service(scenario, "back", 1, 10, des::constant(0.020));
    const auto deep = add_service(scenario, "deep", 1, 10, des::constant(0.005));
    const auto to_front = add_route(scenario, front);
    const auto to_back = add_route(scenario, back);
    const auto to_deep = add_route(scenario, deep);
    scenario.routes[to_front].calls = {{to_back, 1}, {to_deep, 1}};
    scenario.routes[to_back].calls = {{to_deep, 1}};

    SECTION("an answer takes the sum of the work along the way") {
        scenario.services[front].serving.workers = 10;
        add_traffic(scenario, "users", to_front, traffic::constant(0.05));
        const sim::Result result = sim::run(scenario);
        // 10 + (20 + 5) + 5 ms; with ten workers and one request in 20 s nobody waits.
        CHECK(result.services[0].latency_ns.max() == 40'000'000);
        CHECK(result.services[1].latency_ns.min() == 25'000'000);
        CHECK(result.services[2].requests == 2 * result.services[0].requests);
    }
    SECTION("one worker that is held 40 ms serves no more than 25 requests a second") {
        add_traffic(scenario, "users", to_front, traffic::constant(100), {.timeout = 60s});
        const sim::Result result = sim::run(scenario);
        const auto finished = static_cast<double>(result.services[1].outcomes[succeeded]);
        CHECK(finished == Approx(25.0 * 3600).epsilon(1e-4));
        // Its own CPU is used for its own work only: 10 of every 40 ms.
        CHECK(result.services[0].cpu_utilization_mean == Approx(0.25).epsilon(1e-3));
    }
    SECTION("a call is made with its probability") {
        scenario.routes[to_front].calls = {{to_back, 0.3}};
        add_traffic(scenario, "users", to_front, traffic::constant(10));
        const sim::Result result = sim::run(scenario);
        const auto n = static_cast<double>(result.services[0].requests);
        const auto calls = static_cast<double>(result.services[1].requests);
        // Four standard deviations of a binomial law.
        CHECK(std::abs(calls - 0.3 * n) < 4 * std::sqrt(n * 0.3 * 0.7));
    }
    SECTION("a call that fails makes its caller answer 500, without the calls after it") {
        scenario.services[back].desired_count = 0;
        add_traffic(scenario, "users", to_front, traffic::constant(1));
        const sim::Result result = sim::run(scenario);
        CHECK(result.services[0].outcomes[error_500] == result.services[0].requests);
        CHECK(result.services[1].outcomes[error_503] == result.services[1].requests);
        CHECK(result.services[2].requests == 0);
    }
}

TEST_CASE("least outstanding requests shields users from a slow target better than round robin") {
    const auto p99_with = [](routing::Algorithm algorithm) {
        sim::Scenario scenario = small_world(2);
        const auto service = add_service(scenario, "web", 4, 1, des::hyperexponential(0.1, 3));
        add_traffic(scenario, "users", add_route(scenario, service, add_balancer(scenario, "lb"), algorithm),
                    traffic::constant(20));
        return sim::run(scenario).services[0].latency_ns.value_at_quantile(0.99);
    };
    CHECK(p99_with(routing::LeastOutstandingRequests{}) < p99_with(routing::RoundRobin{}));
}

TEST_CASE("work that outlasts the clock itself never ends and harms nothing") {
    sim::Scenario scenario = small_world(1);
    const auto service = add_service(scenario, "web", 1, 3, des::constant(1e300));
    add_traffic(scenario, "users", add_route(scenario, service), traffic::constant(1));
    const sim::Result result = sim::run(scenario);
    CHECK(result.services[0].outcomes[succeeded] == 0);
    CHECK(result.services[0].outcomes[error_504] > 3000);
}

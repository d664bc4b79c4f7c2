#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include <fleetsim/des/stream.hpp>
#include <fleetsim/packing/fragmentation.hpp>
#include <fleetsim/packing/random.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

Node node_with(std::int32_t cpu_milli, std::initializer_list<std::int32_t> devices, ModelSet model = 1) {
    Node node{Capacity{128'000, 1'000'000, static_cast<std::int32_t>(devices.size()), model}};
    node.cpu_milli = cpu_milli;
    std::copy(devices.begin(), devices.end(), node.gpu_milli.begin());
    return node;
}

std::int64_t by_definition(const TypicalMix& mix, const Node& node) {
    std::int64_t sum = 0;
    for (const TypicalTask& task : mix.tasks()) sum += task.count * fragment_milli(task.demand, node);
    return sum;
}

std::vector<Task> copies(std::initializer_list<std::pair<Demand, int>> kinds) {
    std::vector<Task> tasks;
    for (const auto& [demand, count] : kinds) tasks.insert(tasks.end(), static_cast<std::size_t>(count), {"", demand});
    return tasks;
}

// The worked example: half of the tasks share a GPU, three in ten want a whole one, two in ten want none.
const Demand shares_half{4000, 0, 1, 500};
const Demand wants_one{8000, 0, 1, 1000};
const Demand wants_none{2000, 0, 0, 0};
const TypicalMix mix{{{shares_half, 5}, {wants_one, 3}, {wants_none, 2}}};

}  // namespace

TEST_CASE("a fragment is what a task cannot use") {
    const Node node = node_with(16'000, {1000, 600, 300});
    CHECK(fragment_milli(shares_half, node) == 300);
    CHECK(fragment_milli(wants_one, node) == 900);
    CHECK(fragment_milli(wants_none, node) == 1900);
    CHECK(fragment_milli({17'000, 0, 1, 500}, node) == 1900);
    CHECK(fragment_milli({4000, 0, 1, 500, ModelSet{2}}, node) == 1900);
    CHECK(fragment_milli({4000, 0, 1, 500, ModelSet{3}}, node) == 300);
    CHECK(fragment_milli({4000, 0, 2, 1000}, node) == 1900);

    // Published unit values, for two whole devices and for a share that the cpu left does not allow.
    CHECK(fragment_milli({1000, 0, 2, 1000}, node_with(96'000, {200, 1000, 1000, 500})) == 700);
    CHECK(0.0933 * static_cast<double>(fragment_milli({6000, 0, 1, 465}, node_with(1000, {200, 1000, 1000, 500}))) ==
          Approx(251.91));
}

TEST_CASE("a node's fragmentation is the mean over typical tasks") {
    struct Example {
        Node node;
        std::int64_t fragment_milli;
    };
    const std::vector<Example> examples{
        {node_with(16'000, {1000, 600, 300}), 800}, {node_with(12'000, {500, 600, 300}), 850},
        {node_with(12'000, {1000, 100, 300}), 600}, {node_with(8'000, {0, 600, 300}), 600},
        {node_with(3'000, {1000, 600, 300}), 1900}, {node_with(16'000, {}, 0), 0},
    };
    for (const Example& example : examples) {
        CAPTURE(example.node.cpu_milli, example.node.gpu_milli);
        CHECK(mix.weighted_fragment_milli(example.node) == 10 * example.fragment_milli);
        CHECK(by_definition(mix, example.node) == 10 * example.fragment_milli);
    }
}

TEST_CASE("the fast sum of fragments is the defined one on any node") {
    des::Sequence chance = des::Stream{1, 0, "test", "nodes"}.sequence();
    const auto below = [&](std::size_t limit) { return static_cast<std::int32_t>(pick(chance.unit(), limit)); };
    std::vector<TypicalTask> tasks;
    for (std::int32_t i = 0; i < 60; ++i) {
        const std::int32_t gpus = std::array{0, 1, 1, 1, 2, 8}[pick(chance.unit(), 6)];
        const std::int32_t gpu_milli = gpus == 0 ? 0 : gpus == 1 && i % 3 > 0 ? 50 * below(20) : 1000;
        const ModelSet models = i % 2 == 0 ? any_model : 1 + pick(chance.unit(), 7);
        tasks.push_back({{1000 * below(16) + below(2), 0, gpus, gpu_milli, models}, 1 + below(100)});
    }
    const TypicalMix any{tasks};

    int different_from_all_idle = 0;
    for (int trial = 0; trial < 5000; ++trial) {
        Node node{Capacity{20'000, 0, below(9), ModelSet{1} << pick(chance.unit(), 4)}};
        node.cpu_milli = below(20'001);
        for (std::int32_t device = 0; device < node.capacity.gpus; ++device) {
            node.gpu_milli[static_cast<std::size_t>(device)] =
                std::array{1000, 1000, 0, below(1001)}[pick(chance.unit(), 4)];
        }
        const std::int64_t exact = by_definition(any, node);
        CAPTURE(node.cpu_milli, node.gpu_milli, node.capacity.model);
        REQUIRE(any.weighted_fragment_milli(node) == exact);
        different_from_all_idle += exact != node.total_gpu_milli() * any.weight() ? 1 : 0;
    }
    CHECK(different_from_all_idle > 1000);
}

TEST_CASE("typical are the most frequent kinds that make up 95 % of the tasks") {
    Demand shares_more_memory = shares_half;
    shares_more_memory.memory_mib = 4096;
    const std::vector<TypicalTask> typical = typical_tasks(
        copies({{wants_none, 4}, {shares_half, 40}, {wants_one, 3}, {shares_more_memory, 51}, {{1, 0, 0, 0}, 2}}));

    // Memory makes no kind; 91 and 4 reach 95 of 100, so the rarer ones are out.
    REQUIRE(typical.size() == 2);
    CHECK(typical[0].demand == shares_half);
    CHECK(typical[0].count == 91);
    CHECK(typical[1].demand == wants_none);
    CHECK(typical[1].count == 4);
}

TEST_CASE("of equally frequent kinds the larger is typical") {
    // Of 120 tasks 114 make up 95 %: those of the frequent kind and of three of the five rare ones.
    const std::vector<TypicalTask> typical = typical_tasks(copies({{{1000, 0, 1, 500, 1}, 3},
                                                                   {{1000, 0, 1, 500, 3}, 3},
                                                                   {{1000, 0, 2, 1000}, 3},
                                                                   {{1000, 0, 1, 1000}, 3},
                                                                   {{2000, 0, 0, 0}, 105},
                                                                   {{999, 0, 8, 1000}, 3}}));
    REQUIRE(typical.size() == 4);
    CHECK(typical[0].demand == Demand{2000, 0, 0, 0});
    CHECK(typical[1].demand == Demand{1000, 0, 2, 1000});
    CHECK(typical[2].demand == Demand{1000, 0, 1, 1000});
    CHECK(typical[3].demand == Demand{1000, 0, 1, 500, 3});
}

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include <fleetsim/packing/best_fit.hpp>
#include <fleetsim/packing/dot_product.hpp>
#include <fleetsim/packing/fgd.hpp>
#include <fleetsim/packing/gpu_clustering.hpp>
#include <fleetsim/packing/gpu_packing.hpp>
#include <fleetsim/packing/random.hpp>
#include <fleetsim/packing/terminal_waste.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::packing;

namespace {

Node node_with(std::int32_t cpu_milli, std::initializer_list<std::int32_t> devices, std::uint16_t sharing_tasks = 0) {
    Node node{Capacity{128'000, 1'000'000, static_cast<std::int32_t>(devices.size()), 1}};
    node.cpu_milli = cpu_milli;
    std::copy(devices.begin(), devices.end(), node.gpu_milli.begin());
    node.hosted[0] = sharing_tasks;
    return node;
}

const Demand shares_half{4000, 0, 1, 500};
const Demand wants_one{8000, 0, 1, 1000};
const Demand wants_none{2000, 0, 0, 0};
const auto mix =
    std::make_shared<const TypicalMix>(std::vector<TypicalTask>{{shares_half, 5}, {wants_one, 3}, {wants_none, 2}});
const Node worked_example = node_with(16'000, {1000, 600, 300}, 3);

template <class P>
int score(P policy, const Node& node, const Demand& task) {
    REQUIRE(fits(task, node));
    return static_cast<int>(policy.score(node, {task}));
}

}  // namespace

TEST_CASE("fragmentation gradient descent scores the worked example") {
    CHECK(score(Fgd{mix}, worked_example, shares_half) == 54);
    CHECK(Fgd{mix}.device(worked_example, {shares_half}) == 1);
    // Where only the whole device takes the task, 50 milli-GPU are lost.
    CHECK(score(Fgd{mix}, node_with(16'000, {1000, 300, 300}), shares_half) == 48);
    CHECK(score(Fgd{mix}, worked_example, wants_one) == 54);
    CHECK(score(Fgd{mix}, worked_example, {13'000, 0, 0, 0}) == 24);
}

TEST_CASE("a score of the logistic function is cut and not rounded") {
    // A kind that only uses whole devices: a CPU-only task changes nothing, and a share spoils what is left of one.
    const auto whole = std::make_shared<const TypicalMix>(std::vector<TypicalTask>{{wants_one, 1}});
    const Node node = node_with(64'000, {1000, 1000});
    for (const std::int32_t share : {0, 1, 40, 41, 100, 200, 500, 800, 960, 999}) {
        const double gain_gpus = share == 0 ? 0 : -(1 - share / 1000.0);
        CAPTURE(share);
        CHECK(score(Fgd{whole}, node, {0, 0, 1, share}) == static_cast<int>(100 / (1 + std::exp(-gain_gpus))));
    }
    // Using up a whole device that nobody else could use gains it.
    const Node fragmented = node_with(1000, {1000, 1000});
    CHECK(score(Fgd{whole}, fragmented, {1000, 0, 1, 1000}) == static_cast<int>(100 / (1 + std::exp(-1.0))));
    CHECK(score(Fgd{whole}, fragmented, {1000, 0, 2, 1000}) == static_cast<int>(100 / (1 + std::exp(-2.0))));
}

TEST_CASE("the baselines score the worked example") {
    CHECK(score(DotProduct{}, worked_example, shares_half) == 99);
    CHECK(score(BestFit{}, worked_example, shares_half) == 86);
    CHECK(score(GpuPacking{}, worked_example, shares_half) == 94);
    CHECK(tightest_device(worked_example, 500) == 1);
    CHECK(score(GpuClustering{}, worked_example, shares_half) == 94);
}

TEST_CASE("GPU packing prefers devices in use then idle ones of nodes in use") {
    const Node in_use = node_with(96'000, {200, 1000, 1000, 500});
    CHECK(score(GpuPacking{}, in_use, {0, 0, 2, 1000}) == 48);
    CHECK(score(GpuPacking{}, in_use, {0, 0, 1, 600}) == 49);
    CHECK(score(GpuPacking{}, in_use, {0, 0, 1, 200}) == 98);
    CHECK(score(GpuPacking{}, in_use, {0, 0, 2, 200}) == 93);
    CHECK(score(GpuPacking{}, node_with(0, {1000, 1000, 1000, 1000}), {0, 0, 2, 1000}) == 29);
    CHECK(score(GpuPacking{}, node_with(0, {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}), {0, 0, 2, 1000}) == 25);
    CHECK(score(GpuPacking{}, in_use, wants_none) == 0);
}

TEST_CASE("GPU clustering looks at the company and then at what is idle") {
    Node node = node_with(64'000, {1000, 900});  // 6100 of 8000 in use: 19 points.
    CHECK(score(GpuClustering{}, node, {0, 0, 1, 1000}) == 19 + 25);
    node.hosted[1] = 1;
    CHECK(score(GpuClustering{}, node, {0, 0, 1, 1000}) == 19 + 75);
    CHECK(score(GpuClustering{}, node, shares_half) == 19);
    node.hosted[2] = 4;
    CHECK(score(GpuClustering{}, node, {0, 0, 1, 1000}) == 19 + 50);
    CHECK(score(GpuClustering{}, node, wants_none) == 0);
}

TEST_CASE("best fit compares GPUs in a cluster and memory on a trace of virtual machines") {
    const Trace machines{"", {{"vm", {2000, 4096}}}};
    const Trace with_gpu_task{"", {{"task", {2000, 4096, 1, 500}}}};
    const Trace with_gpu_node{"", {{"vm", {2000, 4096}}}, {{"node", {8000, 8192, 1, 1}}}};
    CHECK(BestFit::make(machines).left == BestFit::Left::cpu_and_memory);
    CHECK(BestFit::make(with_gpu_task).left == BestFit::Left::cpu_and_gpu);
    CHECK(BestFit::make(with_gpu_node).left == BestFit::Left::cpu_and_gpu);

    // Left of 8 vCPUs are 2 and of 16 GiB 4.
    Node node{Capacity{8000, 16'384}};
    node.cpu_milli = 4000;
    node.memory_mib = 8192;
    CHECK(BestFit::make(machines).score(node, {{2000, 4096}}) == -0.5);
}

TEST_CASE("a draw means any node that fits and any device of it") {
    std::vector<Node> nodes(5, node_with(64'000, {1000, 400, 600}));
    nodes[1].cpu_milli = 0;
    nodes[3].gpu_milli = {};
    const auto chosen = [&](double draw) {
        return *RandomFit::choose(nodes, {.demand = shares_half, .node_draw = draw});
    };
    CHECK(chosen(0.01) == 0);
    CHECK(chosen(0.34) == 2);
    CHECK(chosen(0.65) == 2);
    CHECK(chosen(0.99) == 4);
    CHECK(!RandomFit::choose(nodes, {{1000, 0, 4, 1000}}));

    CHECK(RandomFit::device(nodes[0], {.demand = shares_half, .device_draw = 0.49}) == 0);
    CHECK(RandomFit::device(nodes[0], {.demand = shares_half, .device_draw = 0.51}) == 2);
}

TEST_CASE("what is idle at last is what no typical task can use") {
    const auto at_last = [](std::vector<TypicalTask> tasks, const Node& node) {
        Rollouts rollouts{std::make_shared<const TypicalMix>(std::move(tasks))};
        const std::int64_t sum = rollouts.idle_at_last_milli(node);
        CHECK(rollouts.idle_at_last_milli(node) == sum);
        return static_cast<double>(sum) / Rollouts::count;
    };
    // Ten tasks of 4 vCPUs have room for their cpu, four for their GPU; whatever is drawn, they end alike.
    CHECK(at_last({{shares_half, 1}}, node_with(40'000, {1000, 1000})) == 0);
    CHECK(at_last({{shares_half, 1}}, node_with(11'000, {1000, 1000})) == 1000);
    CHECK(at_last({{shares_half, 1}}, node_with(40'000, {700, 400})) == 600);
    CHECK(at_last({{shares_half, 1}}, node_with(3000, {1000, 1000})) == 2000);
    CHECK(at_last({{wants_none, 1}}, node_with(40'000, {1000})) == 1000);
    CHECK(at_last({{wants_one, 1}, {{0, 0, 2, 1000}, 1}}, node_with(128'000, {1000, 300, 1000, 1000})) == 300);
    // A kind that no node of this model may run takes nothing.
    CHECK(at_last({{{0, 0, 1, 1000, 2}, 1}}, node_with(40'000, {1000})) == 1000);
    // The one share of 600 goes to the tightest device, so that the other is left to the one that wants it whole.
    CHECK(at_last({{{20'000, 0, 1, 600}, 1}, {{0, 0, 1, 1000}, 1}}, node_with(20'000, {1000, 700})) == 100);
    // A task that asks for nothing could come for ever.
    CHECK(at_last({{{0, 0, 1, 0}, 1}}, node_with(40'000, {1000})) == 1000);
}

TEST_CASE("the mean over rollouts is the expectation") {
    // One more task fits the cpu: a half with probability 3/4, leaving 500, or a whole GPU, leaving nothing. The mean
    // of 32 rollouts has a standard error of 500 sqrt(3/16/32) = 38; four of them are the margin.
    Rollouts rollouts{
        std::make_shared<const TypicalMix>(std::vector<TypicalTask>{{{8000, 0, 1, 500}, 3}, {{8000, 0, 1, 1000}, 1}})};
    const std::int64_t sum = rollouts.idle_at_last_milli(node_with(8000, {1000}));
    CHECK(static_cast<double>(sum) / Rollouts::count == Approx(375).margin(153));
    CHECK(sum % 500 == 0);
}

TEST_CASE("expected terminal waste weighs fragmentation now and a quarter of what is idle at last") {
    // Only halves come. A third of a GPU spoils a device: of its 667 milli-GPU one half will be used and 167 be idle.
    const auto halves = std::make_shared<const TypicalMix>(std::vector<TypicalTask>{{shares_half, 1}});
    const ExpectedTerminalWaste policy{halves};
    const Node node = node_with(40'000, {1000, 1000});
    CHECK(score(policy, node, {0, 0, 1, 500}) == 0);
    // Fragmentation stays 0, 0.25 x 167 is less than a step.
    CHECK(score(policy, node, {0, 0, 1, 333}) == 0);
    // 400 are no use now and at last: 500 in all, three steps and a bit.
    CHECK(score(policy, node, {0, 0, 1, 600}) == -3);
    // On the second device, they are of use: 400 fewer, and a quarter of that. Rounded down that is four steps.
    const Node spoilt = node_with(40'000, {1000, 400});
    CHECK(score(policy, spoilt, {0, 0, 1, 400}) == 4);
    CHECK(ExpectedTerminalWaste{policy}.device(spoilt, {{0, 0, 1, 400}}) == 1);
    // Equally good devices: the tightest.
    CHECK(ExpectedTerminalWaste{policy}.device(node_with(40'000, {1000, 500}), {shares_half}) == 1);
    // No cpu for anyone else: the idle GPU is lost, now and at last.
    CHECK(score(policy, node, {40'000, 0, 0, 0}) == -16);
}

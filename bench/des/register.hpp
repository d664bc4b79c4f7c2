#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>

#include "des/increments.hpp"
#include "des/workloads.hpp"

/// Registers the three workloads for an engine, under names such as `W1/exponential/1000/event_queue`.
namespace fleetsim::bench {

/// How many holds, customers or requests are timed at a go.
inline constexpr std::size_t batch = 2000;

template <class Engine>
void register_hold(std::string_view increments_name, std::size_t pending) {
    const std::string name =
        "W1/" + std::string{increments_name} + "/" + std::to_string(pending) + "/" + std::string{Engine::name};
    benchmark::RegisterBenchmark(name.c_str(), [increments_name, pending](benchmark::State& state) {
        const Increments all = increments(increments_name);
        Hold<Engine> hold{all, pending};
        while (state.KeepRunningBatch(batch)) hold.run(batch);
    });
}

template <class Engine, class Workload>
void register_model(std::string_view workload_name) {
    const std::string name = std::string{workload_name} + "/" + std::string{Engine::name};
    benchmark::RegisterBenchmark(name.c_str(), [](benchmark::State& state) {
        {
            Workload checked;
            checked.run(100'000);
            state.counters["result"] = checked.result();
        }
        Workload workload;
        workload.run(20'000);
        while (state.KeepRunningBatch(batch)) workload.run(batch);
    });
}

template <class Engine>
void register_models() {
    register_model<Engine, MultiServer<Engine, Addressed>>("W2/streams");
    register_model<Engine, MultiServer<Engine, Tabulated>>("W2/table");
    register_model<Engine, Balanced<Engine, RoundRobin, Addressed>>("W3/round_robin/streams");
    register_model<Engine, Balanced<Engine, RoundRobin, Tabulated>>("W3/round_robin/table");
    register_model<Engine, Balanced<Engine, LeastOutstanding, Addressed>>("W3/least_outstanding/streams");
    register_model<Engine, Balanced<Engine, LeastOutstanding, Tabulated>>("W3/least_outstanding/table");
}

}  // namespace fleetsim::bench

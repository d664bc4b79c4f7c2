#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u/Engine.hpp>
#include <simgrid/s4u/NetZone.hpp>
#include <simgrid/version.h>

#include <fleetsim/des/time.hpp>

/// SimGrid's timers, fired by the main loop of its engine in a world without hosts or actors.
///
/// Its clock is a `double` in seconds and may stop an instant short of a timer or beyond it: results are the same to
/// about nine digits, and timers of one instant fire in no particular order.
namespace fleetsim::bench {

/// Engine and clock belong to the process and cannot be reset: each engine counts from where the last one stopped, and
/// only one may exist at a time.
class SimGrid {
public:
    static constexpr std::string_view name = "simgrid_timers";

    SimGrid() : engine_(engine_of_process()), origin_(simgrid::s4u::Engine::get_clock()) {}
    ~SimGrid() {
        auto& timers = simgrid::kernel::timer::kernel_timers();
        while (!timers.empty()) timers.top().second->remove();
    }
    // Pending timers know where it is.
    SimGrid(const SimGrid&) = delete;
    SimGrid& operator=(const SimGrid&) = delete;

    void schedule(des::Time at, std::uint32_t payload) {
        const double date = origin_ + static_cast<double>(at.time_since_epoch().count()) * 1e-9;
        Timer::set(date, [this, payload] { happen(payload); });
    }

    template <class Handler>
    void run(Handler& handler) {
        handler_ = &handler;
        handle_ = [](void* typeless, des::Time now, std::uint32_t payload) {
            return (*static_cast<Handler*>(typeless))(now, payload);
        };
        try {
            engine_.run();
        } catch (const Stop&) {  // The run is over.
        }
    }

private:
    using Timer = simgrid::kernel::timer::Timer;

    /// Thrown out of the main loop, which no timer can end otherwise; it may be entered again. SimGrid forgets to free
    /// the timer that threw, one a run.
    struct Stop {};

    /// An engine insists on the arguments of a program and on a zone.
    struct World {
        char program[12] = "bench_peers";
        char* arguments[2] = {program, nullptr};
        int count = 1;
        simgrid::s4u::Engine engine{&count, arguments};

        World() { simgrid::s4u::create_empty_zone("world")->seal(); }
    };

    static simgrid::s4u::Engine& engine_of_process() {
        static World world;
        return world.engine;
    }

    void happen(std::uint32_t payload) {
        const double elapsed = simgrid::s4u::Engine::get_clock() - origin_;
        const des::Time now{des::Duration{static_cast<std::int64_t>(elapsed * 1e9 + 0.5)}};
        if (!handle_(handler_, now, payload)) throw Stop{};
    }

    simgrid::s4u::Engine& engine_;
    double origin_;
    void* handler_ = nullptr;
    bool (*handle_)(void*, des::Time, std::uint32_t) = nullptr;
};

inline std::string simgrid_version() {
    return "SimGrid " + std::to_string(SIMGRID_VERSION_MAJOR) + "." + std::to_string(SIMGRID_VERSION_MINOR);
}

}  // namespace fleetsim::bench

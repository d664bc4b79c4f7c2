#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <ns3/nstime.h>
#include <ns3/object-factory.h>
#include <ns3/simulator.h>
#if __has_include(<ns3/version-defines.h>)
#include <ns3/version-defines.h>
#endif

#include <fleetsim/des/time.hpp>

/// ns-3, driven as its users drive it: each event is a member function bound to its argument, scheduled by its delay.
namespace fleetsim::bench {

/// The simulator belongs to the process, so that only one engine may exist at a time. Its clock starts at zero in each.
template <class Scheduler>
class Ns3 {
public:
    static constexpr std::string_view name = Scheduler::name;

    Ns3() { ns3::Simulator::SetScheduler(ns3::ObjectFactory{std::string{Scheduler::type}}); }
    ~Ns3() { ns3::Simulator::Destroy(); }
    // Pending events know where it is.
    Ns3(const Ns3&) = delete;
    Ns3& operator=(const Ns3&) = delete;

    void schedule(des::Time at, std::uint32_t payload) {
        const std::int64_t delay = (at - now_).count();
        ns3::Simulator::Schedule(ns3::NanoSeconds(static_cast<std::uint64_t>(delay)), &Ns3::happen, this, payload);
    }

    template <class Handler>
    void run(Handler& handler) {
        handler_ = &handler;
        handle_ = [](void* typeless, des::Time now, std::uint32_t payload) {
            return (*static_cast<Handler*>(typeless))(now, payload);
        };
        ns3::Simulator::Run();
    }

private:
    void happen(std::uint32_t payload) {
        now_ = des::Time{des::Duration{ns3::Simulator::Now().GetNanoSeconds()}};
        if (!handle_(handler_, now_, payload)) ns3::Simulator::Stop();
    }

    des::Time now_{};
    void* handler_ = nullptr;
    bool (*handle_)(void*, des::Time, std::uint32_t) = nullptr;
};

/// A red-black tree: the default of ns-3.
struct Ns3Map {
    static constexpr std::string_view name = "ns3_map";
    static constexpr std::string_view type = "ns3::MapScheduler";
};

/// A binary heap.
struct Ns3Heap {
    static constexpr std::string_view name = "ns3_heap";
    static constexpr std::string_view type = "ns3::HeapScheduler";
};

/// `std::priority_queue`.
struct Ns3PriorityQueue {
    static constexpr std::string_view name = "ns3_priority_queue";
    static constexpr std::string_view type = "ns3::PriorityQueueScheduler";
};

/// A calendar queue.
struct Ns3Calendar {
    static constexpr std::string_view name = "ns3_calendar";
    static constexpr std::string_view type = "ns3::CalendarScheduler";
};

/// With the kind of build, where the library was asked to remember them: another than a release would be timed
/// unfairly.
inline std::string ns3_version() {
#ifdef NS3_VERSION_MAJOR
    return "ns-3." + std::to_string(NS3_VERSION_MINOR) + " (" NS3_VERSION_BUILD_PROFILE ")";
#else
    return "ns-3";
#endif
}

}  // namespace fleetsim::bench

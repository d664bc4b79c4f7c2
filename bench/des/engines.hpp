#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <string_view>
#include <vector>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/wide_integer.hpp>

/// The kernel, and the queues that a program would otherwise be written with, each as an engine of `workloads.hpp`.
/// All keep the same order: time, then the order of scheduling.
namespace fleetsim::bench {

class Kernel {
public:
    static constexpr std::string_view name = "event_queue";

    void schedule(des::Time at, std::uint32_t payload) { queue_.schedule(at, payload); }

    template <class Handler>
    void run(Handler& handler) {
        for (bool more = true; more;) {
            const std::uint32_t payload = queue_.pop();
            more = handler(queue_.now(), payload);
        }
    }

private:
    des::EventQueue<std::uint32_t> queue_;
};

/// Sixteen bytes, as tight as a total order allows without a structure that keeps arrival order by itself.
struct Entry {
    std::int64_t at;
    std::uint32_t sequence;
    std::uint32_t payload;

    friend bool operator>(const Entry& a, const Entry& b) {
        return a.at > b.at || (a.at == b.at && a.sequence > b.sequence);
    }
};

/// The same order without a branch. In a small heap that saves mispredictions; in a large one the processor can no
/// longer fetch ahead along the path it predicts, and waits at every level.
struct GreaterWithoutBranch {
    bool operator()(const Entry& a, const Entry& b) const { return rank(a) > rank(b); }
    static des::UInt128 rank(const Entry& entry) {
        return (static_cast<des::UInt128>(entry.at) << 32U) | entry.sequence;
    }
};

/// An engine from a priority queue with `push(Entry)` and `pop() -> Entry`.
template <class Queue>
class QueueEngine {
public:
    static constexpr std::string_view name = Queue::name;

    void schedule(des::Time at, std::uint32_t payload) {
        queue_.push({at.time_since_epoch().count(), sequence_++, payload});
    }

    template <class Handler>
    void run(Handler& handler) {
        for (bool more = true; more;) {
            const Entry entry = queue_.pop();
            more = handler(des::Time{des::Duration{entry.at}}, entry.payload);
        }
    }

private:
    Queue queue_;
    std::uint32_t sequence_ = 0;
};

/// A heap with `push`, `top` and `pop`, as those of the standard library and of Boost have them.
template <class Heap>
class TopThenPop {
public:
    void push(const Entry& entry) { heap_.push(entry); }
    Entry pop() {
        const Entry top = heap_.top();
        heap_.pop();
        return top;
    }

private:
    Heap heap_;
};

template <class Greater>
using StdHeap = TopThenPop<std::priority_queue<Entry, std::vector<Entry>, Greater>>;

struct StdPriorityQueue : StdHeap<std::greater<>> {
    static constexpr std::string_view name = "std_priority_queue";
};

struct StdPriorityQueueWithoutBranch : StdHeap<GreaterWithoutBranch> {
    static constexpr std::string_view name = "std_priority_queue_without_branch";
};

class StdMultimap {
public:
    static constexpr std::string_view name = "std_multimap";

    void push(const Entry& entry) { map_.emplace(entry.at, entry.payload); }
    Entry pop() {
        const auto first = map_.begin();
        const Entry top{first->first, 0, first->second};
        map_.erase(first);
        return top;
    }

private:
    std::multimap<std::int64_t, std::uint32_t> map_;
};

}  // namespace fleetsim::bench

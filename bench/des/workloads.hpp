#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fleetsim/des/histogram.hpp>
#include <fleetsim/des/law.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>

#include "des/increments.hpp"

/// Three loops that any event kernel can run. An `Engine` offers
///
///     void schedule(des::Time at, std::uint32_t payload);
///     template <class Handler> void run(Handler& handler);
///
/// where `run` calls `handler(now, payload)` for each event while that returns true, and may be called again. The
/// handler schedules into the engine it is called by.
namespace fleetsim::bench {

/// W1, the hold model: each event schedules the next, so that as many stay pending.
template <class Engine>
class Hold {
public:
    Hold(const Increments& increments, std::size_t pending) : increments_(increments) {
        const des::Stream stream{1, 0, "bench", "first"};
        for (std::size_t i = 0; i < pending; ++i) {
            const double start = increments_.spread_first ? stream.unit(i) : 1;
            const double first = static_cast<double>(next().count()) * start;
            engine_.schedule(des::Time{des::Duration{static_cast<std::int64_t>(first)}}, static_cast<std::uint32_t>(i));
        }
        run(2 * pending);  // To the steady state.
    }

    void run(std::size_t events) {
        if (events == 0) return;
        auto handler = [this, &events](des::Time now, std::uint32_t payload) {
            engine_.schedule(now + next(), payload);
            return --events > 0;
        };
        engine_.run(handler);
    }

private:
    des::Duration next() { return increments_.drawn[drawn_++ % (std::size_t{1} << 16U)]; }

    const Increments& increments_;
    std::size_t drawn_ = 0;
    Engine engine_;
};

/// What one customer brings.
struct Customer {
    des::Duration gap;      ///< After the customer before.
    des::Duration service;  ///< One second on average.
};

/// Exponential gaps and services, drawn as they are needed: one block of words a customer.
class Addressed {
public:
    explicit Addressed(double rate) : gap_{1 / rate} {}
    [[nodiscard]] Customer of(std::uint64_t customer) const {
        const des::Stream::Block words = stream_.block(customer);
        return {des::from_seconds(des::quantile(gap_, des::open_unit(words[0]))),
                des::from_seconds(des::quantile(service_, des::open_unit(words[1])))};
    }

private:
    des::Stream stream_{1, 0, "bench", "customers"};
    des::Exponential gap_;
    des::Exponential service_{1};
};

/// The same, drawn beforehand, so that little but the queue is timed.
class Tabulated {
public:
    explicit Tabulated(double rate) {
        const Addressed drawn{rate};
        for (std::uint64_t k = 0; k < 1U << 15U; ++k) table_.push_back(drawn.of(k));
    }
    [[nodiscard]] const Customer& of(std::uint64_t customer) const { return table_[customer & ((1U << 15U) - 1)]; }

private:
    std::vector<Customer> table_;
};

/// Those who wait, first come first served.
template <class T>
class Fifo {
public:
    [[nodiscard]] bool empty() const { return first_ == last_; }
    void push(const T& item) {
        if (last_ - first_ == ring_.size()) grow();
        ring_[last_++ & (ring_.size() - 1)] = item;
    }
    T pop() { return ring_[first_++ & (ring_.size() - 1)]; }

private:
    void grow() {
        std::vector<T> larger(2 * ring_.size());
        for (std::size_t i = first_; i < last_; ++i) larger[i & (larger.size() - 1)] = ring_[i & (ring_.size() - 1)];
        ring_ = std::move(larger);
    }

    std::vector<T> ring_ = std::vector<T>(4);
    std::size_t first_ = 0;
    std::size_t last_ = 0;
};

struct Waiting {
    des::Time arrived;
    des::Duration service;
};

/// W2: M/M/16, first come first served, at 85 % utilisation; sojourn times go to a histogram.
template <class Engine, class Chance>
class MultiServer {
public:
    MultiServer() { engine_.schedule(des::Time{}, arrival); }

    void run(std::size_t customers) {
        auto handler = [this, &customers](des::Time now, std::uint32_t payload) {
            if (payload != arrival) {
                depart(now, payload);
                return true;
            }
            arrive(now);
            return --customers > 0;
        };
        engine_.run(handler);
    }

    /// The mean sojourn in nanoseconds: the same from every engine, or one of them is wrong.
    [[nodiscard]] double result() const { return sojourn_.mean(); }

private:
    static constexpr std::uint32_t servers = 16;
    static constexpr std::uint32_t arrival = servers;
    static constexpr double rate = 0.85 * servers;

    void arrive(des::Time now) {
        const Customer customer = chance_.of(arrived_++);
        engine_.schedule(now + customer.gap, arrival);
        if (idle_.empty()) {
            waiting_.push({now, customer.service});
        } else {
            const std::uint32_t server = idle_.back();
            idle_.pop_back();
            start(now, server, {now, customer.service});
        }
    }

    void depart(des::Time now, std::uint32_t server) {
        sojourn_.record((now - in_service_[server]).count());
        if (waiting_.empty()) {
            idle_.push_back(server);
        } else {
            start(now, server, waiting_.pop());
        }
    }

    void start(des::Time now, std::uint32_t server, const Waiting& customer) {
        in_service_[server] = customer.arrived;
        engine_.schedule(now + customer.service, server);
    }

    Engine engine_;
    Chance chance_{rate};
    std::uint64_t arrived_ = 0;
    std::vector<std::uint32_t> idle_{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    std::array<des::Time, servers> in_service_{};
    Fifo<Waiting> waiting_;
    des::LogHistogram sojourn_;
};

/// Targets in turn.
class RoundRobin {
public:
    explicit RoundRobin(std::uint32_t targets) : targets_(targets) {}
    std::uint32_t choose() { return last_ = last_ + 1 == targets_ ? 0 : last_ + 1; }
    void release(std::uint32_t) {}

private:
    std::uint32_t targets_;
    std::uint32_t last_ = 0;
};

/// A target with the fewest requests in flight: targets stand in order of their number, and one that gains or loses a
/// request changes places with the last or first of its equals.
class LeastOutstanding {
public:
    explicit LeastOutstanding(std::uint32_t targets) : outstanding_(targets), place_(targets), first_(4096, targets) {
        for (std::uint32_t i = 0; i < targets; ++i) order_.push_back(place_[i] = i);
        first_[0] = 0;
    }

    /// `first_[n]` is the first place with n or more in flight.
    std::uint32_t choose() {
        const std::uint32_t least = outstanding_[order_.front()];
        const std::uint32_t target = order_[first_[least + 1] - 1];
        --first_[least + 1];
        ++outstanding_[target];
        return target;
    }

    void release(std::uint32_t target) {
        const std::uint32_t load = outstanding_[target]--;
        swap_places(place_[target], first_[load]++);
    }

private:
    void swap_places(std::uint32_t a, std::uint32_t b) {
        std::swap(order_[a], order_[b]);
        place_[order_[a]] = a;
        place_[order_[b]] = b;
    }

    std::vector<std::uint32_t> outstanding_;
    std::vector<std::uint32_t> place_;
    std::vector<std::uint32_t> order_;
    std::vector<std::uint32_t> first_;
};

/// W3: a balancer before 100 targets of 4 workers each, at 85 % utilisation; latencies go to a histogram.
template <class Engine, class Routing, class Chance>
class Balanced {
public:
    Balanced() { engine_.schedule(des::Time{}, arrival); }

    void run(std::size_t requests) {
        auto handler = [this, &requests](des::Time now, std::uint32_t payload) {
            if (payload != arrival) {
                depart(now, payload);
                return true;
            }
            arrive(now);
            return --requests > 0;
        };
        engine_.run(handler);
    }

    /// The mean latency in nanoseconds: the same from every engine, or one of them is wrong.
    [[nodiscard]] double result() const { return latency_.mean(); }

private:
    static constexpr std::uint32_t targets = 100;
    static constexpr std::uint32_t workers = 4;
    static constexpr std::uint32_t arrival = targets * workers;
    static constexpr double rate = 0.85 * targets * workers;

    struct Target {
        std::uint32_t idle = (1U << workers) - 1;  // One bit a worker.
        Fifo<Waiting> backlog;
    };

    void arrive(des::Time now) {
        const Customer customer = chance_.of(arrived_++);
        engine_.schedule(now + customer.gap, arrival);
        const std::uint32_t chosen = routing_.choose();
        Target& target = targets_[chosen];
        if (target.idle == 0) {
            target.backlog.push({now, customer.service});
        } else {
            const auto worker = static_cast<std::uint32_t>(std::countr_zero(target.idle));
            target.idle &= target.idle - 1;
            start(now, chosen * workers + worker, {now, customer.service});
        }
    }

    void depart(des::Time now, std::uint32_t worker) {
        latency_.record((now - in_service_[worker]).count());
        Target& target = targets_[worker / workers];
        routing_.release(worker / workers);
        if (target.backlog.empty()) {
            target.idle |= 1U << (worker % workers);
        } else {
            start(now, worker, target.backlog.pop());
        }
    }

    void start(des::Time now, std::uint32_t worker, const Waiting& request) {
        in_service_[worker] = request.arrived;
        engine_.schedule(now + request.service, worker);
    }

    Engine engine_;
    Routing routing_{targets};
    Chance chance_{rate};
    std::uint64_t arrived_ = 0;
    std::array<Target, targets> targets_;
    std::array<des::Time, std::size_t{targets} * workers> in_service_{};
    des::LogHistogram latency_;
};

}  // namespace fleetsim::bench

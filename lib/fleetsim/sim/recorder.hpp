#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <fleetsim/des/histogram.hpp>
#include <fleetsim/des/id.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/time_weighted.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/sim/result.hpp>
#include <fleetsim/sim/scenario.hpp>

namespace fleetsim::sim {

/// What a closed minute says of a service: the raw material of its scaling metrics.
struct ServiceMinute {
    double cpu_utilization = 0;     ///< Used share of the running tasks' reserved CPU; above 1 when it bursts.
    double memory_utilization = 0;  ///< Likewise of memory.
    double cpu_units_per_task = 0;  ///< Used by a running task.
    bool had_tasks = false;         ///< Without any, ECS publishes no utilisation.
    OutcomeCounts outcomes{};       ///< Of the requests that ended in it.
};

/// What a row about scaling says.
struct ScalingRow {
    des::Time at{};
    std::string from{};
    std::string to{};
    std::string reason{};
    ScalingDetails details{};
    std::string_view event = "scaling";
};

/// Watches the world and keeps the figures: counters and integrals on the request path, a row for whatever the control
/// plane does, and the digest over both. It decides nothing and changes nothing.
class Recorder {
public:
    Recorder(const Scenario& scenario, bool keep_rows);

    // The request path: no allocation here but for the histograms, which stop growing early.

    void request_sent(ServiceId service, des::Time now) {
        Service& figures = services_[service];
        ++figures.minute_requests;
        figures.concurrency.add(now, 1);
        if (now >= measured_from_) ++figures.requests;
    }

    void request_settled(ServiceId service, des::Time sent, des::Time now, Outcome outcome) {
        Service& figures = services_[service];
        const std::int64_t sojourn_ns = (now - sent).count();
        figures.concurrency.add(now, -1);
        ++figures.minute_outcomes[static_cast<std::size_t>(outcome)];
        if (outcome == Outcome::succeeded) figures.minute_latency_ns.record(sojourn_ns);
        if (sent >= measured_from_) {
            ++figures.outcomes[static_cast<std::size_t>(outcome)];
            figures.sojourn_ns += static_cast<des::UInt128>(sojourn_ns);
            if (outcome == Outcome::succeeded) figures.latency_ns.record(sojourn_ns);
        }
        digest(now, (std::uint64_t{service.value} << 8U) | static_cast<std::uint64_t>(outcome));
    }

    /// Of running tasks only: a draining task's work is no part of its service's CPU utilisation, as its reservation is
    /// not.
    void workers_busy(ServiceId service, des::Time now, std::int64_t change) {
        services_[service].working.add(now, change);
    }

    /// A request that is neither answered nor given up when the run ends, and a user who still waits then.
    void request_unfinished(ServiceId service, des::Time sent, des::Time end);
    void user_unfinished(SourceId source, des::Time first_sent);

    void user_came(SourceId source, des::Time now) {
        if (now >= measured_from_) ++sources_[source].requests;
    }
    void user_attempted(SourceId source, des::Time first_sent) {
        if (first_sent >= measured_from_) ++sources_[source].attempts;
    }
    void user_left(SourceId source, des::Time first_sent, des::Time now, bool succeeded);

    // The control plane.

    /// Each of them reserves that much.
    void tasks_running(ServiceId service, des::Time now, const placement::Resources& each, std::int64_t change) {
        Service& figures = services_[service];
        figures.tasks.add(now, change);
        figures.metered_tasks.add(now, change);
        figures.cpu_units.add(now, change * each[placement::cpu_units]);
        figures.memory_mib.add(now, change * each[placement::memory_mib]);
    }
    void tasks_waiting(ServiceId service, std::int64_t change) { services_[service].waiting_tasks += change; }
    void desired_count(ServiceId service, std::int32_t desired) { services_[service].desired_count = desired; }
    void instances_running(GroupId group, des::Time now, std::int64_t change) {
        groups_[group].instances.add(now, change);
    }
    void desired_capacity(GroupId group, std::int32_t desired) { groups_[group].desired_capacity = desired; }

    /// Keeps the row and takes it into the digest.
    void row(EventRow row);
    /// The row of a desired capacity that changed, or of a bound.
    void scaling(std::string resource, std::string_view subject, ScalingRow row);

    /// Forgets the statistics so far; what runs now goes on counting. The scaling metrics do not notice.
    void end_warmup(des::Time now);

    /// Ends the minute that began one minute (or less, at the end of the run) before `now`.
    void close_minute(des::Time now);

    /// Of the minute closed last.
    [[nodiscard]] const ServiceMinute& minute_of(ServiceId service) const { return services_[service].minute; }
    /// Latencies of that minute's successful requests, in nanoseconds; gone with the next request.
    [[nodiscard]] const des::LogHistogram& minute_latency_of(ServiceId service) const {
        return services_[service].last_minute_latency_ns;
    }

    /// Fills in everything the recorder knows; money and instance hours are the control plane's.
    void report(des::Time end, Result& result);

private:
    struct Service {
        std::uint64_t requests = 0;
        OutcomeCounts outcomes{};
        des::LogHistogram latency_ns;
        std::uint64_t in_flight = 0;  ///< At the end of the run.
        des::UInt128 sojourn_ns = 0;
        des::TimeWeighted concurrency{};
        des::TimeWeighted working{};
        des::TimeWeighted tasks{};
        des::TimeWeighted metered_tasks{};  ///< The same count for the metrics, which know no warm-up.
        des::TimeWeighted cpu_units{};      ///< Reserved by running tasks, like the next.
        des::TimeWeighted memory_mib{};
        double working_seconds_in_warmup = 0;
        double cpu_unit_seconds_in_warmup = 0;
        std::int64_t waiting_tasks = 0;
        std::int32_t desired_count = 0;
        double cpu_utilization_max = 0;

        std::uint64_t minute_requests = 0;
        OutcomeCounts minute_outcomes{};
        des::LogHistogram minute_latency_ns;
        des::LogHistogram last_minute_latency_ns;
        double working_seconds_before = 0;
        double task_seconds_before = 0;
        double cpu_unit_seconds_before = 0;
        double mib_seconds_before = 0;
        double concurrency_seconds_before = 0;
        ServiceMinute minute;
    };
    struct Source {
        std::uint64_t requests = 0;
        std::uint64_t attempts = 0;
        std::uint64_t succeeded = 0;
        std::uint64_t failed = 0;
        std::uint64_t in_flight = 0;  ///< At the end of the run.
        des::LogHistogram latency_ns;
    };
    struct Group {
        des::TimeWeighted instances{};
        std::int32_t desired_capacity = 0;
    };

    void digest(des::Time now, std::uint64_t what) {
        const auto when = static_cast<std::uint64_t>(now.time_since_epoch().count());
        digest_ = (digest_ ^ when) * 0x9E3779B97F4A7C15ULL;
        digest_ = (digest_ ^ (digest_ >> 32U) ^ what) * 0xD6E8FEB86659FD93ULL;
    }
    void digest(std::string_view text);
    void close_minute(ServiceId id, Service& figures, des::Time now);
    void add_minute_row();
    [[nodiscard]] ServiceResult result_of(ServiceId id, des::Time end) const;

    const Scenario& scenario_;
    des::Time measured_from_;
    des::Table<ServiceId, Service> services_;
    des::Table<SourceId, Source> sources_;
    des::Table<GroupId, Group> groups_;
    bool keep_rows_;
    std::uint64_t rows_told_ = 0;
    std::vector<EventRow> rows_;
    TimeSeries minutes_;
    std::uint64_t digest_ = 0;
};

}  // namespace fleetsim::sim

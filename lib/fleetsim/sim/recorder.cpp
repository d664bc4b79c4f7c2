#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fleetsim/sim/recorder.hpp>

namespace fleetsim::sim {

namespace {

Extent extent_of(const des::TimeWeighted& value, des::Time end) {
    return {static_cast<double>(value.min()), value.mean(end), static_cast<double>(value.max())};
}

std::vector<std::string> minute_columns(const Scenario& scenario) {
    std::vector<std::string> columns;
    for (const auto& service : scenario.services) {
        const std::string prefix = "services." + service.name + ".";
        for (const char* figure :
             {"requests", "succeeded", "errors.500", "errors.502", "errors.503", "errors.504", "errors.client_timeout",
              "latency_ms.mean", "latency_ms.p50", "latency_ms.p99", "latency_ms.max", "in_flight", "tasks.desired",
              "tasks.running", "tasks.waiting", "cpu_utilization"}) {
            columns.push_back(prefix + figure);
        }
    }
    for (const auto& group : scenario.groups) {
        const std::string prefix = "auto_scaling_groups." + group.name + ".instances.";
        columns.push_back(prefix + "desired");
        columns.push_back(prefix + "running");
    }
    return columns;
}

}  // namespace

Recorder::Recorder(const Scenario& scenario) : scenario_(scenario), measured_from_(scenario.warmup) {
    for (std::size_t i = 0; i < scenario.services.size(); ++i) services_.add({});
    for (std::size_t i = 0; i < scenario.sources.size(); ++i) sources_.add({});
    for (std::size_t i = 0; i < scenario.groups.size(); ++i) groups_.add({});
    minutes_.columns = minute_columns(scenario);
}

void Recorder::request_unfinished(ServiceId service, des::Time sent, des::Time end) {
    if (sent < measured_from_) return;
    ++services_[service].in_flight;
    services_[service].sojourn_ns += static_cast<des::UInt128>((end - sent).count());
}

void Recorder::user_unfinished(SourceId source, des::Time first_sent) {
    if (first_sent >= measured_from_) ++sources_[source].in_flight;
}

void Recorder::user_left(SourceId source, des::Time first_sent, des::Time now, bool succeeded) {
    if (first_sent < measured_from_) return;
    Source& figures = sources_[source];
    if (succeeded) {
        ++figures.succeeded;
        figures.latency_ns.record((now - first_sent).count());
    } else {
        ++figures.failed;
    }
}

void Recorder::digest(std::string_view text) {
    for (const char c : text) digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
    digest_ ^= text.size();
}

void Recorder::row(EventRow row) {
    digest(row.at, rows_.size());
    for (const std::string_view text :
         {row.event, std::string_view{row.resource}, std::string_view{row.subject}, std::string_view{row.instance},
          std::string_view{row.from}, std::string_view{row.to}}) {
        digest(text);
    }
    rows_.push_back(std::move(row));
}

void Recorder::end_warmup(des::Time now) {
    for (Service& service : services_) {
        service.concurrency.restart(now);
        service.tasks.restart(now);
        service.working_seconds_in_warmup = service.working.integral(now);
        service.task_seconds_in_warmup = service.metered_tasks.integral(now);
        service.cpu_utilization_max = 0;
    }
    for (Group& group : groups_) group.instances.restart(now);
}

void Recorder::close_minute(ServiceId id, Service& figures, des::Time now) {
    const sim::Service& service = scenario_.services[id];
    const double working_seconds = figures.working.integral(now);
    const double task_seconds = figures.metered_tasks.integral(now);
    const double used = (working_seconds - figures.working_seconds_before) * service.serving.cpu_units_per_busy_worker;
    const double reserved =
        (task_seconds - figures.task_seconds_before) * static_cast<double>(service.shape.task[placement::cpu_units]);
    figures.working_seconds_before = working_seconds;
    figures.task_seconds_before = task_seconds;
    figures.minute = {reserved > 0 ? used / reserved : 0, reserved > 0};
    figures.cpu_utilization_max = std::max(figures.cpu_utilization_max, figures.minute.cpu_utilization);
}

void Recorder::close_minute(des::Time now) {
    for (const ServiceId id : des::ids_of(services_)) close_minute(id, services_[id], now);
    add_minute_row();
    for (Service& figures : services_) {
        figures.minute_requests = 0;
        figures.minute_outcomes = {};
        figures.minute_latency_ns.clear();
    }
}

void Recorder::add_minute_row() {
    constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
    constexpr double ns_in_ms = 1e6;
    auto& values = minutes_.values;
    const auto add = [&values](auto value) { values.push_back(static_cast<double>(value)); };
    for (const Service& figures : services_) {
        const des::LogHistogram& latency = figures.minute_latency_ns;
        const bool any = latency.count() > 0;
        add(figures.minute_requests);
        for (const std::uint64_t outcome : figures.minute_outcomes) add(outcome);
        add(any ? latency.mean() / ns_in_ms : nothing);
        add(any ? static_cast<double>(latency.value_at_quantile(0.50)) / ns_in_ms : nothing);
        add(any ? static_cast<double>(latency.value_at_quantile(0.99)) / ns_in_ms : nothing);
        add(any ? static_cast<double>(latency.max()) / ns_in_ms : nothing);
        add(figures.concurrency.value());
        add(figures.desired_count);
        add(figures.tasks.value());
        add(figures.waiting_tasks);
        add(figures.minute.had_tasks ? figures.minute.cpu_utilization : nothing);
    }
    for (const Group& figures : groups_) {
        add(figures.desired_capacity);
        add(figures.instances.value());
    }
}

ServiceResult Recorder::result_of(ServiceId id, des::Time end) const {
    const Service& figures = services_[id];
    const sim::Service& service = scenario_.services[id];
    ServiceResult result;
    result.name = service.name;
    result.requests = figures.requests;
    result.outcomes = figures.outcomes;
    result.in_flight = figures.in_flight;
    result.latency_ns = figures.latency_ns;
    result.concurrency = extent_of(figures.concurrency, end);
    result.sojourn_seconds = static_cast<double>(figures.sojourn_ns) / 1e9;
    result.tasks = extent_of(figures.tasks, end);
    const double task_seconds = figures.metered_tasks.integral(end) - figures.task_seconds_in_warmup;
    const double working_seconds = figures.working.integral(end) - figures.working_seconds_in_warmup;
    const double reserved = task_seconds * static_cast<double>(service.shape.task[placement::cpu_units]);
    const double used = working_seconds * service.serving.cpu_units_per_busy_worker;
    result.cpu_utilization_mean = reserved > 0 ? used / reserved : 0;
    result.cpu_utilization_max = figures.cpu_utilization_max;
    return result;
}

void Recorder::report(des::Time end, Result& result) {
    for (const ServiceId id : des::ids_of(services_)) result.services.push_back(result_of(id, end));
    for (const SourceId id : des::ids_of(sources_)) {
        const Source& figures = sources_[id];
        result.sources.push_back({scenario_.sources[id].name, figures.requests, figures.succeeded, figures.failed,
                                  figures.in_flight, figures.attempts, figures.latency_ns});
    }
    for (const GroupId id : des::ids_of(groups_)) {
        GroupResult group;
        group.name = scenario_.groups[id].name;
        group.instance_type = scenario_.groups[id].type.name;
        group.instances = extent_of(groups_[id].instances, end);
        result.groups.push_back(std::move(group));
    }
    result.events = std::move(rows_);
    result.minutes = std::move(minutes_);
    result.digest = digest_;
}

}  // namespace fleetsim::sim

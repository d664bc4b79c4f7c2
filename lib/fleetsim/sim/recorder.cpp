#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
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

Recorder::Recorder(const Scenario& scenario, bool keep_rows)
    : scenario_(scenario), measured_from_(scenario.warmup), keep_rows_(keep_rows) {
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
    digest(row.at, rows_told_++);
    for (const std::string_view text :
         {row.event, std::string_view{row.resource}, std::string_view{row.subject}, std::string_view{row.instance},
          std::string_view{row.from}, std::string_view{row.to}}) {
        digest(text);
    }
    if (keep_rows_) rows_.push_back(std::move(row));
}

void Recorder::scaling(std::string resource, std::string_view subject, ScalingRow told) {
    EventRow added{.at = told.at,
                   .event = told.event,
                   .resource = std::move(resource),
                   .subject = std::string{subject},
                   .from = std::move(told.from),
                   .to = std::move(told.to),
                   .reason = std::move(told.reason)};
    added.scaling = std::make_shared<const ScalingDetails>(std::move(told.details));
    row(std::move(added));
}

void Recorder::end_warmup(des::Time now) {
    for (Service& service : services_) {
        service.concurrency_seconds_before -= service.concurrency.integral(now);
        service.concurrency.restart(now);
        service.tasks.restart(now);
        service.working_seconds_in_warmup = service.working.integral(now);
        service.cpu_unit_seconds_in_warmup = service.cpu_units.integral(now);
        service.cpu_utilization_max = 0;
    }
    for (Group& group : groups_) group.instances.restart(now);
}

void Recorder::close_minute(ServiceId id, Service& figures, des::Time now) {
    const sim::Service& service = scenario_.services[id];
    const auto since = [now](const auto& figure, double& before) {
        const double integral = figure.integral(now);
        return integral - std::exchange(before, integral);
    };
    const double working_seconds = since(figures.working, figures.working_seconds_before);
    const double task_seconds = since(figures.metered_tasks, figures.task_seconds_before);
    const double request_seconds = since(figures.concurrency, figures.concurrency_seconds_before);
    const double cpu_used = working_seconds * service.serving.cpu_units_per_busy_worker;
    const double cpu_reserved = since(figures.cpu_units, figures.cpu_unit_seconds_before);
    const double memory_used =
        task_seconds * service.serving.memory_mib_when_idle + request_seconds * service.serving.memory_mib_per_request;
    const double memory_reserved = since(figures.memory_mib, figures.mib_seconds_before);
    figures.minute = {.had_tasks = cpu_reserved > 0, .outcomes = figures.minute_outcomes};
    if (figures.minute.had_tasks) {
        figures.minute.cpu_utilization = cpu_used / cpu_reserved;
        figures.minute.memory_utilization = memory_used / memory_reserved;
        figures.minute.cpu_units_per_task = cpu_used / task_seconds;
    }
    figures.cpu_utilization_max = std::max(figures.cpu_utilization_max, figures.minute.cpu_utilization);
}

void Recorder::close_minute(des::Time now) {
    for (const ServiceId id : des::ids_of(services_)) close_minute(id, services_[id], now);
    add_minute_row();
    for (Service& figures : services_) {
        figures.minute_requests = 0;
        figures.minute_outcomes = {};
        std::swap(figures.minute_latency_ns, figures.last_minute_latency_ns);
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
    const double working_seconds = figures.working.integral(end) - figures.working_seconds_in_warmup;
    const double reserved = figures.cpu_units.integral(end) - figures.cpu_unit_seconds_in_warmup;
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
        for (const InstanceOption& option : scenario_.groups[id].options) {
            group.instance_types.push_back(option.type.name);
        }
        group.instances = extent_of(groups_[id].instances, end);
        result.groups.push_back(std::move(group));
    }
    result.events = std::move(rows_);
    result.minutes = std::move(minutes_);
    result.digest = digest_;
}

}  // namespace fleetsim::sim

#include <fleetsim/scenario/distributions.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

constexpr double units_per_vcpu = 1'024;

/// CPU a busy worker uses: the mean CPU of a request over the mean time a worker is busy with it; or, when the scenario
/// does not say, its even share of what the task has reserved.
void read_cpu_time(Reading& reading, sim::Service& service, const ServiceNotes& notes, MapReader& map,
                   bool service_time_good) {
    des::Duration cpu_time{};
    const auto field = map.find("cpu_time");
    if (!field) {
        if (notes.task.known) {
            service.serving.cpu_units_per_busy_worker =
                static_cast<double>(service.task.shape.task[placement::cpu_units]) /
                static_cast<double>(service.serving.workers);
        }
        reading.silences.cpu_time.add(service.name);
        return;
    }
    if (!map.read("cpu_time", cpu_time, DurationIn{}) || !service_time_good) return;
    const double busy_seconds = des::mean(service.serving.service_time);
    constexpr double most_vcpus = 1'024;
    if (des::seconds(cpu_time) > busy_seconds * most_vcpus) {
        reading.diagnostics.error(field->at(), fmt::format("cpu_time: {} is more than {} vCPUs can burn in the mean "
                                                           "service_time of {:.3g} s",
                                                           duration_text(cpu_time), most_vcpus, busy_seconds));
        return;
    }
    if (busy_seconds > 0) {
        service.serving.cpu_units_per_busy_worker = des::seconds(cpu_time) / busy_seconds * units_per_vcpu;
    }
}

/// Whole MiB from 0.
[[nodiscard]] Parsed<double> parse_memory(std::string_view text) {
    const auto parsed = parse_size_mib(text);
    if (!parsed.value) return Parsed<double>::bad(parsed.expected, parsed.hint);
    return Parsed<double>::good(static_cast<double>(*parsed.value));
}

}  // namespace

void read_serving(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field) {
    constexpr std::int64_t longest_backlog = 1'000'000;
    sim::Serving& serving = service.serving;
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    map.read("workers", serving.workers, IntegerIn{1, most_workers});
    map.read("backlog", serving.backlog, IntegerIn{0, longest_backlog});
    const auto service_time = map.require("service_time");
    const bool service_time_good =
        service_time && read_distribution(reading.diagnostics, *service_time, serving.service_time);
    read_cpu_time(reading, service, notes, map, service_time_good);
    map.read("memory_idle", serving.memory_mib_when_idle, parse_memory);
    map.read("memory_per_request", serving.memory_mib_per_request, parse_memory);
    notes.memory_figures_known = map.find("memory_idle") || map.find("memory_per_request");
    if (!map.find("boot_time")) reading.silences.boot_time.add(service.name);
    map.read("boot_time", serving.boot_time, DurationIn{});
    map.finish();
}

}  // namespace fleetsim::scenario

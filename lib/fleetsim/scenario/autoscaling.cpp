#include <utility>

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

void read_suspended_state(Reading& reading, sim::ServiceAutoscaling& autoscaling, MapReader& map) {
    const auto field = map.find("suspended_state");
    if (!field) return;
    MapReader state(reading.diagnostics, *field);
    state.read("dynamic_scaling_in_suspended", autoscaling.dynamic_scaling_in_suspended, parse_flag);
    state.read("dynamic_scaling_out_suspended", autoscaling.dynamic_scaling_out_suspended, parse_flag);
    state.read("scheduled_scaling_suspended", autoscaling.scheduled_scaling_suspended, parse_flag);
    state.finish();
}

}  // namespace

void read_autoscaling(Reading& reading, sim::Service& service, ServiceNotes& notes, const Field& field) {
    constexpr IntegerIn any_capacity{0, most_tasks};
    sim::ServiceAutoscaling autoscaling;
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    const bool min_good = map.require("min_capacity", autoscaling.min_capacity, any_capacity);
    const bool max_good = map.require("max_capacity", autoscaling.max_capacity, any_capacity);
    notes.policies.target_tracking = map.find("target_tracking");
    notes.policies.step_scaling = map.find("step_scaling");
    notes.policies.scheduled_actions = map.find("scheduled_actions");
    map.refuse("simple_scaling", "simple_scaling: only Auto Scaling groups have it", "step_scaling is what you want");
    map.refuse("predictive_scaling", "predictive_scaling: only Auto Scaling groups have it");
    read_suspended_state(reading, autoscaling, map);
    map.finish();
    if (!min_good || !max_good) return;
    if (autoscaling.min_capacity > autoscaling.max_capacity) {
        reading.diagnostics.error(map.place_of("min_capacity"),
                                  fmt::format("min_capacity {} is above max_capacity {}", autoscaling.min_capacity,
                                              autoscaling.max_capacity));
        return;
    }
    service.autoscaling = std::move(autoscaling);
}

}  // namespace fleetsim::scenario

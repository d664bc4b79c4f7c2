#include <chrono>
#include <cstddef>
#include <string>

#include <fleetsim/cloud/billing.hpp>
#include <fleetsim/cloud/spot.hpp>
#include <fleetsim/sim/groups.hpp>

/// What instances cost: each for the time that it runs, in all its lives.
namespace fleetsim::sim {

using des::Time;

/// What so many billed seconds of the life that it has led until then cost at the prices since its start.
///
/// Source: Amazon EC2 User Guide, "Spot Instances" (you pay the Spot price that is in effect).
double Groups::spot_usd(const Instance& instance, Time until, std::chrono::seconds billed) const {
    const traffic::RateProfile& price = fleet_.scenario.spot_pools[pool_of(instance)].price_usd_per_hour;
    const Time since = *instance.running_since;
    const des::Duration life = until - since;
    if (life == des::Duration::zero()) return cloud::usd(billed, price.rate(since));
    return cloud::usd(billed, price.expected(since, until) / des::seconds(life));
}

/// Adds the life that ends now to the instance's bill.
void Groups::stop_billing(InstanceId id, bool interrupted) {
    Instance& instance = fleet_.instances[id];
    fleet_.recorder.instances_running(instance.group, fleet_.now(), -1);
    const auto life = fleet_.now() - *instance.running_since;
    const std::chrono::seconds billed =
        instance.spot
            ? cloud::spot_billed(life, interrupted ? cloud::SpotEnd::interrupted : cloud::SpotEnd::ended_by_user)
            : cloud::billed(life);
    instance.billed += billed;
    if (instance.spot) instance.spot_usd += spot_usd(instance, fleet_.now(), billed);
    instance.running_since.reset();
}

/// By group, of all the instances it has had.
des::Table<GroupId, Groups::Bill> Groups::bills(Time end) const {
    des::Table<GroupId, Bill> bills;
    for (const AutoScalingGroup& group : fleet_.scenario.groups) {
        Bill bill;
        bill.on_demand.resize(group.options.size());
        bills.add(std::move(bill));
    }
    for (const Instance& instance : fleet_.instances) {
        Bill& bill = bills[instance.group];
        std::chrono::seconds last_life{};
        if (instance.running_since) last_life = cloud::billed(end - *instance.running_since);
        if (!instance.spot) {
            bill.on_demand[instance.option] += instance.billed + last_life;
            continue;
        }
        bill.spot += instance.billed + last_life;
        bill.spot_usd += instance.spot_usd;
        if (instance.running_since) bill.spot_usd += spot_usd(instance, end, last_life);
    }
    return bills;
}

void Groups::report(Time end, Result& result) const {
    const auto hours = [](std::chrono::seconds time) { return static_cast<double>(time.count()) / 3600.0; };
    const des::Table<GroupId, Bill> all_bills = bills(end);
    for (const GroupId id : des::ids_of(fleet_.groups)) {
        const AutoScalingGroup& group = fleet_.scenario.groups[id];
        const Bill& bill = all_bills[id];
        std::chrono::seconds all = bill.spot;
        for (std::size_t option = 0; option < group.options.size(); ++option) {
            const std::chrono::seconds time = bill.on_demand[option];
            all += time;
            const bool several = group.options.size() > 1;
            const bool only_others = several || bill.spot > std::chrono::seconds{0};
            if (only_others && time == std::chrono::seconds{0}) continue;
            result.cost_items.push_back({resource_name(group), "ec2_on_demand", hours(time), "instance-hour",
                                         cloud::usd(time, group.options[option].price_usd_per_hour),
                                         several ? group.options[option].type.name : ""});
        }
        if (bill.spot > std::chrono::seconds{0}) {
            result.cost_items.push_back(
                {resource_name(group), "ec2_spot", hours(bill.spot), "instance-hour", bill.spot_usd});
        }
        GroupResult& figures = result.groups[id.value];
        figures.instance_hours = hours(all);
        figures.launches = fleet_.groups[id].launches;
        figures.terminations = fleet_.groups[id].terminations;
        figures.spot_interruptions = fleet_.groups[id].interruptions;
    }
}

}  // namespace fleetsim::sim

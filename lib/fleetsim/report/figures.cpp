#include <algorithm>

#include <fleetsim/report/figures.hpp>

namespace fleetsim::report {
namespace {

std::optional<double> ratio(double part, double whole) {
    if (!(whole > 0)) return std::nullopt;
    return part / whole;
}

}  // namespace

double total_usd(const sim::Result& result) {
    double total = 0;
    for (const sim::CostItem& item : result.cost_items) total += item.usd;
    return total;
}

std::optional<double> usd_per_hour(const sim::Result& result) {
    return ratio(total_usd(result) * 3600, des::seconds(result.simulated));
}

std::uint64_t user_requests(const sim::Result& result) {
    std::uint64_t total = 0;
    for (const sim::SourceResult& source : result.sources) total += source.requests;
    return total;
}

std::optional<double> usd_per_million_requests(const sim::Result& result) {
    const double measured_share = ratio(des::seconds(result.measured), des::seconds(result.simulated)).value_or(0);
    return ratio(total_usd(result) * measured_share * 1e6, static_cast<double>(user_requests(result)));
}

std::optional<double> availability(const sim::ServiceResult& service) {
    const std::uint64_t succeeded = service.outcomes[static_cast<std::size_t>(sim::Outcome::succeeded)];
    return ratio(static_cast<double>(succeeded), static_cast<double>(service.requests - service.in_flight));
}

std::optional<double> availability(const sim::SourceResult& source) {
    return ratio(static_cast<double>(source.succeeded), static_cast<double>(source.requests - source.in_flight));
}

std::optional<double> requests_per_second(const sim::Result& result, std::uint64_t requests) {
    return ratio(static_cast<double>(requests), des::seconds(result.measured));
}

bool uses_spot(const sim::Result& result, const sim::GroupResult& group) {
    const std::string resource = "auto_scaling_group/" + group.name;
    const bool billed = std::any_of(result.cost_items.begin(), result.cost_items.end(), [&](const auto& item) {
        return item.kind == "ec2_spot" && item.resource == resource;
    });
    return billed || group.spot_interruptions > 0;
}

std::size_t objectives_met(const sim::Result& result) {
    return static_cast<std::size_t>(
        std::count_if(result.objectives.begin(), result.objectives.end(), [](const auto& o) { return o.met; }));
}

}  // namespace fleetsim::report

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/cloud/registered_memory.hpp>
#include <fleetsim/import/fleet_types.hpp>
#include <fleetsim/scenario/fields.hpp>

namespace fleetsim::import {

namespace {

[[nodiscard]] std::string_view family_of(std::string_view type) { return type.substr(0, type.find('.')); }

[[nodiscard]] packing::FleetType fleet_type(const cloud::InstanceType& type, double price_usd_per_hour) {
    packing::FleetType out;
    out.name = type.name;
    out.registered = placement::resources({.cpu_units = cloud::registered_cpu_units(type.vcpu),
                                           .memory_mib = cloud::registered_memory_mib(type),
                                           .gpus = type.gpus,
                                           .eni_slots = type.awsvpc_tasks});
    out.price_usd_per_hour = price_usd_per_hour;
    return out;
}

[[nodiscard]] std::string unknown_type(const std::string& name) {
    const auto& catalogue = cloud::catalogue();
    std::vector<std::string> known;
    if (name.find('.') == name.npos) {
        for (const auto& type : catalogue.types()) {
            if (known.empty() || known.back() != family_of(type.name)) known.emplace_back(family_of(type.name));
        }
    } else {
        for (const auto type : catalogue.type_names()) known.emplace_back(type);
    }
    const std::string hint = scenario::nearest_hint(name, known);
    return fmt::format("unknown instance type or family {}; {}", scenario::in_quotes(name),
                       hint.empty() ? "expected a type such as m6i.large or a family such as m6i" : hint);
}

}  // namespace

FleetTypes fleet_types(std::span<const std::string> names, std::string_view region) {
    const cloud::Catalogue& catalogue = cloud::catalogue();
    FleetTypes out;
    std::set<std::size_t> chosen;
    for (const std::string& name : names) {
        bool known = false;
        bool offered = false;
        for (std::size_t i = 0; i < catalogue.types().size(); ++i) {
            const cloud::InstanceType& type = catalogue.types()[i];
            const bool by_family = family_of(type.name) == name && type.name.find("metal") == std::string::npos;
            if (type.name != name && !by_family) continue;
            known = true;
            if (!catalogue.price_usd_per_hour(type.name, region)) continue;
            offered = true;
            chosen.insert(i);
        }
        if (!known) {
            out.problems.push_back(unknown_type(name));
        } else if (!offered) {
            out.problems.push_back(fmt::format("{} is not offered in {}", name, region));
        }
    }
    for (const std::size_t i : chosen) {
        const cloud::InstanceType& type = catalogue.types()[i];
        out.types.push_back(fleet_type(type, *catalogue.price_usd_per_hour(type.name, region)));
    }
    return out;
}

}  // namespace fleetsim::import

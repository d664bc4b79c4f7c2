#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include <fmt/format.h>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/report/instances.hpp>
#include <fleetsim/report/json.hpp>

#include "commands.hpp"
#include "terminal.hpp"

namespace fleetsim::app {
namespace {

using report::InstanceOrder;

const std::map<std::string, InstanceOrder> orders{{"price", InstanceOrder::price},
                                                  {"name", InstanceOrder::name},
                                                  {"vcpu", InstanceOrder::vcpu},
                                                  {"memory", InstanceOrder::memory},
                                                  {"gpu", InstanceOrder::gpu}};

/// An option that takes `4`, `8:16`, `8:` or `:16`.
void add_bounds(CLI::App& command, const std::string& name, report::Bounds& bounds, const std::string& what) {
    command
        .add_option_function<std::string>(
            name,
            [name, &bounds](const std::string& text) {
                const auto parsed = report::parse_bounds(text);
                if (!parsed) {
                    throw CLI::ValidationError(name, fmt::format("expected 4, 8:16, 8: or :16, found \"{}\"", text));
                }
                bounds = *parsed;
            },
            what + ": one number, or a range such as 8:16, 8: or :16")
        ->type_name("N|MIN:MAX");
}

ExitStatus list(const report::InstanceQuery& query, const GlobalOptions& global) {
    const cloud::Catalogue& catalogue = cloud::catalogue();
    const auto regions = catalogue.regions();
    if (std::find(regions.begin(), regions.end(), query.region) == regions.end()) {
        const auto nearest = des::nearest_names(query.region, regions);
        complain(fmt::format("unknown region \"{}\"{}", query.region,
                             nearest.empty() ? "" : fmt::format("; did you mean {}?", fmt::join(nearest, " or "))));
        return ExitStatus::bad_input;
    }
    const auto rows = report::select(catalogue, query);
    if (global.format == "json") return write_result(report::json_text(report::instances_json(rows, query)));
    if (global.format == "csv") return write_result(report::instances_csv(rows));
    return write_result(report::instances_text(rows, query, catalogue.types().size()));
}

}  // namespace

void add_instances(CLI::App& app, const GlobalOptions& global, Action& action) {
    CLI::App* command = app.add_subcommand("instances", "List EC2 instance types and their prices");
    const auto query = std::make_shared<report::InstanceQuery>();
    command->add_option("FILTER", query->name_part, "Only types whose name contains this, such as c6i or .xlarge");
    add_bounds(*command, "--vcpu", query->vcpu, "vCPUs");
    add_bounds(*command, "--memory", query->memory_gib, "Memory in GiB");
    add_bounds(*command, "--gpu", query->gpus, "GPUs");
    command->add_option("--region", query->region, "Region of the prices")->type_name("NAME")->capture_default_str();
    command
        ->add_option_function<std::string>(
            "--arch", [query](const std::string& name) { query->architecture = name == "any" ? "" : name; },
            "Processor architecture: x86_64, arm64 or any")
        ->type_name("NAME")
        ->check(CLI::IsMember({"x86_64", "arm64", "any"}).description(""));
    command
        ->add_option_function<std::string>(
            "--sort", [query](const std::string& key) { query->order = orders.at(key); },
            "Order: price, name, vcpu, memory or gpu; equals by price")
        ->type_name("KEY")
        ->check(CLI::IsMember(orders).description(""));
    command->callback([query, &global, &action] { action = [query, &global] { return list(*query, global); }; });
}

}  // namespace fleetsim::app

#include "pack.hpp"

#include <charconv>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include <fleetsim/packing/offline_registry.hpp>
#include <fleetsim/packing/online_registry.hpp>
#include <fleetsim/scenario/scalars.hpp>

namespace fleetsim::app {
namespace {

/// `64x128`: vCPUs and GiB.
[[nodiscard]] std::optional<packing::Capacity> server_of(std::string_view text) {
    constexpr std::int32_t most_vcpus = 2'000'000;
    constexpr std::int32_t most_gib = 2'000'000;
    const std::size_t times = text.find('x');
    if (times == text.npos) return std::nullopt;
    const auto number = [](std::string_view digits, std::int32_t most) -> std::optional<std::int32_t> {
        std::int32_t value = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        const bool good =
            read.ec == std::errc{} && read.ptr == digits.data() + digits.size() && value >= 1 && value <= most;
        return good ? std::optional(value) : std::nullopt;
    };
    const auto vcpus = number(text.substr(0, times), most_vcpus);
    const auto gib = number(text.substr(times + 1), most_gib);
    if (!vcpus || !gib) return std::nullopt;
    return packing::Capacity{*vcpus * 1000, *gib * 1024};
}

/// Empty when the text is a number of seconds that a search may take. (CLI11's own range lets `nan` pass.)
[[nodiscard]] std::string time_limit(const std::string& text) {
    const auto parsed = scenario::parse_number(text);
    if (parsed.value && *parsed.value >= 0.001 && *parsed.value <= 86'400) return {};
    return fmt::format("expected seconds from 0.001 to 86400, found \"{}\"", text);
}

[[nodiscard]] std::string algorithms_help() {
    return fmt::format("Algorithms for a trace: {}.\n\nAlgorithms for instances: {}.",
                       fmt::join(names_of(packing::online_algorithms()), ", "),
                       fmt::join(names_of(packing::offline_algorithms()), ", "));
}

void add_options(CLI::App& command, const std::shared_ptr<PackArguments>& arguments) {
    constexpr auto largest_seed = std::uint64_t{1} << 62U;
    command
        .add_option("INPUT", arguments->input,
                    "A trace (CSV), instances of bin packing (or an archive of them), task definitions or a scenario "
                    "(YAML); each may be compressed by gzip")
        ->required();
    command.add_option("--algorithm", arguments->algorithms, "Algorithms, or all; without it the usual ones")
        ->type_name("A,B,...")
        ->delimiter(',')
        ->allow_extra_args(false);
    command.add_option("--seeds", arguments->seeds, "How many seeds each algorithm runs with")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{10'000}).description(""))
        ->capture_default_str();
    command.add_option("--seed", arguments->seed, "The first seed; 0 to 2^62")
        ->type_name("N")
        ->check(CLI::Range(std::uint64_t{0}, largest_seed).description(""))
        ->capture_default_str();
    command.add_flag("--timing", arguments->timing, "Also tell the nanoseconds a decision takes on this machine");
    command.add_option("--nodes", arguments->nodes, "Trace: the cluster's nodes, a CSV file")->type_name("FILE");
    command
        .add_option_function<std::string>(
            "--server",
            [arguments](const std::string& text) {
                arguments->server = server_of(text);
                if (!arguments->server) {
                    throw CLI::ValidationError(
                        "--server", fmt::format("expected vCPUs and GiB such as 64x128, found \"{}\"", text));
                }
            },
            "Trace: instead of nodes, as many servers of this size as it takes")
        ->type_name("CPUSxGIB");
    command
        .add_option("--experiment", arguments->experiment,
                    "Trace: fill the nodes beyond what they hold, or replay arrivals and departures; without it, fill "
                    "when there are nodes")
        ->type_name("NAME")
        ->check(CLI::IsMember({"fill", "replay"}).description(""));
    command
        .add_option(
            "--time-limit", arguments->time_limit_s,
            "Instances: seconds a search takes on each; without it a fixed number of steps, the same everywhere")
        ->type_name("S")
        ->check(time_limit);
    command.add_option("--types", arguments->types, "Tasks: instance types or families to buy, such as c6i,m6i.large")
        ->type_name("A,B,...")
        ->delimiter(',')
        ->allow_extra_args(false);
    command.add_option("--region", arguments->region, "Tasks: region of the prices")->type_name("NAME");
    command.add_option("--zones", arguments->zones, "Tasks: availability zones to use")
        ->type_name("N")
        ->check(CLI::Range(1, 6).description(""));
    command.add_option("--spread", arguments->spread, "Tasks: spread all of them evenly over the zones (zone)")
        ->type_name("NAME")
        ->check(CLI::IsMember({"zone"}).description(""));
}

}  // namespace

void add_pack(CLI::App& app, const GlobalOptions& global, Action& action) {
    CLI::App* command = app.add_subcommand("pack", "Pack a trace, instances or tasks, and compare with lower bounds");
    const auto arguments = std::make_shared<PackArguments>();
    add_options(*command, arguments);
    command->footer(algorithms_help() + "\n\n" + app.get_footer());
    command->callback([arguments, command, &global, &action] {
        action = [arguments, command, &global] { return pack(*arguments, *command, global); };
    });
}

}  // namespace fleetsim::app

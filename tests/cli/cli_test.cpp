#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "process.hpp"

using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using fleetsim::testing::contents;
using fleetsim::testing::Finished;
using fleetsim::testing::Folder;
using fleetsim::testing::handles;
using fleetsim::testing::Program;
using fleetsim::testing::run_fleetsim;
using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

namespace {

/// Two minutes of one service, which answers in exactly 5 ms as long as its 8 workers keep up with 20 requests a
/// second.
std::string scenario(std::string_view duration = "2m", std::string_view rate = "20/s", std::string_view p99 = "100ms") {
    std::string text = R"(fleetsim: 1
name: small
region: us-east-1
duration: DURATION
auto_scaling_groups:
  nodes: {instance_type: m5.large, availability_zones: [us-east-1a, us-east-1b], min_size: 2, max_size: 2}
clusters:
  main: {capacity_providers: [{auto_scaling_group: nodes}]}
services:
  web:
    cluster: main
    task: {cpu: 256, memory: 512}
    desired_count: 2
    serving: {workers: 4, service_time: 5ms}
load_balancers:
  public: {listeners: [{port: 80, protocol: HTTP, default: web}]}
traffic:
  visitors: {to: public, rate: RATE}
slo:
  - {service: web, p99: LIMIT}
)";
    const auto fill = [&text](std::string_view name, std::string_view value) {
        text.replace(text.find(name), name.size(), value);
    };
    fill("DURATION", duration);
    fill("RATE", rate);
    fill("LIMIT", p99);
    return text;
}

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{folder}) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE("a run shows its tables on standard output and its speed on standard error") {
    const Folder folder;
    const Finished run = run_fleetsim({"run", folder.put("small.yaml", scenario())});
    INFO(run.err);
    CHECK(run.status == 0);
    CHECK_THAT(run.out, StartsWith("  small   2 min · 1 service · ") && ContainsSubstring("✓   web   p99") &&
                            ContainsSubstring("LATENCY") && ContainsSubstring("REQUESTS") &&
                            ContainsSubstring("FLEET") && ContainsSubstring("COST") && ContainsSubstring("Digest "));
    CHECK_THAT(run.out, ContainsSubstring("\nThe objective was met; the fleet cost $") && EndsWith(" an hour).\n"));
    CHECK(run.out.find('\x1b') == std::string::npos);
    CHECK(run.out.find("CPU second") == std::string::npos);
    CHECK_THAT(run.err, StartsWith("fleetsim: simulated 2 min in ") && EndsWith(" requests per CPU second\n"));
    // No terminal, no progress line.
    CHECK(std::count(run.err.begin(), run.err.end(), '\n') == 1);
    CHECK(run.err.find('\r') == std::string::npos);
}

TEST_CASE("a quiet run says nothing on standard error") {
    const Folder folder;
    const Finished run = run_fleetsim({"run", "-q", folder.put("small.yaml", scenario())});
    CHECK(run.status == 0);
    CHECK(run.err.empty());
    CHECK(!run.out.empty());
}

TEST_CASE("JSON is what --out writes as summary.json, and nothing but JSON") {
    const Folder folder;
    const Finished run =
        run_fleetsim({"run", folder.put("small.yaml", scenario()), "--format", "json", "--out", folder / "new/out"});
    INFO(run.err);
    CHECK(run.status == 0);
    const Json json = Json::parse(run.out);
    CHECK(json["schema"] == 1);
    CHECK(json["complete"] == true);
    CHECK(json["fleetsim"]["simulated_seconds"] == 120.0);
    CHECK(json["slo"][0]["met"] == true);
    // 2 min at 20/s. The number of a Poisson process's arrivals lies within 5 standard deviations of its mean but once
    // in a million seeds, and this seed is fixed.
    CHECK(json["traffic"]["visitors"]["requests"].get<double>() == Approx(2'400).margin(5 * std::sqrt(2'400)));

    CHECK(names_in(folder.path() / "new/out") ==
          std::vector<std::string>{"events.csv", "summary.json", "timeseries.csv"});
    CHECK(contents(folder / "new/out/summary.json") == run.out);
    CHECK_THAT(contents(folder / "new/out/timeseries.csv"), StartsWith("time_s,") && ContainsSubstring("\n60,"));
    CHECK_THAT(contents(folder / "new/out/events.csv"),
               StartsWith("time_s,event,resource,subject,instance,zone,cpu_units,memory_mib,gpu,from,to,reason,"
                          "policy,alarm,datapoints,wanted,clamped_by\n"));
}

TEST_CASE("the same scenario and seed give the same bytes, another seed others") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario());
    const Finished first = run_fleetsim({"run", file, "--out", folder / "a"});
    const Finished again = run_fleetsim({"run", file, "--out", folder / "b"});
    const Finished other = run_fleetsim({"run", file, "--seed", "2", "--out", folder / "c"});
    REQUIRE(first.status == 0);
    CHECK(first.out == again.out);
    CHECK(first.out != other.out);
    for (const char* name : {"/summary.json", "/timeseries.csv", "/events.csv"}) {
        CHECK(contents(folder / "a" + name) == contents(folder / "b" + name));
    }
    CHECK(contents(folder / "a/summary.json") != contents(folder / "c/summary.json"));
}

TEST_CASE("flags that every command has may stand before or after it") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario());
    const Finished before = run_fleetsim({"-q", "--format", "json", "--color", "never", "run", file});
    const Finished after = run_fleetsim({"run", file, "--color", "never", "--format", "json", "-q"});
    CHECK(before.status == 0);
    CHECK(after.status == 0);
    CHECK(before.out == after.out);
    CHECK(before.err == after.err);
    CHECK_THAT(run_fleetsim({"--color=always", "run", file}).out, ContainsSubstring("\x1b[32m✓\x1b[0m"));
}

TEST_CASE("a misspelt key is shown at its place, and nothing is simulated or written") {
    const Folder folder;
    std::string text = scenario();
    text.replace(text.find("desired_count"), 13, "desired_cuont");
    const std::string file = folder.put("small.yaml", text);
    for (const std::string command : {"run", "validate"}) {
        std::vector<std::string> arguments{command, "-q", file};
        if (command == "run") arguments.insert(arguments.end(), {"--out", folder / "out"});
        const Finished run = run_fleetsim(arguments);
        CHECK(run.status == 2);
        CHECK(run.out.empty());
        CHECK_THAT(run.err, StartsWith(file + ":13:5: error: ") && ContainsSubstring("desired_cuont") &&
                                ContainsSubstring("did you mean desired_count?"));
    }
    CHECK(names_in(folder.path()) == std::vector<std::string>{"small.yaml"});
}

TEST_CASE("a sound scenario is described in a line") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario());
    const Finished run = run_fleetsim({"validate", file, "--seed", "5"});
    CHECK(run.status == 0);
    CHECK(run.out == file +
                         ": ok\nsmall: 2 min in us-east-1 with 1 service, 1 auto scaling group, 1 load balancer, "
                         "1 traffic source, 1 objective, seed 5\n");
}

TEST_CASE("a missed objective fails the run only when that was asked for") {
    const Folder folder;
    // A request takes 5 ms at the least.
    const std::string file = folder.put("small.yaml", scenario("2m", "20/s", "1ms"));
    const Finished run = run_fleetsim({"run", file});
    CHECK(run.status == 0);
    CHECK_THAT(run.out,
               ContainsSubstring("✗   web") && EndsWith("The objective was missed: web p99 was 5.00 ms, over 1 ms.\n"));

    const Finished checked = run_fleetsim({"run", file, "--check", "--out", folder / "out"});
    CHECK(checked.status == 1);
    CHECK(checked.out == run.out);
    CHECK(fs::exists(folder / "out/summary.json"));

    const Finished as_json = run_fleetsim({"run", file, "--check", "--format", "json", "-q"});
    CHECK(as_json.status == 1);
    CHECK(Json::parse(as_json.out)["slo"][0]["met"] == false);
    CHECK(as_json.err == "fleetsim: The objective was missed: web p99 was 5.00 ms, over 1 ms.\n");

    CHECK(run_fleetsim({"run", folder.put("lax.yaml", scenario()), "--check"}).status == 0);
}

TEST_CASE("output that cannot be written fails the run, and the reason is given") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario());
    const Finished run = run_fleetsim({"run", file, "-q", "--out", file + "/out"});
    CHECK(run.status == 1);
    CHECK_THAT(run.err, ContainsSubstring("small.yaml/out: Not a directory\n"));
    CHECK_THAT(run.out, ContainsSubstring("LATENCY"));
    CHECK(names_in(folder.path()) == std::vector<std::string>{"small.yaml"});

    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"run", file, "-q"}, {"validate", file}, {"--help"}, {"--version"}, {"instances"}}) {
        const Finished full = Program{arguments, "/dev/full"}.wait();
        CHECK(full.status == 1);
        CHECK(full.err == "fleetsim: cannot write to standard output: No space left on device\n");
    }
}

TEST_CASE("an interrupted run writes nothing and says how far it came") {
    const Folder folder;
    // Far more work than can be done before the signal comes.
    const std::string file = folder.put("long.yaml", scenario("30d", "500/s"));
    for (const int signal : {SIGINT, SIGTERM}) {
        Program program{{"run", file, "-q", "--out", folder / "out"}};
        REQUIRE(handles(program, signal));
        kill(program.pid(), signal);
        const Finished run = program.wait();
        CHECK(run.status == 130);
        CHECK(run.out.empty());
        CHECK_THAT(run.err, StartsWith("fleetsim: interrupted after ") &&
                                EndsWith(" of 30 days simulated; nothing was written\n"));
        CHECK(names_in(folder.path()) == std::vector<std::string>{"long.yaml"});
    }
}

TEST_CASE("a trace on the command line replaces a source's rate, and is looked for from where the user is") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario("2m", "1/h"));
    const Folder elsewhere;
    elsewhere.put("busy.csv", "timestamp,rps\n0,50\n60,50\n");
    const Finished run =
        Program{{"run", file, "--traffic", "visitors=busy.csv", "--format", "json"}, {}, elsewhere.path().string()}
            .wait();
    INFO(run.err);
    CHECK(run.status == 0);
    // 6,000 expected, against less than one in the scenario itself.
    CHECK(Json::parse(run.out)["traffic"]["visitors"]["requests"] > 5'000);

    const Finished unknown = run_fleetsim({"validate", file, "--traffic", "visitros=" + elsewhere / "busy.csv"});
    CHECK(unknown.status == 2);
    CHECK_THAT(unknown.err, ContainsSubstring("visitros") && ContainsSubstring("visitors"));
}

TEST_CASE("a wrong command line is refused with status 2 and a word about what was expected") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario());
    struct Row {
        std::vector<std::string> arguments;
        const char* said;
    };
    const Row rows[] = {
        {{}, "required"},
        {{"rum", file}, "unknown command \"rum\"; did you mean run?"},
        {{"run"}, "SCENARIO is required"},
        {{"run", file, "another.yaml"}, "another.yaml"},
        {{"run", folder / "missing.yaml"}, "missing.yaml: error: no such file"},
        {{"run", file, "--colour", "never"}, "--colour"},
        {{"run", file, "--color", "red"}, "red not in {auto,always,never}"},
        {{"run", file, "--format", "xml"}, "xml not in {text,json,csv}"},
        {{"run", file, "--format", "csv"}, "run prints text or json"},
        {{"run", file, "--seed", "-1"}, "--seed: Value -1"},
        {{"run", file, "--seed", "one"}, "--seed"},
        {{"run", file, "--traffic", "visitors"}, "expected NAME=FILE.csv, found \"visitors\""},
        {{"run", file, "--out", ""}, "--out"},
        {{"run", file, "--explain"}, "--explain"},
        {{"run", file, "--explain", "nodes"}, "--explain \"nodes\": expected RESOURCE@TIME"},
        {{"run", file, "--explain", "nodse@1m"}, "unknown resource \"nodse\"; did you mean auto_scaling_group/nodes?"},
        {{"run", file, "--explain", "service/web@1h"}, "the scenario ends before"},
        {{"run", file, "--explain", "task/wbe-1@1m"}, "nothing called \"wbe\" has tasks; did you mean task/web/1?"},
        {{"run", file, "--explain", "task/web@1m"}, "task \"web\" has no number"},
        {{"run", file, "--explain", "auto_scaling_group/nodes@1"}, "found \"1\"; did you mean 1s?"},
        {{"run", file, "--explain", "auto_scaling_group/nodes@2m"}, "last scaling decision comes before"},
        {{"validate", file, "--format", "json"}, "validate prints text only"},
        {{"instances", "--vcpu", "many"}, "expected 4, 8:16, 8: or :16, found \"many\""},
        {{"instances", "--vcpu", "8:4"}, "found \"8:4\""},
        {{"instances", "--arch", "mips"}, "mips not in {x86_64,arm64,any}"},
        {{"instances", "--region", "us-esat-1"}, "unknown region \"us-esat-1\"; did you mean us-east-1"},
    };
    for (const Row& row : rows) {
        const Finished run = run_fleetsim(row.arguments);
        INFO(run.err);
        CHECK(run.status == 2);
        CHECK(run.out.empty());
        CHECK_THAT(run.err, ContainsSubstring(row.said));
    }
}

TEST_CASE("a scaling decision in the events is explained to whoever asks for it") {
    const Folder folder;
    const std::string file = FLEETSIM_SOURCE_DIR "/scenarios/gpu-surge.yaml";
    const Finished plain = run_fleetsim({"run", file, "-q", "--format", "json", "--out", folder / "out"});
    REQUIRE(plain.status == 0);
    // The row of the first time that the group is scaled: when and what, and behind that how.
    const std::string events = contents(folder / "out/events.csv");
    const std::string what = ",scaling,auto_scaling_group/gpu,desired_capacity,,,,,,";
    const std::size_t found = events.find(what);
    REQUIRE(found != std::string::npos);
    const std::size_t line = events.rfind('\n', found) + 1;
    const std::string time_s = events.substr(line, found - line);
    const std::string how = events.substr(found + what.size(), events.find('\n', found) - found - what.size());

    const Finished run = run_fleetsim({"run", file, "-q", "--format", "json", "--explain",
                                       "auto_scaling_group/gpu@" + time_s + "s", "--explain", "service/scorer@18:10"});
    INFO(run.err);
    REQUIRE(run.status == 0);
    const Json json = Json::parse(run.out);
    // Whoever asks changes nothing.
    CHECK(json["engine"] == Json::parse(plain.out)["engine"]);
    REQUIRE(json["explanations"].size() == 2);
    const Json& told = json["explanations"][0];
    CHECK(told["resource"] == "auto_scaling_group/gpu");
    CHECK(told["time_s"] == std::stod(time_s));
    CHECK(told["result"] == "scale out");
    CHECK(told["decided_by"] == "managed scaling");
    REQUIRE(told["alarms"].size() == 2);
    CHECK(told["alarms"][0]["name"] == "CapacityProviderReservation-AlarmHigh");
    CHECK(told["alarms"][0]["state"] == "ALARM");
    REQUIRE(told["policies"].size() == 1);
    CHECK_THAT(how,
               StartsWith(told["state"]["desired_capacity"].dump() + "," + told["desired"].dump() + ",\"scale out") &&
                   EndsWith(",managed scaling,CapacityProviderReservation-AlarmHigh," +
                            told["alarms"][0]["datapoints"].get<std::string>() + "," +
                            told["policies"][0]["wanted"].dump() + ","));
    CHECK(json["explanations"][1]["at"] == "2026-01-05T18:10:00Z");
    CHECK(json["explanations"][1]["policies"][0]["name"] == "ALBRequestCountPerTarget");
}

TEST_CASE("an explanation stands below the summary and ends with a sentence") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario());
    const Finished plain = run_fleetsim({"run", file});
    const Finished run = run_fleetsim({"run", file, "--explain", "auto_scaling_group/nodes@30s"});
    CHECK(run.status == 0);
    CHECK_THAT(run.out, StartsWith(plain.out + "\n  EXPLANATION   auto_scaling_group/nodes · ") &&
                            ContainsSubstring(" · time_s 60\n") &&
                            ContainsSubstring("    desired_capacity          2") &&
                            EndsWith("\n\nauto_scaling_group/nodes at 00:01:00: desired stays at 2: no policy looks "
                                     "after it.\n"));
}

TEST_CASE("a task and a service are explained below the summary and asking changes nothing") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario());
    const Finished plain = run_fleetsim({"run", file, "--format", "json"});
    const Finished run = run_fleetsim(
        {"run", file, "--explain", "task/web-1@30s", "--explain", "task/web/99@30s", "--explain", "service/web@30s"});
    CHECK(run.status == 0);
    CHECK_THAT(run.out, ContainsSubstring("\n  EXPLANATION   tasks of service/web · ") &&
                            ContainsSubstring("\nservice/web at 00:00:30: ") &&
                            ContainsSubstring("\n  EXPLANATION   task web/1 of service/web · ") &&
                            ContainsSubstring("\ntask web/1 at 00:00:30: RUNNING since 00:00:00: healthy.\n") &&
                            ContainsSubstring("\ntask web/99 at 00:00:30: there is none, ever; "));
    const Finished as_json =
        run_fleetsim({"run", file, "--format", "json", "--explain", "task/web-1@30s", "--explain", "service/web@30s"});
    Json json = Json::parse(as_json.out);
    CHECK(json["task_explanations"][0]["task"] == "web/1");
    CHECK(json["task_explanations"][0]["task_state"] == "RUNNING");
    CHECK(json["service_explanations"][0]["resource"] == "service/web");
    json.erase("task_explanations");
    json.erase("service_explanations");
    CHECK(json == Json::parse(plain.out));
}

TEST_CASE("all that is wrong with what is to be explained is said, and nothing is simulated or written") {
    const Folder folder;
    const std::string file = folder.put("small.yaml", scenario());
    const Finished run = run_fleetsim({"run", file, "-q", "--out", folder / "out", "--explain", "task/web@1m",
                                       "--explain", "auto_scaling_group/nodes@1m", "--explain", "service/wbe@1m"});
    CHECK(run.status == 2);
    CHECK(run.out.empty());
    CHECK(run.err ==
          "fleetsim: --explain \"task/web@1m\": task \"web\" has no number: expected one such as task/web-17\n"
          "fleetsim: --explain \"service/wbe@1m\": unknown resource \"service/wbe\"; did you mean service/web?\n");
    CHECK(names_in(folder.path()) == std::vector<std::string>{"small.yaml"});
}

TEST_CASE("help and version are results") {
    for (const std::vector<std::string>& arguments :
         {std::vector<std::string>{"--help"}, {"-h"}, {"run", "--help"}, {"validate", "-h"}, {"instances", "--help"}}) {
        const Finished help = run_fleetsim(arguments);
        CHECK(help.status == 0);
        CHECK(help.err.empty());
        CHECK_THAT(help.out, ContainsSubstring("Usage: fleetsim") && ContainsSubstring("Exit status:") &&
                                 ContainsSubstring("  130  interrupted"));
    }
    const Finished version = run_fleetsim({"--version"});
    CHECK(version.status == 0);
    CHECK_THAT(version.out, StartsWith("fleetsim ") && ContainsSubstring("instance prices of "));
    CHECK(std::count(version.out.begin(), version.out.end(), '\n') == 1);
}

TEST_CASE("instance types can be searched, sorted and read by programs") {
    const Finished text = run_fleetsim({"instances", "c7g.", "--vcpu", "4", "--memory", "8:16", "--arch", "arm64"});
    CHECK(text.status == 0);
    CHECK_THAT(text.out, ContainsSubstring("  c7g.xlarge      4    8 GiB") && ContainsSubstring("1 of ") &&
                             ContainsSubstring("us-east-1"));

    const Json json =
        Json::parse(run_fleetsim({"--format", "json", "instances", "--gpu", "1:", "--sort", "price"}).out);
    CHECK(json["region"] == "us-east-1");
    REQUIRE(json["types"].size() > 1);
    double price = 0;
    for (const Json& type : json["types"]) {
        CHECK(type["gpus"] >= 1);
        CHECK(type["usd_per_hour"] >= price);
        price = type["usd_per_hour"];
    }

    const std::string csv = run_fleetsim({"instances", "m5.large", "--format", "csv", "--region", "us-east-1"}).out;
    CHECK(csv ==
          "instance_type,architecture,vcpu,memory_mib,gpus,gpu_name,max_enis,usd_per_hour\n"
          "m5.large,x86_64,2,8192,0,,3,0.096\n");
}

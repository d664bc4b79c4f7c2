#include <algorithm>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "process.hpp"

using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;
using fleetsim::testing::Finished;
using fleetsim::testing::Folder;
using fleetsim::testing::handles;
using fleetsim::testing::Program;
using fleetsim::testing::run_fleetsim;
using Json = nlohmann::ordered_json;

namespace {

constexpr const char* vms =
    "name,cpu,memory_gib,arrival_s,lifetime_s\n"
    "a,4,8,0,3600\n"
    "b,4,8,0,7200\n"
    "c,4,8,1800,3600\n";

constexpr const char* pods =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n"
    "a,1000,1024,1,500,\n"
    "b,1000,1024,1,500,\n"
    "c,1000,1024,1,1000,A10\n"
    "d,1000,1024,0,0,\n";

/// So many that no task asks for more than half a percent of their GPUs: every percent of demand then has an arrival.
constexpr const char* gpu_nodes = "name,cpu_milli,memory_mib,gpus,model,count\nn,8000,65536,2,A10,100\n";

constexpr const char* definitions =
    "- {name: web, cpu: 512, memory: 900, count: 4, network_mode: awsvpc, spread: zone}\n"
    "- {name: worker, cpu: 1024, memory: 1500, count: 2}\n";

}  // namespace

TEST_CASE("a trace of VMs is replayed on servers of the size asked for") {
    const Folder folder;
    const std::string file = folder.put("vms.csv", vms);
    const Finished run =
        run_fleetsim({"pack", file, "--server", "8x16", "--algorithm", "first_fit", "--format", "json"});
    INFO(run.err);
    REQUIRE(run.status == 0);
    const Json pack = Json::parse(run.out)["pack"];
    CHECK(pack["trace"] == "vms");
    REQUIRE(pack["results"].size() == 1);
    const Json& result = pack["results"][0];
    CHECK(result["algorithm"] == "first_fit");
    CHECK(result["seed"] == 42);
    // a and b share a server for two hours; c needs a second for half an hour more than it would if poured: it arrives
    // when the first is full and lasts an hour.
    CHECK(result["server_hours"] == 3.0);
    CHECK(result["peak_servers"] == 2);
    CHECK(result["placed"] == 3);
    CHECK(result["refused"] == 0);
    // While c is there: half an hour of three VMs, two servers; otherwise one: 2 + 0.5.
    CHECK(result["bound"] == 2.5);
    CHECK(result["bound_name"] == "server_hours");
    CHECK(result["gap_percent"].get<double>() == Approx(20));
    CHECK(!result.contains("bins"));
    CHECK(!result.contains("ns_per_decision"));
}

TEST_CASE("a trace with nodes fills them and tells the allocation by demand") {
    const Folder folder;
    const std::string tasks = folder.put("pods.csv", pods);
    const std::string nodes = folder.put("nodes.csv", gpu_nodes);
    const Finished run = run_fleetsim({"pack", tasks, "--nodes", nodes, "--algorithm", "fgd,random", "--seeds", "2",
                                       "--seed", "42", "--format", "json"});
    INFO(run.err);
    REQUIRE(run.status == 0);
    const Json results = Json::parse(run.out)["pack"]["results"];
    REQUIRE(results.size() == 4);
    CHECK(results[0]["algorithm"] == "fgd");
    CHECK(results[0]["seed"] == 42);
    CHECK(results[3]["algorithm"] == "random");
    CHECK(results[3]["seed"] == 43);
    for (const Json& result : results) {
        for (const char* percent : {"80", "90", "100", "110", "120", "130"}) {
            INFO(percent);
            CHECK(result["allocation_percent"][percent] <= 100.0);
            CHECK(result["allocation_percent"][percent] > 50.0);
        }
    }
}

TEST_CASE("the same command gives the same bytes in every format") {
    const Folder folder;
    const std::string tasks = folder.put("pods.csv", pods);
    const std::string nodes = folder.put("nodes.csv", gpu_nodes);
    for (const char* format : {"text", "json", "csv"}) {
        const std::vector<std::string> command{"pack", tasks, "--nodes", nodes, "--format", format, "--seeds", "2"};
        const Finished first = run_fleetsim(command);
        INFO(first.err);
        REQUIRE(first.status == 0);
        CHECK(first.out == run_fleetsim(command).out);
    }
}

TEST_CASE("an instance is packed and held against the best bound") {
    const Folder folder;
    // The worked example of the classical rules: first fit needs 4 bins, the best packing 3.
    const std::string file = folder.put("six.txt", "6\n10\n4\n7\n3\n6\n5\n5\n");
    const Finished text = run_fleetsim({"pack", file, "--algorithm", "first_fit,ffd_l1_unit", "-q"});
    INFO(text.err);
    CHECK(text.status == 0);
    CHECK(text.err.empty());
    CHECK_THAT(text.out, StartsWith("  six\n") && ContainsSubstring("lower bound") &&
                             EndsWith("ffd_l1_unit needs the fewest bins: 3, and no packing can do with fewer; 25.0 % "
                                      "fewer than first_fit.\n"));
    const Json results = Json::parse(
        run_fleetsim({"pack", file, "--algorithm", "first_fit", "--format", "json"}).out)["pack"]["results"];
    REQUIRE(results.size() == 1);
    CHECK(results[0]["bins"] == 4);
    CHECK(results[0]["bound"] == 3.0);
    CHECK(!results[0].contains("instance"));
}

TEST_CASE("the cheapest mix of instances is found for task definitions") {
    const Folder folder;
    const std::string file = folder.put("tasks.yaml", definitions);
    const Finished text = run_fleetsim({"pack", file, "--types", "c6i.large,c6i.xlarge,m6i.large", "--zones", "2"});
    INFO(text.err);
    CHECK(text.status == 0);
    CHECK_THAT(text.out, ContainsSubstring("for 6 tasks") && ContainsSubstring("per month") &&
                             ContainsSubstring("lower bound") && ContainsSubstring("suffice"));
    const Json result = Json::parse(
        run_fleetsim({"pack", file, "--types", "c6i", "--zones", "2", "--format", "json"}).out)["pack"]["results"][0];
    CHECK(result["algorithm"] == "cheapest_mix");
    CHECK(result["placed"] == 6);
    CHECK(result["usd_per_hour"] >= result["bound"]);
    CHECK(result["instances"].size() == result["bins"]);
}

TEST_CASE("what is wrong with an input of pack is refused with status 2 and its place") {
    const Folder folder;
    const std::string trace = folder.put("vms.csv", vms);
    const std::string nodes = folder.put("nodes.csv", gpu_nodes);
    const std::string items = folder.put("items.txt", "3\n10\n11\n5\n12\n");
    const std::string tasks = folder.put("tasks.yaml", definitions);
    const std::string large = folder.put("large.csv", "name,cpu,memory_gib\nbig,9,1\nwide,1,17\nsmall,1,1\n");
    const std::string scenario = folder.put("bad.yaml", "fleetsim: 1\nnmae: x\n");
    const std::string vectors = folder.put("vectors.txt", "2\n10 10\n2\n1 5 2\n5 1 1\n");
    const std::string garbage = folder.put("garbage.bin", std::string("\x01\x02\x00\x03", 4));
    const std::string cut = folder.put("cut.csv.gz", std::string("\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\x03\x4B", 11));
    struct Row {
        std::vector<std::string> arguments;
        std::vector<std::string> said;
    };
    const Row rows[] = {
        {{}, {"INPUT is required"}},
        {{folder / "missing.csv"}, {"missing.csv: error: no such file"}},
        {{folder.put("empty.csv", "")}, {"empty.csv: error: the file is empty"}},
        {{garbage, "--server", "8x16"}, {"garbage.bin:1:1: error: this is not text"}},
        {{cut, "--server", "8x16"}, {"cut.csv.gz:1:1: error: the compressed data break off"}},
        {{trace}, {"a trace needs nodes", "--nodes FILE", "--server"}},
        {{trace, "--server", "8x16", "--nodes", nodes}, {"--nodes and --server both say where the tasks go"}},
        // Of GPUs none is asked for, and nothing would be measured.
        {{trace, "--nodes", nodes}, {"tells the share of its GPUs, and no task asks for one; expected such tasks"}},
        {{folder.put("prose.txt", "hello world\n")}, {"prose.txt:1:1: error: unknown column \"hello world\""}},
        {{folder.put("program", std::string("\x7F\x45LF: \x01", 7))}, {"program:1:1: error: this is not text"}},
        {{vectors, "--algorithm", "harmonic,first_fit"},
         {"harmonic does not apply: it packs items of one dimension, and these have 2"}},
        {{vectors, "--time-limit", "nan"}, {"--time-limit: expected seconds from 0.001 to 86400, found \"nan\""}},
        {{vectors, "--time-limit", "0"}, {"--time-limit: expected seconds from 0.001 to 86400, found \"0\""}},
        {{tasks, "--types", "nope"}, {"unknown instance type or family \"nope\"; expected a type such as m6i.large"}},
        {{tasks, "--region", "nowhere"}, {"unknown region \"nowhere\"; expected ", "us-east-1"}},
        {{trace, "--server", "8"}, {"expected vCPUs and GiB such as 64x128, found \"8\""}},
        {{trace, "--server", "8x16", "--algorithm", "frist_fit,fgd,bestfit"},
         {"unknown algorithm \"frist_fit\"; did you mean first_fit",
          "unknown algorithm \"bestfit\"; did you mean best_fit", "it may be all or first_fit, "}},
        {{trace, "--server", "8x16", "--algorithm", "all,nonsense"}, {"unknown algorithm \"nonsense\""}},
        {{trace, "--server", "8x16", "--experiment", "fill"}, {"--experiment fill fills a cluster of --nodes"}},
        {{trace, "--nodes", folder / "none.csv"}, {"none.csv: error: no such file"}},
        {{trace, "--nodes", folder.put("no_nodes.csv", "name,cpu,memory_gib\n")}, {"the list holds no nodes"}},
        {{trace, "--server", "8x16", "--types", "c6i"}, {"--types is for task definitions or a scenario"}},
        {{large, "--server", "8x16"},
         {"large.csv:2:1: error: task \"big\" fits no node", "large.csv:3:1: error: task \"wide\" fits no node"}},
        {{items},
         {"items.txt:3:1: error: item 1 is larger than the bin: 11 of 10",
          "items.txt:5:1: error: item 3 is larger than the bin: 12 of 10"}},
        {{items, "--nodes", nodes}, {"--nodes is for a trace"}},
        {{items, "--algorithm", "ffd"}, {"unknown algorithm \"ffd\""}},
        {{tasks, "--types", "c6i.lareg"}, {"unknown instance type or family \"c6i.lareg\"; did you mean c6i.large"}},
        {{tasks, "--region", "us-esat-1"}, {"unknown region \"us-esat-1\"; did you mean us-east-1"}},
        {{tasks, "--seeds", "0"}, {"--seeds"}},
        {{tasks, "--server", "8x16"}, {"--server is for a trace"}},
        {{folder.put("huge.yaml", "- {name: huge, cpu: 1048576, memory: 512}\n"), "--types", "c6i"},
         {"task \"huge\" fits on none of the 9 instance types (not enough cpu)"}},
        {{scenario}, {"bad.yaml:2:1: error: ", "nmae"}},
    };
    for (const Row& row : rows) {
        std::vector<std::string> arguments{"pack"};
        arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
        const Finished run = run_fleetsim(arguments);
        INFO(run.err);
        CHECK(run.status == 2);
        CHECK(run.out.empty());
        for (const std::string& said : row.said) CHECK_THAT(run.err, ContainsSubstring(said));
    }
}

TEST_CASE("algorithms that do not take an instance are passed over unless they were asked for by name") {
    const Folder folder;
    const std::string file = folder.put("vectors.txt", "2\n10 10\n2\n1 5 2\n5 1 1\n");
    const Finished run = run_fleetsim({"pack", file, "--algorithm", "all", "--format", "json"});
    INFO(run.err);
    REQUIRE(run.status == 0);
    const Json results = Json::parse(run.out)["pack"]["results"];
    CHECK(results.size() > 50);
    CHECK(std::none_of(results.begin(), results.end(), [](const Json& one) { return one["algorithm"] == "harmonic"; }));
}

TEST_CASE("what a seed gives does not depend on the seeds beside it") {
    const Folder folder;
    const std::string tasks = folder.put("pods.csv", pods);
    const std::string nodes = folder.put("nodes.csv", gpu_nodes);
    const auto results = [&](const char* first, const char* count) {
        const Finished run = run_fleetsim({"pack", tasks, "--nodes", nodes, "--algorithm", "fgd,random", "--seed",
                                           first, "--seeds", count, "--format", "json"});
        return Json::parse(run.out)["pack"]["results"];
    };
    const Json both = results("42", "2");
    const Json second = results("43", "1");
    CHECK(both[1] == second[0]);
    CHECK(both[3] == second[1]);
    CHECK(both[2] != both[3]);
}

TEST_CASE("packing can be interrupted at any moment and then writes nothing") {
    const Folder folder;
    std::string text = "2\n1000 1000\n500\n";
    for (int i = 0; i < 500; ++i) text += std::to_string(100 + i) + " " + std::to_string(700 - i) + " 1\n";
    const std::string file = folder.put("long.txt", text);
    for (const int signal : {SIGINT, SIGTERM}) {
        // A single search, which goes on for an hour.
        Program program{{"pack", file, "--algorithm", "destroy_and_repair", "--time-limit", "3600"}};
        REQUIRE(handles(program, signal));
        kill(program.pid(), signal);
        const Finished run = program.wait();
        CHECK(run.status == 130);
        CHECK(run.out.empty());
        CHECK(run.err == "fleetsim: interrupted; nothing was written\n");
    }
}

TEST_CASE("the help of pack lists the algorithms by itself") {
    const Finished help = run_fleetsim({"pack", "--help"});
    CHECK(help.status == 0);
    CHECK_THAT(help.out, ContainsSubstring("Algorithms for a trace: first_fit, ") && ContainsSubstring("fgd") &&
                             ContainsSubstring("Algorithms for instances: ") &&
                             ContainsSubstring("destroy_and_repair") && ContainsSubstring("Exit status:"));
}

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <fleetsim/import/trace_files.hpp>

#include "catch.hpp"

using namespace fleetsim;
using namespace fleetsim::import;
using namespace std::chrono_literals;

namespace {

TraceReading read(const std::string& tasks, const std::string& nodes = {}) {
    TraceTexts texts{{"tasks.csv", tasks}};
    if (!nodes.empty()) texts.nodes = TextFile{"nodes.csv", nodes};
    return parse_trace(texts);
}

packing::Trace trace(const std::string& tasks, const std::string& nodes = {}) {
    const TraceReading reading = read(tasks, nodes);
    INFO(reading.problems.render());
    REQUIRE(reading.trace.has_value());
    return *reading.trace;
}

/// The message of each line that has one.
std::vector<std::string> messages(const Problems& problems) {
    std::vector<std::string> found;
    const std::string text = problems.render();
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        if (line.find(": error: ") != line.npos || line.find(": warning: ") != line.npos) found.push_back(line);
        at = end + 1;
    }
    return found;
}

using Messages = std::vector<std::string>;

}  // namespace

TEST_CASE("a list of tasks with our own columns becomes a trace in the order of arrival") {
    const packing::Trace read = trace(
        "name,vcpu,memory_gib,gpus,gpu_milli,gpu_models,arrival_s,lifetime_s\n"
        "late,0.5,0.75,0,,,20,\n"
        "\n"
        "early,2,4,1,250,A10|T4,10.5,90\n"
        "also-late,1,1,2,,,20,1\n");
    CHECK(read.name == "tasks");
    REQUIRE(read.tasks.size() == 3);
    CHECK(read.tasks[0].name == "early");
    CHECK(read.tasks[0].demand == packing::Demand{2000, 4096, 1, 250, 3});
    CHECK(read.tasks[0].arrives == des::Time{10'500ms});
    CHECK(read.tasks[0].lifetime == des::Duration{90s});
    CHECK(read.models == std::vector<std::string>{"A10", "T4"});
    CHECK(read.tasks[1].name == "late");
    CHECK(read.tasks[1].demand == packing::Demand{500, 768, 0, 0, packing::any_model});
    CHECK(!read.tasks[1].lifetime);
    CHECK(read.tasks[2].demand == packing::Demand{1000, 1024, 2, 1000, packing::any_model});
}

TEST_CASE("needs are rounded up and room is rounded down") {
    const packing::Trace read = trace("cpu,memory_gib\n0.0001,0.57\n0.57,3.3\n", "vcpu,memory_gib\n3.9999,3.9999\n");
    // 0.57 GiB are 583.68 MiB and 3.3 GiB 3379.2; 0.57 vCPU are 570 milli exactly, whatever binary fractions say.
    CHECK(read.tasks[0].demand == packing::Demand{1, 584});
    CHECK(read.tasks[1].demand == packing::Demand{570, 3380});
    CHECK(read.nodes[0].capacity == packing::Capacity{3999, 4095});
}

TEST_CASE("OpenB's pods meet OpenB's nodes") {
    const packing::Trace read = trace(
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_"
        "time\n"
        "openb-pod-0000,12000,16384,1,1000,,LS,Running,0,12537496,0\n"
        "openb-pod-0001,6000,12288,1,460,V100M16|G2,LS,Running,427061,12902960,427061\n",
        "sn,cpu_milli,memory_mib,gpu,model\n"
        "openb-node-0000,96000,393216,8,G2\n"
        "openb-node-0001,32000,262144,0,\n"
        "openb-node-0002,64000,262144,2,P100\n");
    REQUIRE(read.nodes.size() == 3);
    CHECK(read.nodes[0].capacity == packing::Capacity{96000, 393216, 8, 1});
    CHECK(read.nodes[1].capacity == packing::Capacity{32000, 262144, 0, 0});
    CHECK(read.nodes[2].capacity == packing::Capacity{64000, 262144, 2, 2});
    CHECK(read.models == std::vector<std::string>{"G2", "P100", "V100M16"});
    CHECK(read.tasks[0].lifetime == des::Duration{12'537'496s});
    CHECK(read.tasks[1].demand == packing::Demand{6000, 12288, 1, 460, 5});
    CHECK(read.tasks[1].lifetime == des::Duration{12'902'960s - 427'061s});
}

TEST_CASE("lists without models have tasks that take any") {
    const packing::Trace read =
        trace("name,cpu_milli,memory_mib,num_gpu,gpu_milli\nopenb-pod-0000,12000,16384,1,1000\n");
    CHECK(read.tasks[0].demand.models == packing::any_model);
}

TEST_CASE("Huawei's VMs are in vCPU and GiB with arrivals and lifetimes") {
    const packing::Trace read = trace("vmid,cpu,mem,at,lt\n0,4,16,0.0,194.0\n1,1,2,2.0,498.0\n");
    REQUIRE(read.tasks.size() == 2);
    CHECK(read.tasks[1].name == "1");
    CHECK(read.tasks[1].demand == packing::Demand{1000, 2048});
    CHECK(read.tasks[1].arrives == des::Time{2s});
    CHECK(read.tasks[1].lifetime == des::Duration{498s});
}

TEST_CASE("Alibaba's instances and nodes are read as far as they say") {
    const packing::Trace read = trace(
        "instance_sn,role,app_name,cpu_request,cpu_limit,gpu_request,gpu_limit,rdma_request,rdma_limit,memory_request,"
        "memory_limit,disk_request,disk_limit,max_instance_per_node,creation_time,scheduled_time,deletion_time\n"
        "instance_0,HN,app_0,12,12,1,1,25,25,120.0,120.0,640.0,800.0,8,,,\n"
        "instance_1,CN,app_0,64,64,0,0,1,1,320.0,320.0,255.0,355.0,-1,475.00000000000006,623.0,\n",
        "gpu_model,gpu_capacity_num,cpu_num,node_name\nA10,1,128,2\n");
    CHECK(read.tasks[0].demand == packing::Demand{12000, 122880, 1, 1000});
    CHECK(read.tasks[0].arrives == des::Time{});
    CHECK(read.tasks[1].arrives == des::Time{475s});
    CHECK(!read.tasks[1].lifetime);
    // A list of nodes that does not speak of memory does not limit it.
    CHECK(read.nodes[0].capacity == packing::Capacity{128000, 2147483647, 1, 1});
}

TEST_CASE("a count makes several nodes of one row") {
    const packing::Trace read =
        trace("cpu,memory_gib\n1,1\n", "name,cpu,memory_gib,count\nbig,64,128,2\nsmall,4,8,1\n");
    REQUIRE(read.nodes.size() == 3);
    CHECK(read.nodes[0].name == "big-0");
    CHECK(read.nodes[1].name == "big-1");
    CHECK(read.nodes[2].name == "small");
}

TEST_CASE("bins of arrivals take sizes from the map and lifetimes from the intervals") {
    TraceTexts texts{{"v1.dev.txt", "300 g,|,a,g,|,\n600 a,|,\n900\n"}};
    texts.flavors = TextFile{"flav_map.txt", "1,0.75 a\n2,4 g\n"};
    texts.lifetimes = TextFile{"v1.dev.c1000.txt", "300 U0,|,U1,C1,|,\n600 C0,|,\n900\n"};
    // The mean of the shortest and the longest of each interval: (300 + 900) / 2 for the second. The first has only
    // durations below one step of 300 s, which last for half a step.
    texts.intervals = TextFile{"v1.interval_map.txt", "0 0\n300 1\n600 1\n900 1\n"};
    texts.end_s = 1000;
    const TraceReading reading = parse_trace(texts);
    INFO(reading.problems.render());
    REQUIRE(reading.trace);
    const auto& tasks = reading.trace->tasks;
    REQUIRE(tasks.size() == 4);
    CHECK(tasks[0].demand == packing::Demand{2000, 4096});
    CHECK(tasks[0].arrives == des::Time{300s});
    CHECK(tasks[0].lifetime == des::Duration{150s});
    CHECK(tasks[1].demand == packing::Demand{1000, 768});
    CHECK(tasks[1].lifetime == des::Duration{600s});
    CHECK(tasks[2].lifetime == des::Duration{700s});
    CHECK(tasks[3].lifetime == des::Duration{400s});
}

TEST_CASE("a step of durations is the shortest listed above nothing wherever it stands") {
    struct Row {
        std::string intervals;
        des::Duration shortest;
    };
    const Row rows[] = {
        {"0 0\n300 1\n600 2\n", 150s},
        {"600 2\n60 1\n0 0\n", 30s},
        {"0 0\n300 0\n600 1\n", 150s},  // A mean, of 0 and 300.
        {"0 0\n", 0s},                  // Nothing says how long a step is.
    };
    for (const Row& row : rows) {
        INFO(row.intervals);
        TraceTexts texts{{"v1.dev.txt", "300 a,|,\n"}};
        texts.flavors = TextFile{"flav_map.txt", "1,1 a\n"};
        texts.lifetimes = TextFile{"v1.dev.c900.txt", "300 U0,|,\n"};
        texts.intervals = TextFile{"v1.interval_map.txt", row.intervals};
        texts.end_s = 900;
        const TraceReading reading = parse_trace(texts);
        REQUIRE(reading.trace);
        CHECK(reading.trace->tasks.at(0).lifetime == row.shortest);
    }
}

TEST_CASE("bins that are wrong are told at their place") {
    TraceTexts texts{{"v1.dev.txt", "300 g,|,x,|,\n300 a,|,\n900 a,a,|,\n1200 a,|,\n"}};
    CHECK(messages(parse_trace(texts).problems) ==
          Messages{"v1.dev.txt: error: a trace of bins needs flav_map.txt beside it, which says what its letters stand "
                   "for"});
    texts.flavors = TextFile{"flav_map.txt", "1,0.75 a\n2,4 g\n"};
    CHECK(messages(parse_trace(texts).problems) ==
          Messages{"v1.dev.txt:1:9: error: unknown flavour \"x\"; flav_map.txt has a or g",
                   "v1.dev.txt:2:1: error: the time is not later than that of the line before"});
    texts.tasks.text = "300 g,|,\n900 a,a,|,\n1200 a,|,\n1500 a,|,a,\n";
    texts.lifetimes = TextFile{"v1.dev.c1000.txt", "300 U9,|,\n900 X1,|,\n1200 U0,|,\n"};
    texts.intervals = TextFile{"v1.interval_map.txt", "0 0\n300 1\n"};
    CHECK(messages(parse_trace(texts).problems) ==
          Messages{"v1.dev.c1000.txt:1:5: error: \"U9\" names an interval that the list of intervals has not",
                   "v1.dev.c1000.txt:2:5: error: expected U or C and the number of an interval, found \"X1\""});
    texts.lifetimes->text = "300 U1,|,\n900 U1,|,\n1500 U1,U1,|,\n";
    CHECK(messages(parse_trace(texts).problems) ==
          Messages{"v1.dev.txt:2:1: error: 3 words here, and 2 on the line of this time of v1.dev.c1000.txt",
                   "v1.dev.txt:3:1: error: v1.dev.c1000.txt has no line of this time",
                   "v1.dev.txt:4:8: error: a tenant's arrivals end elsewhere in v1.dev.c1000.txt"});
}

TEST_CASE("what is wrong with a header is told with the nearest names") {
    CHECK(messages(read("name,cpu_mili,memory_mib,colour\n").problems) ==
          Messages{"tasks.csv:1:6: error: unknown column \"cpu_mili\"",
                   "tasks.csv:1:26: error: unknown column \"colour\""});
    CHECK_THAT(read("name,cpu_mili,memory_mib\n").problems.render(), ContainsSubstring("did you mean cpu_milli?"));
    CHECK(messages(read("name,cpu,vcpu,memory_mib\n").problems) ==
          Messages{"tasks.csv:1:10: error: cpu and vcpu say the same; keep one"});
    CHECK(messages(read("name,memory_mib\na,1\n").problems) ==
          Messages{"tasks.csv:1:1: error: no column says how much CPU a task needs; expected cpu, vcpu, cpu_milli or "
                   "cpu_request"});
    CHECK(messages(read("name,cpu,memory_mib,departure,lifetime\na,1,1,2,3\n").problems) ==
          Messages{"tasks.csv:1:1: error: a departure and a lifetime say the same; keep one"});
}

TEST_CASE("every wrong value is told at its place and none is wrapped or guessed") {
    struct Row {
        const char* tasks;
        const char* message;
    };
    const Row rows[] = {
        {"cpu,memory_mib\n-1,1\n", "tasks.csv:2:1: error: cpu: expected 0 or more, found \"-1\""},
        {"cpu,memory_mib\n1,-1\n", "tasks.csv:2:3: error: memory_mib: expected 0 or more, found \"-1\""},
        {"cpu,memory_mib\n,1\n", "tasks.csv:2:1: error: cpu is missing"},
        {"cpu,memory_mib\nnan,1\n", "tasks.csv:2:1: error: cpu: expected a number, found \"nan\""},
        {"cpu,memory_mib\ninf,1\n", "tasks.csv:2:1: error: cpu: expected a number, found \"inf\""},
        {"cpu,memory_mib\n1e999,1\n",
         "tasks.csv:2:1: error: cpu: expected a number that a computer can hold, found \"1e999\""},
        {"cpu,memory_mib\n1x,1\n", "tasks.csv:2:1: error: cpu: expected a number, found \"1x\""},
        {"cpu,memory_mib\n1,4294967297\n",
         "tasks.csv:2:3: error: memory_mib: expected at most 2147483647, found \"4294967297\""},
        {"cpu,memory_mib\n2147484,1\n", "tasks.csv:2:1: error: cpu: expected at most 2147483, found \"2147484\""},
        {"cpu,memory_mib,arrival_s\n1,1,4294967297\n",
         "tasks.csv:2:5: error: arrival_s: expected at most 2147483647, found \"4294967297\""},
        {"cpu,memory_mib\n1,1,1\n", "tasks.csv:2:1: error: 3 fields where the header has 2"},
        {"cpu,memory_mib,gpus\n1,1,0.5\n", "tasks.csv:2:5: error: gpus: expected a whole number, found \"0.5\""},
        {"cpu,memory_mib,gpus\n1,1,17\n", "tasks.csv:2:5: error: gpus: expected at most 16, found \"17\""},
        {"cpu,memory_mib,gpus,gpu_milli\n1,1,2,500\n",
         "tasks.csv:2:7: error: gpu_milli: expected 1000, since only one GPU can be shared, found \"500\""},
        {"cpu,memory_mib,gpus,gpu_milli\n1,1,1,0\n",
         "tasks.csv:2:7: error: gpu_milli: expected 1 to 1000 for a task with a GPU, found \"0\""},
        {"cpu,memory_mib,gpus,gpu_models\n1,1,1,a||b\n",
         "tasks.csv:2:7: error: gpu_models: expected models joined by |, found \"a||b\""},
        {"cpu,memory_mib,arrival,departure\n1,1,9,8\n",
         "tasks.csv:2:7: error: departure \"8\" lies before the arrival at 9"},
        {"cpu,memory_mib,at,lt\n1,1,2147483647,1\n",
         "tasks.csv:2:16: error: lt: the departure would lie beyond 2147483647 s, found \"1\""},
        {"name,cpu,memory_mib\na,1,1\nb,1,1\na,1,1\n", "tasks.csv:4:1: error: name \"a\" is already on line 2"},
        {"name,cpu,memory_mib\n,1,1\n", "tasks.csv:2:1: error: name is missing"},
        {"cpu,memory_mib\n", "tasks.csv:1:1: error: the list holds no tasks, only its header"},
        {"\n\n", "tasks.csv: error: the file holds no lines; expected a header of named columns"},
        {"cpu,memory_mib\n\x01\x02,1\n",
         "tasks.csv:2:1: error: this is not text (byte 0x01); expected a CSV file with a header of named columns"},
        {"\xC3\xA9tat,cpu,memory_mib\n", "tasks.csv:1:1: error: unknown column \"\xC3\xA9tat\""},
    };
    for (const Row& row : rows) {
        const TraceReading reading = read(row.tasks);
        CHECK(!reading.trace);
        CHECK(messages(reading.problems) == Messages{row.message});
    }
}

TEST_CASE("columns are counted in characters") {
    CHECK(messages(read("name,cpu,memory_mib\n\xC3\xA9\xC3\xA9,x,1\n").problems) ==
          Messages{"tasks.csv:2:4: error: cpu: expected a number, found \"x\""});
}

TEST_CASE("a byte order mark and the line ends of other systems change nothing") {
    const packing::Trace read = trace("\xEF\xBB\xBFname,cpu,memory_mib\r\na,1,1\r\n");
    CHECK(read.tasks[0].name == "a");
}

TEST_CASE("what is wrong with the nodes is told too") {
    struct Row {
        const char* nodes;
        const char* message;
    };
    const Row rows[] = {
        {"name,cpu,memory_mib\n", "nodes.csv:1:1: error: the list holds no nodes, only its header"},
        {"name,cpu,memory_mib\na,1,1\na,1,1\n", "nodes.csv:3:1: error: name \"a\" is already on line 2"},
        {"name,memory_mib\na,1\n",
         "nodes.csv:1:1: error: no column says how much CPU a node has; expected cpu, vcpu, cpu_milli or cpu_num"},
        {"name,cpu,memory_mib,count\na,1,1,0\n", "nodes.csv:2:7: error: count: expected at least 1, found \"0\""},
        {"name,cpu,memory_mib,count\na,1,1,1000000\nb,1,1,1\n", "nodes.csv:3:1: error: more than 1000000 nodes"},
        {"name,cpu,memory_mib,gpus\na,1,1,17\n", "nodes.csv:2:7: error: gpus: expected at most 16, found \"17\""},
    };
    for (const Row& row : rows) {
        const TraceReading reading = read("cpu,memory_mib\n1,1\n", row.nodes);
        CHECK(!reading.trace);
        CHECK(messages(reading.problems) == Messages{row.message});
    }
}

TEST_CASE("problems of both files are told at once") {
    CHECK(messages(read("cpu,memory_mib\n-1,1\n", "name,cpu,memory\na,1,1\n").problems) ==
          Messages{"nodes.csv:1:10: error: unknown column \"memory\"",
                   "tasks.csv:2:1: error: cpu: expected 0 or more, found \"-1\""});
}

TEST_CASE("each task larger than every node is named") {
    const TraceReading reading =
        read("name,cpu,memory_gib,gpus\nsmall,1,1,0\nwide,65,1,0\ntall,1,129,0\nboth,64,128,0\ndevices,1,1,3\n",
             "cpu,memory_gib,gpus\n64,64,0\n32,128,2\n");
    CHECK(messages(reading.problems) ==
          Messages{
              "tasks.csv:3:1: error: task \"wide\" fits no node, even an empty one: it needs 65 vCPU, 1024 MiB; the "
              "most that nodes have is 64 vCPU, 131072 MiB, 2 GPUs",
              "tasks.csv:4:1: error: task \"tall\" fits no node, even an empty one: it needs 1 vCPU, 132096 MiB; the "
              "most that nodes have is 64 vCPU, 131072 MiB, 2 GPUs",
              "tasks.csv:5:1: error: task \"both\" fits no node, even an empty one: it needs 64 vCPU, 131072 MiB; "
              "the most that nodes have is 64 vCPU, 131072 MiB, 2 GPUs",
              "tasks.csv:6:1: error: task \"devices\" fits no node, even an empty one: it needs 1 vCPU, 1024 MiB, 3 "
              "GPUs; the most that nodes have is 64 vCPU, 131072 MiB, 2 GPUs"});
}

TEST_CASE("too many to be shown one by one are still all named") {
    std::string tasks = "name,cpu,memory_mib\n";
    for (int i = 0; i < 60; ++i) tasks += "t" + std::to_string(i) + ",2,1\n";
    const auto found = messages(read(tasks, "cpu,memory_mib\n1,1\n").problems);
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Catch::Matchers::StartsWith("tasks.csv:2:1: error: 60 tasks fit no node, even an empty one: "
                                                     "t0, t1, t2, ") &&
                             Catch::Matchers::EndsWith(", t58, t59"));
}

TEST_CASE("a task is measured against the server that all nodes are like") {
    const TraceTexts texts{{"vms.csv", "vmid,cpu,mem,at,lt\na,8,16,0,1\nb,9,16,0,1\n"}};
    const TraceReading reading = parse_trace(texts, packing::Capacity{8000, 16384});
    CHECK(
        messages(reading.problems) ==
        Messages{"vms.csv:3:1: error: task \"b\" fits no node, even an empty one: it needs 9 vCPU, 16384 MiB; the most "
                 "that nodes have is 8 vCPU, 16384 MiB, 0 GPUs"});
}

TEST_CASE("a GPU model that no node has is an error and one whose nodes are too small a warning") {
    const std::string nodes = "cpu,memory_mib,gpus,model\n8,1024,1,A10\n16,1024,1,T4\n";
    const TraceReading unknown = read("name,cpu,memory_mib,gpus,gpu_models\na,1,1,1,A1O\n", nodes);
    CHECK(messages(unknown.problems) ==
          Messages{"tasks.csv:2:9: error: task \"a\" asks for GPU model \"A1O\", which no node has"});
    CHECK_THAT(unknown.problems.render(), ContainsSubstring("did you mean A10?"));

    const TraceReading refused = read("name,cpu,memory_mib,gpus,gpu_models\na,12,1,1,A10\n", nodes);
    CHECK(refused.trace);
    CHECK(messages(refused.problems) ==
          Messages{"tasks.csv:2:10: warning: task \"a\" fits no node of GPU model \"A10\", and will be refused"});
}

TEST_CASE("the shared traces have as many tasks and nodes as their description says") {
    const std::filesystem::path folder = std::filesystem::path(FLEETSIM_SHARED_DATA_DIR) / "placement";
    if (!std::filesystem::exists(folder)) {
        WARN("left out: there is no " << folder.string());
        return;
    }
    struct Row {
        const char* tasks;
        const char* nodes;
        std::size_t task_count;
        std::size_t node_count;
    };
    const Row rows[] = {
        {"openb/openb_pod_list_default.csv.gz", "openb/openb_node_list_gpu_node.csv.gz", 8152, 1213},
        {"openb/openb_pod_list_gpuspec25.csv.gz", "openb/openb_node_list_all_node.csv.gz", 8152, 1523},
        {"openb/openb_pod_list_multigpu20.csv.gz", "openb/openb_node_list_gpu_node.csv.gz", 8324, 1213},
        {"huawei_east1/huawei_east1_first_two_thirds.csv.gz", nullptr, 77542, 0},
        {"alibaba_misc/gpu_v2025_disaggregated_DLRM_instances.csv.gz", "alibaba_misc/spot_gpu_v2026_nodes.csv.gz",
         23871, 4278},
        // Counted in the file: words that are neither bars nor the time of a bin.
        {"azure_v1_flavors/v1.dev.txt.gz", nullptr, 259159, 0},
    };
    for (const Row& row : rows) {
        TraceFiles files{folder / row.tasks};
        if (row.nodes != nullptr) files.nodes = folder / row.nodes;
        const TraceReading reading = read_trace(files);
        INFO(row.tasks << "\n" << reading.problems.render());
        REQUIRE(reading.trace);
        CHECK(reading.trace->tasks.size() == row.task_count);
        CHECK(reading.trace->nodes.size() == row.node_count);
    }
}

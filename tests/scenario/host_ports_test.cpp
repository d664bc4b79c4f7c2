#include <string>
#include <string_view>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

void check_ports(const std::string& settings, std::string_view message, std::string_view hint = "") {
    const std::string becomes = "task: {cpu: 256, memory: 512, " + settings + "}";
    check({{front_task, becomes, message, hint}});
}

void loads(const std::string& settings) {
    INFO(settings);
    const std::string becomes = "task: {cpu: 256, memory: 512, " + settings + "}";
    CHECK(load(with(small_shop, front_task, becomes)).diagnostics.render().empty());
}

/// `1000, 1001, …`
std::string ports(int first, int count) {
    std::string list;
    for (int port = first; port < first + count; ++port) list += (list.empty() ? "" : ", ") + std::to_string(port);
    return list;
}

}  // namespace

TEST_CASE("faults of host ports") {
    constexpr std::string_view expected = "host_ports item: expected a port from 1 to 65535 such as 8080 or 53/udp";
    check_ports("host_ports: [8080, §65536]", expected);
    check_ports("host_ports: [§-1]", expected);
    check_ports("host_ports: [§0]", expected, "a port that Docker chooses is not listed");
    check_ports("host_ports: [§http]", expected);
    check_ports("host_ports: [§8000-8010]", expected);
    check_ports("host_ports: [§80.5]", expected);
    check_ports("host_ports: [§53/upd]", expected, "did you mean 53/udp?");
    check_ports("host_ports: [§53/UDP]", expected, "did you mean 53/udp?");
    check_ports("host_ports: [§/udp]", expected);
    check_ports("host_ports: [§[80]]", std::string(expected) + ", found a list");
    check_ports("host_ports: §8080", "host_ports: expected a list, found text");
    check_ports("host_ports: [8080, 8080/udp, §8080/tcp]", "port 8080/tcp is listed twice");
    check_ports("host_ports: [§22]", "no instance can give a task port 22/tcp: ECS reserves it",
                "22, 2375, 2376 and 51678 to 51680 are reserved");
    check_ports("host_ports: [§51680/tcp]", "no instance can give a task port 51680/tcp", "reserved");
    check_ports("host_ports: [" + ports(1000, 100) + ", §99]", "host_ports: at most 100 ports, found 101");
    check_ports("network_mode: awsvpc, host_ports: §[8080]",
                "host_ports: in awsvpc mode each task has a network interface of its own, and takes no ports of the "
                "instance",
                "remove them, or choose bridge or host");
}

TEST_CASE("bridge and host mode take ports, each protocol its own") {
    loads("host_ports: [" + ports(1000, 100) + "]");
    loads("network_mode: host, host_ports: [1, 65535, 22/udp, 53, 53/udp]");
    loads("network_mode: bridge, host_ports: [8080/tcp]");
    loads("network_mode: awsvpc, host_ports: []");
}

#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/spoiled.hpp"

using namespace fleetsim;
using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

TEST_CASE("faults of fault injection and objectives") {
    check({
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: §24h, terminate: task}]\n",
         "at: 24h is not before the scenario's end at 24h"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [§{terminate: task}]\n", "faults item needs the key at"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [§{at: 1h}]\n", "faults item: expected either terminate or az_outage"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [§{at: 1h, terminate: task, az_outage: us-east-1a}]\n",
         "faults item: expected either terminate or az_outage, found both"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: §tasks}]\n",
         "terminate: expected instance or task, found \"tasks\"", "did you mean task?"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: task, service: §fronts}]\n",
         "unknown service \"fronts\"", "did you mean front?"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: task, §auto_scaling_group: web}]\n",
         "auto_scaling_group: only terminate: instance takes an Auto Scaling group"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: instance, §service: front}]\n",
         "service: only terminate: task takes a service"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, terminate: instance, auto_scaling_group: §wbe}]\n",
         "unknown Auto Scaling group \"wbe\"", "did you mean web?"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, az_outage: §us-east-1c, duration: 1h}]\n",
         "no Auto Scaling group uses the zone \"us-east-1c\"", "they use us-east-1a or us-east-1b"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [§{at: 1h, az_outage: us-east-1a}]\n",
         "faults item needs the key duration"},
        {"rate: 10/s\n", "rate: 10/s\nfaults: [{at: 1h, az_outage: us-east-1a, duration: §0s}]\n",
         "duration: expected a duration above 0s"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [§{service: front}]\n",
         "slo item: expected an objective such as p99: 300ms"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [§{p99: 1s}]\n", "slo item needs the key service"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [{service: §fron, p99: 1s}]\n", "unknown service \"fron\"", "front"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [{service: front, p99: §0s}]\n", "p99: expected a duration above 0s"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [{service: front, §p98: 1s}]\n", "unknown key \"p98\" in slo item", "p99"},
        {"rate: 10/s\n", "rate: 10/s\nslo: [{service: front, availability: §99.9}]\n",
         "availability: expected a share from 0% to 100%", "did you mean 99.9%?"},
    });
}

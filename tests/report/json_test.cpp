#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <fleetsim/report/json.hpp>

#include "catch.hpp"
#include "sample_result.hpp"

using fleetsim::report::json_text;
using fleetsim::report::to_json;
using fleetsim::report::testing::sample_result;
using Json = nlohmann::ordered_json;

namespace {

/// The contract: keys, their order and types, as programs rely on them. Numbers are 0 (whole) or 0.5 (not whole).
const char* const contract = R"({
  "schema": 1,
  "fleetsim": {"version": "", "scenario": "", "seed": 0, "replications": 0, "simulated_seconds": 0.5},
  "complete": true,
  "cost": {"total_usd": 0.5, "usd_per_hour": 0.5, "usd_per_million_requests": 0.5,
           "items": [{"resource": "", "kind": "", "quantity": 0.5, "unit": "", "usd": 0.5}]},
  "services": {"web": {
      "requests": 0, "succeeded": 0, "errors": {"500": 0, "502": 0, "503": 0, "504": 0, "client_timeout": 0},
      "in_flight": 0, "availability": 0.5, "requests_per_second": 0.5,
      "latency_ms": {"mean": 0.5, "p50": 0.5, "p90": 0.5, "p95": 0.5, "p99": 0.5, "p999": 0.5, "max": 0.5},
      "tasks": {"min": 0, "mean": 0.5, "max": 0}, "cpu_utilization": {"mean": 0.5, "max": 0.5},
      "concurrency": {"mean": 0.5, "max": 0}}},
  "traffic": {"visitors": {
      "requests": 0, "succeeded": 0, "failed": 0, "in_flight": 0, "attempts": 0,
      "latency_ms": {"mean": 0.5, "p50": 0.5, "p90": 0.5, "p95": 0.5, "p99": 0.5, "p999": 0.5, "max": 0.5}}},
  "auto_scaling_groups": {"nodes": {
      "instance_type": "", "instance_types": [""], "instances": {"min": 0, "mean": 0.5, "max": 0}, "instance_hours": 0.5,
      "launches": 0, "terminations": 0}},
  "slo": [{"service": "", "objective": "", "value": 0.5, "met": true}],
  "assumptions": [""],
  "engine": {"events": 0, "digest": ""}
})";

/// Every place in `json` with its type: `services.web.requests whole`. Of a list only the first entry counts.
void collect_shape(const Json& json, const std::string& at, std::vector<std::string>& shape) {
    if (json.is_object()) {
        for (const auto& item : json.items()) collect_shape(item.value(), at + "." + item.key(), shape);
    } else if (json.is_array()) {
        REQUIRE(!json.empty());
        collect_shape(json[0], at + "[]", shape);
    } else {
        shape.push_back(at + (json.is_number_integer() ? " whole" : std::string{" "} + json.type_name()));
    }
}

std::vector<std::string> shape_of(const Json& json) {
    std::vector<std::string> shape;
    collect_shape(json, "", shape);
    return shape;
}

void check_all_finite(const Json& json) {
    CHECK(!json.is_null());
    if (json.is_number_float()) CHECK(std::isfinite(json.get<double>()));
    if (!json.is_structured()) return;
    for (const auto& entry : json) check_all_finite(entry);
}

}  // namespace

TEST_CASE("a summary has the keys of the contract, in its order and with its types") {
    // Through the text, as a reader sees it: a mean that happens to be 2 must not turn into a whole number.
    const Json written = Json::parse(json_text(to_json(sample_result())));
    CHECK(shape_of(written) == shape_of(Json::parse(contract)));
}

TEST_CASE("a summary's figures follow from the result") {
    const Json json = to_json(sample_result());
    CHECK(json["schema"] == 1);
    CHECK(json["fleetsim"]["simulated_seconds"] == 7200.0);
    CHECK(json["fleetsim"]["seed"] == 7);

    const Json& web = json["services"]["web"];
    CHECK(web["succeeded"] == 9'980);
    CHECK(web["errors"] == Json::parse(R"({"500": 3, "502": 4, "503": 5, "504": 0, "client_timeout": 6})"));
    CHECK(web["availability"] == 9'980.0 / 9'998.0);
    CHECK(web["latency_ms"]["p50"].get<double>() == Approx(20).epsilon(0.001));
    CHECK(web["latency_ms"]["p99"].get<double>() == Approx(400).epsilon(0.001));
    CHECK(web["latency_ms"]["max"] == 400.0);
    CHECK(web["latency_ms"]["mean"].get<double>() == Approx((9'800 * 20 + 180 * 400) / 9'980.0));

    CHECK(json["cost"]["total_usd"].get<double>() == Approx(0.285));
    CHECK(json["cost"]["usd_per_hour"].get<double>() == Approx(0.1425));
    CHECK(json["cost"]["usd_per_million_requests"].get<double>() == Approx(0.285 / 8'000 * 1e6));
    CHECK(json["engine"]["digest"] == "00abcdef01234567");
}

TEST_CASE("a group lists its instance types, and its Spot interruptions if it used Spot") {
    auto result = sample_result();
    CHECK(to_json(result)["auto_scaling_groups"]["nodes"]["instance_types"] == Json::array({"m5.large"}));
    CHECK(!to_json(result)["auto_scaling_groups"]["nodes"].contains("spot_interruptions"));

    result.groups[0].instance_types = {"m5.large", "m5a.large", "c5.xlarge"};
    CHECK(to_json(result)["auto_scaling_groups"]["nodes"]["instance_types"] ==
          Json::array({"m5.large", "m5a.large", "c5.xlarge"}));

    // Interruptions alone tell of Spot, and so does the bill; that of another group does not.
    result.groups[0].spot_interruptions = 3;
    CHECK(to_json(result)["auto_scaling_groups"]["nodes"]["spot_interruptions"] == 3);
    result.groups[0].spot_interruptions = 0;
    result.cost_items.push_back({"auto_scaling_group/nodes2", "ec2_spot", 1, "instance-hour", 0.03});
    CHECK(!to_json(result)["auto_scaling_groups"]["nodes"].contains("spot_interruptions"));
    result.cost_items.push_back({"auto_scaling_group/nodes", "ec2_spot", 1, "instance-hour", 0.03});
    CHECK(to_json(result)["auto_scaling_groups"]["nodes"]["spot_interruptions"] == 0);
}

TEST_CASE("a warm-up is in the bill, but not in what a request costs and not in the rates") {
    auto result = sample_result();
    result.measured = result.simulated / 2;
    const Json json = to_json(result);
    CHECK(json["cost"]["total_usd"].get<double>() == Approx(0.285));
    CHECK(json["cost"]["usd_per_million_requests"].get<double>() == Approx(0.285 / 2 / 8'000 * 1e6));
    CHECK(json["services"]["web"]["requests_per_second"].get<double>() ==
          Approx(2 * to_json(sample_result())["services"]["web"]["requests_per_second"].get<double>()));
}

TEST_CASE("what nothing was measured for is left out of a summary, never zero and never not a number") {
    auto result = sample_result();
    result.simulated = result.measured = {};
    result.services[0].requests = result.services[0].in_flight = 4;
    result.services[0].outcomes = {};
    result.services[0].latency_ns = {};
    result.sources[0] = {};
    result.sources[0].name = "visitors";
    result.objectives[0].measured = false;
    result.objectives[0].value = std::numeric_limits<double>::quiet_NaN();

    const Json json = to_json(result);
    check_all_finite(json);
    CHECK(!json["services"]["web"].contains("availability"));
    CHECK(!json["services"]["web"].contains("requests_per_second"));
    CHECK(json["services"]["web"]["latency_ms"] == Json::object());
    CHECK(json["traffic"]["visitors"]["latency_ms"] == Json::object());
    CHECK(!json["cost"].contains("usd_per_hour"));
    CHECK(!json["cost"].contains("usd_per_million_requests"));
    CHECK(!json["slo"][0].contains("value"));
    CHECK(json["slo"][0]["met"] == false);
}

TEST_CASE("a run of nothing still has every part of a summary") {
    const Json json = to_json({});
    for (const char* part : {"services", "traffic", "auto_scaling_groups"}) CHECK(json[part] == Json::object());
    for (const char* part : {"slo", "assumptions"}) CHECK(json[part] == Json::array());
    CHECK(json["cost"]["items"] == Json::array());
    CHECK(json["complete"] == true);
}

TEST_CASE("numbers in a summary read back to the very same value") {
    auto result = sample_result();
    for (const double usd : {0.1, 1.0 / 3, 1e-300, 123'456'789.123'456'7, 5e-324, 2.0}) {
        result.cost_items[0].usd = usd;
        CHECK(Json::parse(json_text(to_json(result)))["cost"]["items"][0]["usd"].get<double>() == usd);
    }
}

TEST_CASE("names that are no UTF-8 do not stop a summary from being written") {
    auto result = sample_result();
    result.scenario = "shop\xff";
    CHECK(Json::parse(json_text(to_json(result)))["fleetsim"]["scenario"] == "shop\uFFFD");
}

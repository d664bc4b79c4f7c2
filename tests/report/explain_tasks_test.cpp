#include <chrono>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <fleetsim/report/explain_tasks.hpp>
#include <fleetsim/report/json.hpp>
#include <fleetsim/report/text.hpp>

#include "catch.hpp"
#include "sample_result.hpp"

using namespace std::chrono_literals;
using namespace fleetsim;
using des::Time;
using report::explanation_json;
using report::explanation_text;
using report::sentence;

namespace {

constexpr std::chrono::sys_seconds start = std::chrono::sys_days{std::chrono::year{2026} / 1 / 5};

/// Three of five instances lack memory, two drain; managed scaling has ordered an instance.
sim::NextPlace refused_place() {
    sim::NextPlace place{.instances = 5};
    place.refusals = {{.reason = "memory",
                       .detail = {},
                       .instance_type = "m5.large",
                       .instances = {"i-000001", "i-000002"},
                       .unit = "MiB",
                       .needed = 512,
                       .least_left = 100,
                       .most_left = 300,
                       .registered = 7782},
                      {.reason = "not accepting tasks",
                       .detail = "draining",
                       .instance_type = "m5.large",
                       .instances = {"i-000003", "i-000004"}},
                      {.reason = "memory",
                       .detail = {},
                       .instance_type = "c5.large",
                       .instances = {"i-000005"},
                       .unit = "MiB",
                       .needed = 512,
                       .least_left = 12,
                       .most_left = 12,
                       .registered = 3700}};
    place.admitted_by = {"212 MiB more memory on i-000002", "one more instance: m5.large of auto_scaling_group/web"};
    place.managed_scaling = {{"auto_scaling_group/web", 120, 6, 8, 1, ""}};
    return place;
}

sim::TaskExplanation waiting_task() {
    return {.at = Time{10h + 5min},
            .task = "web/17",
            .resource = "service/web",
            .state = "PROVISIONING",
            .since = Time{10h + 1min + 12s},
            .waits = true,
            .facts = {{"needs", "256 CPU units, 512 MiB of memory"}, {"place in line", "1 of 2 alike"}},
            .place = refused_place()};
}

sim::TaskExplanation running_task() {
    sim::NextPlace place{.instances = 5, .fit = 4};
    place.refusals = {{.reason = "ports", .instance_type = "m5.large", .instances = {"i-000001"}}};
    place.ranking = {{"spread: attribute:ecs.availability-zone",
                      "tasks of its group in the same ecs.availability-zone",
                      {{"i-000002", "us-east-1b", 1},
                       {"i-000003", "us-east-1b", 1},
                       {"i-000004", "us-east-1a", 2},
                       {"i-000005", "us-east-1a", 2}},
                      2},
                     {"binpack: memory",
                      "MiB of memory left",
                      {{"i-000003", "us-east-1b", 600}, {"i-000002", "us-east-1b", 4000}},
                      1},
                     {"random", "", {{"i-000003", "us-east-1b", {}}}, 1}};
    place.equals = {"i-000003"};
    return {.at = Time{10h + 5min},
            .task = "web/3",
            .resource = "service/web",
            .state = "RUNNING",
            .since = Time{10h},
            .why = "healthy",
            .facts = {{"zone", "us-east-1a"}},
            .place = place};
}

sim::ServiceExplanation service() {
    return {.at = Time{10h + 5min},
            .resource = "service/web",
            .desired = 6,
            .running = 4,
            .waiting = 1,
            .facts = {{"desired_count", "6"}},
            .deployments = {{1, false, "COMPLETED", {{"RUNNING", 3}, {"DEACTIVATING", 1}}, 0, {}},
                            {2, true, "IN_PROGRESS", {{"PROVISIONING", 2}, {"PENDING", 1}, {"RUNNING", 1}}, 1, 3}},
            .place = refused_place()};
}

/// What a reader sees. A change here is a change of what users see.
const char* const approved_waiting = R"(
  EXPLANATION   task web/17 of service/web · 2026-01-05T10:05:00Z · time_s 36300

  STATE
    state           PROVISIONING since 10:01:12
    needs           256 CPU units, 512 MiB of memory
    place in line   1 of 2 alike

  REFUSED BY       reason                           needed         left   registered   which
    2 × m5.large   memory                          512 MiB   100 to 300         7782   i-000001, i-000002
    2 × m5.large   not accepting tasks: draining                                       i-000003, i-000004
    1 × c5.large   memory                          512 MiB           12         3700   i-000005

  ADMITTED BY
    212 MiB more memory on i-000002
    one more instance: m5.large of auto_scaling_group/web

  MANAGED SCALING            reservation   desired   max_size   coming
    auto_scaling_group/web           120         6          8        1

task web/17 at 10:05:00: PROVISIONING since 10:01:12, since 3 of 5 instances lack memory (512 MiB needed, at most 300 left) and 2 are draining; managed scaling has ordered 1 instance.
)";

const char* const approved_running = R"(
  EXPLANATION   task web/3 of service/web · 2026-01-05T10:05:00Z · time_s 36300

  STATE
    state                RUNNING since 10:00:00
    zone                 us-east-1a
    one more such task   would find a place on 4 of 5

  REFUSED BY       reason   needed   left   registered   which
    1 × m5.large   ports                                 i-000001

  RANKING                                     leaves   by
    spread: attribute:ecs.availability-zone   2 of 4   tasks of its group in the same ecs.availability-zone
      1: i-000002, i-000003 in us-east-1b
      2: i-000004, i-000005 in us-east-1a
    binpack: memory                           1 of 2   MiB of memory left
      600: i-000003 in us-east-1b
      4000: i-000002 in us-east-1b
    random                                    1 of 1   the draw
    one more such task                                 i-000003

task web/3 at 10:05:00: RUNNING since 10:00:00: healthy.
)";

}  // namespace

TEST_CASE("the explanation of a task that waits reads as approved") {
    CHECK(explanation_text(waiting_task(), start) == approved_waiting);
}

TEST_CASE("the explanation of a task that runs shows where one more would go") {
    CHECK(explanation_text(running_task(), start) == approved_running);
}

TEST_CASE("the explanation of a service reads as approved") {
    sim::ServiceExplanation told = service();
    told.place.reset();
    CHECK(explanation_text(told, start) == R"(
  EXPLANATION   tasks of service/web · 2026-01-05T10:05:00Z · time_s 36300

  STATE
    desired_count   6

  DEPLOYMENTS     state         failures   tasks
    1             COMPLETED     0          3 RUNNING, 1 DEACTIVATING
    2 (primary)   IN_PROGRESS   1 of 3     2 PROVISIONING, 1 PENDING, 1 RUNNING

service/web at 10:05:00: 4 of 6 desired tasks running, 2 starting, 1 waiting for a place; deployment 2 is IN_PROGRESS.
)");
}

TEST_CASE("the sentence of a task that waits says who refuses it and what will help") {
    const std::string who = "task web/17 at 10:05:00: PROVISIONING since 10:01:12, ";
    sim::TaskExplanation told = waiting_task();
    told.place->managed_scaling[0].coming = 2;
    CHECK_THAT(sentence(told, start), Catch::Matchers::EndsWith("; managed scaling has ordered 2 instances."));
    told.place->managed_scaling[0].coming = 0;
    CHECK_THAT(sentence(told, start), Catch::Matchers::EndsWith("; managed scaling has ordered no instance yet."));
    told.place->managed_scaling[0].desired = 8;
    CHECK_THAT(sentence(told, start), Catch::Matchers::EndsWith("; managed scaling has reached max_size."));
    told.place->managed_scaling[0].failure = "no m5.large in us-east-1a";
    CHECK_THAT(sentence(told, start),
               Catch::Matchers::EndsWith("; managed scaling cannot launch: no m5.large in us-east-1a."));
    told.place->managed_scaling.clear();
    CHECK_THAT(sentence(told, start), Catch::Matchers::EndsWith("; 212 MiB more memory on i-000002 would do."));
    told.place->admitted_by.back() = "nothing: no instance type of the cluster could ever hold it";
    CHECK_THAT(sentence(told, start),
               Catch::Matchers::EndsWith("; no instance type of the cluster could ever hold it."));
    told.place->admitted_by.clear();
    told.why = "the restart throttle has 20 s left after 2 failures in a row";
    CHECK_THAT(sentence(told, start), Catch::Matchers::EndsWith(" are draining; " + told.why + "."));

    told.place->fit = 1;
    CHECK(sentence(told, start) == who + "although 1 of 5 places could take it: " + told.why + ".");
    told.why.clear();
    CHECK(sentence(told, start) == who + "although 1 of 5 places could take it: it is tried next.");
    told.place = sim::NextPlace{};
    CHECK(sentence(told, start) == who + "since the cluster has no container instance.");
}

TEST_CASE("each reason of a refusal has its words for one instance and for several") {
    struct Row {
        sim::RefusalExplanation refusal;
        const char* one;
        const char* several;
    };
    const auto resource = [](const char* reason, const char* unit) {
        return sim::RefusalExplanation{.reason = reason, .unit = unit, .needed = 9, .least_left = 2, .most_left = 4};
    };
    const Row rows[] = {
        {resource("cpu", "CPU units"), "1 of 3 instances lacks CPU (9 CPU units needed, 4 left)",
         "2 of 3 instances lack CPU (9 CPU units needed, at most 4 left)"},
        {resource("gpu", "GPUs"), "1 of 3 instances lacks GPUs (9 GPUs needed, 4 left)",
         "2 of 3 instances lack GPUs (9 GPUs needed, at most 4 left)"},
        {resource("eni", "network interfaces"),
         "1 of 3 instances lacks network interfaces (9 network interfaces needed, 4 left)",
         "2 of 3 instances lack network interfaces (9 network interfaces needed, at most 4 left)"},
        {{.reason = "ports"},
         "1 of 3 instances has a host port taken that it needs",
         "2 of 3 instances have a host port taken that it needs"},
        {{.reason = "memberOf"},
         "1 of 3 instances does not meet its memberOf constraints",
         "2 of 3 instances do not meet its memberOf constraints"},
        {{.reason = "distinctInstance"},
         "1 of 3 instances has a task of its group already",
         "2 of 3 instances have a task of its group already"},
        {{.reason = "not accepting tasks", .detail = "draining"},
         "1 of 3 instances is draining",
         "2 of 3 instances are draining"},
        {{.reason = "not accepting tasks", .detail = "does not answer"},
         "1 of 3 instances does not answer",
         "2 of 3 instances do not answer"},
        {{.reason = "of another capacity provider"},
         "1 of 3 instances belongs to another capacity provider",
         "2 of 3 instances belong to another capacity provider"},
        {{.reason = "zone outage"}, "1 of 3 zones is out", "2 of 3 zones are out"},
        {{.reason = "something new"},
         "1 of 3 instances refuses it: something new",
         "2 of 3 instances refuse it: something new"},
    };
    for (const Row& row : rows) {
        sim::NextPlace place{.instances = 3, .refusals = {row.refusal}};
        place.refusals[0].instances = {"i-000001"};
        CHECK(report::refusals_phrase(place) == row.one);
        place.refusals[0].instances = {"i-000001", "i-000002"};
        CHECK(report::refusals_phrase(place) == row.several);
    }
}

TEST_CASE("the sentence of a task that is not there says which are") {
    sim::TaskExplanation told{.at = Time{10h + 5min}, .task = "web/17", .resource = "service/web"};
    const std::string who = "task web/17 at 10:05:00: there is none";
    CHECK(sentence(told, start) == who + ", ever; no task has been created until then.");
    told.created = 1;
    CHECK(sentence(told, start) == who + ", ever; 1 task has been created until then, and all are STOPPED.");
    told.created = 16;
    told.others = {"web/9"};
    CHECK(sentence(told, start) ==
          who + ", ever; 16 tasks have been created until then, of which web/9 is not STOPPED.");
    told.others = {"web/9", "web/10", "web/11", "web/12", "web/13"};
    told.created_later = Time{25h};
    CHECK(sentence(told, start) == who +
                                       " yet, it is created at 2026-01-06 01:00:00; 16 tasks have been created until "
                                       "then, of which web/9, web/10, web/11 and 2 more are not STOPPED.");
    CHECK(explanation_text(told, start) ==
          "\n  EXPLANATION   task web/17 of service/web · 2026-01-05T10:05:00Z · time_s 36300\n\n" +
              sentence(told, start) + "\n");
    const nlohmann::ordered_json json = explanation_json(told, start);
    CHECK(json["created"] == 16);
    CHECK(json["created_at_s"] == 25 * 3600);
    CHECK_FALSE(json.contains("task_state"));
}

TEST_CASE("the sentence of a service says how many run and what holds it back") {
    sim::ServiceExplanation told{.at = Time{10h + 5min}, .resource = "service/web", .desired = 1, .running = 1};
    const std::string who = "service/web at 10:05:00: ";
    CHECK(sentence(told, start) == who + "1 of 1 desired task running.");
    told.desired = 0;
    CHECK(sentence(told, start) == who + "no task is desired, 1 running.");
    told.desired = 3;
    told.held_by = "its deployment has failed";
    told.deployments = {{2, true, "FAILED", {}, 3, 3}};
    CHECK(sentence(told, start) ==
          who + "1 of 3 desired tasks running; held back: its deployment has failed; deployment 2 is FAILED.");
    CHECK(sentence(service(), start) ==
          who +
              "4 of 6 desired tasks running, 2 starting, 1 waiting for a place, since 3 of 5 instances lack memory "
              "(512 MiB "
              "needed, at most 300 left) and 2 are draining; managed scaling has ordered 1 instance; deployment 2 is "
              "IN_PROGRESS.");
}

TEST_CASE("JSON has the same figures under keys of their own") {
    const nlohmann::ordered_json waiting = explanation_json(waiting_task(), start);
    CHECK(waiting["at"] == "2026-01-05T10:05:00Z");
    CHECK(waiting["time_s"] == 36300);
    CHECK(waiting["task"] == "web/17");
    CHECK(waiting["task_state"] == "PROVISIONING");
    CHECK(waiting["since_s"] == 36072);
    CHECK(waiting["waits_for_a_place"] == true);
    CHECK(waiting["state"]["place_in_line"] == "1 of 2 alike");
    CHECK_FALSE(waiting.contains("why"));
    const auto& place = waiting["place"];
    CHECK(place["instances"] == 5);
    CHECK(place["fit"] == 0);
    CHECK(place["refusals"].size() == 3);
    CHECK(place["refusals"][0]["needed"] == 512);
    CHECK(place["refusals"][0]["most_left"] == 300);
    CHECK(place["refusals"][1]["detail"] == "draining");
    CHECK_FALSE(place["refusals"][1].contains("needed"));
    CHECK(place["admitted_by"].size() == 2);
    CHECK(place["managed_scaling"][0]["coming"] == 1);
    CHECK_FALSE(place.contains("ranking"));
    CHECK(waiting["sentence"] == sentence(waiting_task(), start));

    const nlohmann::ordered_json running = explanation_json(running_task(), start);
    CHECK(running["why"] == "healthy");
    CHECK(running["place"]["ranking"][1]["ranking"][0]["seen"] == 600);
    CHECK_FALSE(running["place"]["ranking"][2]["ranking"][0].contains("seen"));
    CHECK(running["place"]["one_of"][0] == "i-000003");

    const nlohmann::ordered_json told = explanation_json(service(), start);
    CHECK(told["deployments"][1]["failure_threshold"] == 3);
    CHECK_FALSE(told["deployments"][0].contains("failure_threshold"));
    CHECK(told["deployments"][0]["tasks"]["DEACTIVATING"] == 1);
    CHECK(told["state"]["desired_count"] == 6);
}

TEST_CASE("explanations of services and tasks stand below those of scaling") {
    sim::Result result = report::testing::sample_result();
    const std::string summary = report::to_text(result);
    CHECK_FALSE(report::to_json(result).contains("task_explanations"));
    CHECK_FALSE(report::to_json(result).contains("service_explanations"));
    result.start = start;
    result.task_explanations = {waiting_task()};
    result.service_explanations = {service()};
    CHECK(report::to_text(result) ==
          summary + explanation_text(service(), start) + explanation_text(waiting_task(), start));
    CHECK(report::to_json(result)["task_explanations"].size() == 1);
    CHECK(report::to_json(result)["service_explanations"].size() == 1);
}

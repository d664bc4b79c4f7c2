#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/placement/attributes.hpp>
#include <fleetsim/placement/query.hpp>

#include "catch.hpp"
#include "placement/small_instance.hpp"

using namespace fleetsim::placement;
using namespace fleetsim::placement::test;
using namespace std::chrono_literals;

namespace {

struct Row {
    std::string_view text;
    bool selected;
};

void check(const InstanceFacts& instance, const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        CAPTURE(row.text);
        CHECK(read(row.text).matches(instance) == row.selected);
    }
}

}  // namespace

TEST_CASE("the developer guide's expressions select what they say") {
    check(small_instance(),
          {
              {"attribute:ecs.instance-type == t2.small", true},
              {"attribute:ecs.instance-type =~ t2.* and attribute:ecs.availability-zone != us-east-1d", true},
              {"attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d", false},
              {"attribute:ecs.availability-zone in [us-east-1a, us-east-1b]", true},
              {"attribute:stack != prod", false},
              {"not(attribute:stack == prod)", true},
              {"attribute:stack !exists", true},
              {"task:group == service:production", true},
              {"not(task:group == database)", true},
              {"runningTasksCount == 1", true},
              {"agentVersion < 1.14.5", true},
              {"registeredAt < 2018-02-13", true},
              {"ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", true},
              {"attribute:ecs.instance-type == m5.large or runningTasksCount == 1 and agentVersion > 2.0.0", false},
              {"(attribute:ecs.instance-type == t2.small or runningTasksCount == 9) and agentVersion < 2.0.0", true},
          });
}

TEST_CASE("not binds tighter than and, and and tighter than or") {
    // T and F hold and do not hold; each row would differ if the operators bound otherwise or from the other side.
    const std::string holds = "runningTasksCount == 1";
    const std::string fails = "runningTasksCount == 2";
    struct Case {
        std::string_view shape;
        bool selected;
        std::string_view understood;
    };
    const std::vector<Case> rows{
        {"T or T and F", true, "T or T and F"},
        {"(T or T) and F", false, "(T or T) and F"},
        {"F and T or T", true, "F and T or T"},
        {"F and (T or T)", false, "F and (T or T)"},
        {"not F or T", true, "not F or T"},
        {"not (F or T)", false, "not (F or T)"},
        {"not F and F", false, "not F and F"},
        {"not (F and F)", true, "not (F and F)"},
        {"!T||!F&&T", true, "not T or not F and T"},
        {"not not T", true, "T"},
        {"!!!T", false, "not T"},
        {"not(not(T))", true, "T"},
        {"((T))", true, "T"},
        {"(T and F) and T", false, "T and F and T"},
        {"T or (F or (T or F))", true, "T or F or T or F"},
        {"(T and F) or T", true, "T and F or T"},
    };
    const auto spelled = [&](std::string_view shape) {
        std::string out;
        for (const char letter : shape) out += letter == 'T' ? holds : letter == 'F' ? fails : std::string(1, letter);
        return out;
    };
    for (const Case& row : rows) {
        CAPTURE(row.shape);
        const Query query = read(spelled(row.shape));
        CHECK(query.matches(small_instance()) == row.selected);
        CHECK(query.text() == spelled(row.understood));
    }
}

TEST_CASE("attributes are compared as text, and by size as numbers if both are") {
    check(small_instance(), {
                                {"attribute:disks == 10", true},
                                {"attribute:disks == 10.0", false},
                                {"attribute:disks > 9", true},
                                {"attribute:disks > 9a", false},  // "1" comes before "9".
                                {"attribute:disks >= 10.0", true},
                                {"attribute:disks < 10.5", true},
                                {"attribute:disks <= -10", false},
                                {"attribute:tier > bronze", true},
                                {"attribute:tier < Gold", false},
                                {"attribute:tier >= gold", true},
                                {"attribute:tier <= gol", false},
                                {"attribute:tier == Gold", false},
                                {"attribute:tier in [silver, gold]", true},
                                {"attribute:tier !in [silver, gold]", false},
                                {"attribute:tier !in [silver]", true},
                                {"attribute:tier != 'gold '", true},
                                {"attribute:rack == ''", true},
                                {"attribute:rack exists", true},
                                {"attribute:rack !exists", false},
                                {"attribute:rack =~ ''", true},
                            });
}

TEST_CASE("an instance without the attribute is selected by nothing but !exists and not") {
    for (const std::string_view op :
         {"== a", "!= a", "> a", ">= a", "< a", "<= a", "exists", "in [a]", "!in [a]", "=~ .*", "!~ a"}) {
        CAPTURE(op);
        CHECK_FALSE(read("attribute:stack " + std::string(op)).matches(small_instance()));
        CHECK(read("not attribute:stack " + std::string(op)).matches(small_instance()));
    }
    CHECK(read("attribute:stack !exists").matches(small_instance()));
}

TEST_CASE("a pattern matches the whole text") {
    check(small_instance(), {
                                {"attribute:ecs.instance-type =~ t2.*", true},
                                {"attribute:ecs.instance-type =~ 2.*", false},
                                {"attribute:ecs.instance-type =~ t2", false},
                                {"attribute:ecs.instance-type =~ ^t2.small$", true},
                                {"attribute:ecs.instance-type =~ t[23].small", true},
                                {"attribute:ecs.instance-type =~ m5.*|t2.*", true},
                                {"attribute:ecs.instance-type =~ '(m5|t2)\\.(small|large)'", true},
                                {"attribute:ecs.instance-type =~ '(?i)T2.*'", true},
                                {"attribute:ecs.instance-type !~ t3.*", true},
                                {"attribute:ecs.instance-type !~ t2.*", false},
                                {"ec2InstanceId =~ i-[a-z]{4}\\d{4}", true},
                            });
}

TEST_CASE("versions, dates and counts are compared as such") {
    check(small_instance(), {
                                {"agentVersion > 1.9.0", true},
                                {"agentVersion == 1.14.4.0", true},
                                {"agentVersion >= 1.14", true},
                                {"agentVersion != 1.14.04", false},
                                {"agentVersion <= 1.14.3", false},
                                {"registeredAt == 2018-02-12", true},
                                {"registeredAt >= 2018-02-12T00:00:00Z", true},
                                {"registeredAt > 2018-02-12T00:00:00+00:00", false},
                                {"registeredAt < 2018-02-12T00:00:00-01:00", true},
                                {"registeredAt != 2018-02-12T01:00:00+01:00", false},
                                {"registeredAt <= 2018-02-11T23:59:59", false},
                                {"runningTasksCount > -1", true},
                                {"runningTasksCount >= 2", false},
                                {"runningTasksCount != 01", false},
                            });
}

TEST_CASE("what an instance does not have, no operator selects") {
    InstanceFacts elsewhere = small_instance();
    elsewhere.ec2_instance_id = "";
    elsewhere.agent_version = "";
    check(elsewhere, {
                         {"ec2InstanceId != i-1", false},
                         {"ec2InstanceId !in [i-1]", false},
                         {"ec2InstanceId !~ i-1", false},
                         {"ec2InstanceId == ''", false},
                         {"agentVersion != 1.0", false},
                         {"agentVersion < 1.0", false},
                     });
    elsewhere.agent_version = "1.x";
    check(elsewhere, {{"agentVersion != 1.0", false}, {"not agentVersion == 1.0", true}});
}

TEST_CASE("an agent's connection is the text true or false") {
    InstanceFacts instance = small_instance();
    check(instance, {{"agentConnected == true", true},
                     {"agentConnected != true", false},
                     {"agentConnected in [false, true]", true},
                     {"agentConnected !in [false]", true},
                     {"agentConnected =~ t.*", true},
                     {"agentConnected !~ t.*", false}});
    instance.agent_connected = false;
    check(instance, {{"agentConnected == true", false}, {"agentConnected == false", true}});
}

TEST_CASE("a task group is there if any task is in it, and not there only where there are tasks") {
    InstanceFacts instance = small_instance();
    instance.task_groups = {"service:web", "database"};
    check(instance, {{"task:group == database", true},
                     {"task:group != database", false},
                     {"task:group != cache", true},
                     {"not(task:group == cache)", true},
                     {"task:group in [cache, service:web]", true},
                     {"task:group !in [cache, service:web]", false},
                     {"task:group =~ service:.*", true},
                     {"task:group !~ service:.*", false},
                     {"task:group !~ family:.*", true},
                     {"task:group exists", true}});
    instance.task_groups = {};
    check(instance, {{"task:group == database", false},
                     {"task:group != database", false},
                     {"task:group !in [database]", false},
                     {"task:group !~ database", false},
                     {"task:group exists", false},
                     {"not(task:group == database)", true}});
}

TEST_CASE("every operator has a symbol and a word, with or without blanks around it") {
    struct Pair {
        std::string_view one;
        std::string_view other;
    };
    for (const Pair& pair : std::vector<Pair>{
             {"attribute:a==1", "attribute:a equals 1"},
             {"attribute:a!=1", "attribute:a not_equals 1"},
             {"attribute:a>1", "attribute:a greater_than 1"},
             {"attribute:a>=1", "attribute:a greater_than_equal 1"},
             {"attribute:a<1", "attribute:a less_than 1"},
             {"attribute:a<=1", "attribute:a less_than_equal 1"},
             {"attribute:a!exists", "attribute:a not_exists"},
             {"attribute:a in[1,2]", "attribute:a  in [ 1 , 2 ]"},
             {"attribute:a!in[1,2]", "attribute:a not_in ['1','2']"},
             {"attribute:a=~'b.*'", "\tattribute:a\nmatches b.*\r\n"},
             {"attribute:a!~b.*", "attribute:a not_matches b.*"},
             {"attribute:a exists&&!attribute:b exists", "attribute:a exists and not attribute:b exists"},
             {"attribute:a==1||attribute:b==2", "attribute:a == 1 or (attribute:b equals '2')"},
         }) {
        CAPTURE(pair.one, pair.other);
        CHECK(read(pair.one) == read(pair.other));
    }
    CHECK_FALSE(read("attribute:a == 1") == read("attribute:a != 1"));
}

TEST_CASE("a value keeps its quotes where it needs them") {
    struct Pair {
        std::string_view text;
        std::string_view understood;
    };
    for (const Pair& pair : std::vector<Pair>{
             {"attribute:a == 'b'", "attribute:a == b"},
             {"attribute:a == 'b c'", "attribute:a == 'b c'"},
             {"attribute:a == ''", "attribute:a == ''"},
             {"attribute:a == 'or'", "attribute:a == 'or'"},
             {"attribute:a == '=b'", "attribute:a == '=b'"},
             {"attribute:a == 'b,c'", "attribute:a == 'b,c'"},
             {"attribute:a == '\"'", "attribute:a == '\"'"},
             {"attribute:a =~ '[bc]{1,2}'", "attribute:a =~ [bc]{1,2}"},
             {"attribute:a =~ '(b)'", "attribute:a =~ '(b)'"},
             {"attribute:a =~ 'b||c'", "attribute:a =~ 'b||c'"},
             {"attribute:a in ['b', 'c]', 'a&&']", "attribute:a in [b, 'c]', 'a&&']"},
         }) {
        CAPTURE(pair.text);
        CHECK(read(pair.text).text() == pair.understood);
        CHECK(read(pair.understood).text() == pair.understood);
    }
}

TEST_CASE("a query knows what its answer depends on") {
    CHECK_FALSE(read("attribute:b exists and (agentVersion > 1 or attribute:a == 1)").depends_on_tasks());
    CHECK(read("attribute:b exists and not(agentVersion > 1 or runningTasksCount == 1)").depends_on_tasks());
    CHECK(read("task:group exists").depends_on_tasks());
    CHECK(read("attribute:b exists or attribute:a == 1 and not attribute:b == 2").attribute_names() ==
          std::vector<std::string>{"a", "b"});
    CHECK(read("runningTasksCount == 1").attribute_names().empty());
}

TEST_CASE("every automatic attribute has a legal name that a query can ask for") {
    for (const std::string_view name : automatic_attributes) {
        CAPTURE(name);
        CHECK(is_attribute_name(name));
        CHECK(read("attribute:" + std::string(name) + " exists").attribute_names().front() == name);
    }
    CHECK(is_attribute_name(std::string(128, 'a')));
    CHECK_FALSE(is_attribute_name(std::string(129, 'a')));
    CHECK_FALSE(is_attribute_name(""));
    CHECK_FALSE(is_attribute_name("a b"));
    CHECK(is_attribute_name("aZ09-_./\\"));
}

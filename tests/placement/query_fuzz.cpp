// The cluster query language against any text, driven by libFuzzer: a text is a query or has errors inside it, and what
// a query says of itself is read as the same query. Prints nothing unless that fails.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <fleetsim/placement/query.hpp>

namespace {

using namespace fleetsim::placement;

void require(bool condition) {
    if (!condition) std::abort();
}

InstanceFacts instance(bool small) {
    InstanceFacts out;
    out.running_tasks_count = small ? 0 : 3;
    out.agent_connected = small;
    if (small) return out;
    out.attributes = {{"a", "1.5"}, {"ecs.instance-type", "t2.small"}, {"stack", ""}};
    out.ec2_instance_id = "i-abcd1234";
    out.agent_version = "1.14.4";
    out.task_groups = {"database", "service:web"};
    return out;
}

void look_at_errors(std::string_view text, const ParsedQuery& parsed) {
    require(parsed.query.has_value() == parsed.errors.empty());
    std::size_t last = 1;
    for (const QueryError& error : parsed.errors) {
        require(error.column >= last && error.column <= text.size() + 1);
        require(!error.message.empty());
        last = error.column;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const InstanceFacts empty = instance(true);
    static const InstanceFacts full = instance(false);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const ParsedQuery parsed = parse_query(text);
    look_at_errors(text, parsed);
    if (!parsed.query || parsed.query->text().size() > longest_query) return 0;

    const ParsedQuery again = parse_query(parsed.query->text());
    require(again.query.has_value() && *again.query == *parsed.query);
    require(again.query->matches(empty) == parsed.query->matches(empty));
    require(again.query->matches(full) == parsed.query->matches(full));
    require(again.query->depends_on_tasks() == parsed.query->depends_on_tasks());
    require(again.query->attribute_names() == parsed.query->attribute_names());
    return 0;
}

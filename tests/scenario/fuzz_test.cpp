#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <Random123/philox.h>

#include <fleetsim/scenario/load.hpp>

#include "catch.hpp"
#include "scenario/job_portal.hpp"
#include "scenario/small_fleet.hpp"
#include "scenario/small_shop.hpp"
#include "scenario/small_vpc.hpp"

using namespace fleetsim::scenario;
using namespace fleetsim::scenario::test;

namespace {

/// Numbers for mutations, the same everywhere.
class Numbers {
public:
    explicit Numbers(std::uint32_t mutation) : mutation_(mutation) {}

    std::uint32_t below(std::size_t limit) {
        const r123::Philox4x32::ctr_type counter{{next_++, mutation_, 0, 0}};
        return r123::Philox4x32()(counter, {{0x5EED, 0}})[0] % static_cast<std::uint32_t>(limit);
    }

private:
    std::uint32_t mutation_;
    std::uint32_t next_ = 0;
};

/// Words that mean something to YAML or to the reader.
constexpr std::array<std::string_view, 38> words{
    "[",        "]",
    "{",        "}",
    ":",        ": ",
    "- ",       "\n",
    "\n  ",     "\"",
    "'",        "#",
    "&a ",      "*a",
    "<<: ",     "!t ",
    "|\n",      ">\n",
    "? ",       "---",
    "...",      "\t",
    "~",        "%",
    "0",        "-1",
    "1e9",      "nan",
    "100%",     "0/s",
    "99d",      "4GiB",
    "web",      "front",
    "cpu",      "\\x",
    "\xC3\xA9", "99999999999999999999",
};

/// The small shop with all that decides where tasks may go.
std::string choosy_shop() {
    constexpr std::string_view task = "task: {cpu: 256, memory: 512}";
    const std::string text = with(small_shop, "max_size: 4", "max_size: 4\n    attributes: {stack: blue, rack: 'a 7'}");
    return with(text, task,
                "task: {cpu: 256, memory: 512, host_ports: [8080, 53/udp]}\n"
                "    ordered_placement_strategy: [{spread: \"attribute:stack\"}, random]\n"
                "    placement_constraints:\n      - distinctInstance\n"
                "      - {type: memberOf, expression: 'attribute:stack in [blue, red] and not(task:group == web)'}");
}

std::string mutated(std::string text, Numbers& numbers) {
    const std::uint32_t changes = 1 + numbers.below(4);
    for (std::uint32_t i = 0; i < changes && !text.empty(); ++i) {
        const std::size_t at = numbers.below(text.size());
        const std::size_t length = numbers.below(20);
        const std::string_view word = words[numbers.below(words.size())];
        switch (numbers.below(6)) {
            case 0: text.erase(at, length); break;
            case 1: text.insert(at, word); break;
            case 2: text.replace(at, length % 4, word); break;
            case 3: text.insert(numbers.below(text.size()), text.substr(at, length * 4)); break;
            case 4: text[at] = static_cast<char>(numbers.below(256)); break;
            default: text.resize(at); break;
        }
    }
    return text;
}

}  // namespace

TEST_CASE("no mutation of a good scenario crashes the reader or leaves it without an answer") {
    const std::array<std::string, 5> bases{std::string(job_portal), std::string(small_shop), choosy_shop(),
                                           std::string(small_fleet), std::string(small_vpc)};
    std::size_t loaded_count = 0;
    for (std::uint32_t mutation = 0; mutation < 5'000; ++mutation) {
        Numbers numbers(mutation);
        const std::string text = mutated(bases[mutation % bases.size()], numbers);
        const Loaded loaded = load(text);
        if (loaded.scenario) ++loaded_count;
        INFO("mutation " << mutation << ":\n" << text);
        REQUIRE(loaded.scenario.has_value() != loaded.diagnostics.has_errors());
        REQUIRE(loaded.diagnostics.render().empty() == loaded.diagnostics.sorted().empty());
    }
    // Some mutations only touch comments, names or numbers: the whole reader runs, not only its first guards.
    CHECK(loaded_count > 0);
}

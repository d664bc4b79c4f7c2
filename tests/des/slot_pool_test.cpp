#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/slot_pool.hpp>
#include <fleetsim/des/stream.hpp>
#include <fleetsim/des/time.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim::des;

namespace {

using Ref = SlotRef<struct TimerTag>;

}  // namespace

TEST_CASE("a tenant is found by its reference until it leaves, and its slot serves the next") {
    SlotPool<char, Ref> pool;
    const Ref a = pool.add('a');
    const Ref b = pool.add('b');
    CHECK(*pool.find(a) == 'a');
    CHECK(*pool.find(b) == 'b');
    pool.remove(a);
    CHECK(pool.find(a) == nullptr);
    CHECK_FALSE(pool.contains(a));
    CHECK_FALSE(pool.contains(pool.at(a.slot)));

    const Ref c = pool.add('c');
    CHECK(c.slot == a.slot);
    CHECK(c != a);
    CHECK(pool.find(a) == nullptr);
    CHECK(*pool.find(c) == 'c');
    CHECK(pool.at(c.slot) == c);
    CHECK(pool.find(Ref{}) == nullptr);
    CHECK(fleetsim::test::aborts([&] { pool.remove(a); }));

    std::vector<char> seen;
    pool.for_each([&](Ref, char tenant) { seen.push_back(tenant); });
    CHECK(seen == std::vector<char>{'c', 'b'});
}

TEST_CASE("of timers of any delay, those that were cancelled never fire and all others do, when they are due") {
    SlotPool<std::uint32_t, Ref> timers;
    EventQueue<Ref> queue;
    Sequence chance = Stream{1, 0, "slot pool", "timers"}.sequence();
    std::map<std::uint32_t, Time> due;  // By number; those that are still to fire.
    std::vector<std::pair<std::uint32_t, Ref>> set;
    std::size_t fired = 0;
    std::size_t wrong = 0;
    for (std::uint32_t number = 0; number < 20'000; ++number) {
        const Time at = queue.now() + Duration{static_cast<std::int64_t>(chance.word() % 1000)};
        set.emplace_back(number, timers.add(number));
        queue.schedule(at, set.back().second);
        due[number] = at;
        const auto& [cancelled, ref] = set[chance.word() % set.size()];
        if (timers.contains(ref)) {
            timers.remove(ref);
            due.erase(cancelled);
        }
        for (std::uint64_t i = chance.word() % 3; i > 0 && !queue.empty(); --i) {
            const Ref popped = queue.pop();
            const std::uint32_t* const timer = timers.find(popped);
            if (timer == nullptr) continue;
            wrong += due.at(*timer) != queue.now();
            due.erase(*timer);
            timers.remove(popped);
            ++fired;
        }
    }
    CHECK(wrong == 0);
    CHECK(fired > 5000);
    while (!queue.empty()) {
        const Ref popped = queue.pop();
        if (const std::uint32_t* const timer = timers.find(popped)) {
            CHECK(due.erase(*timer) == 1);
            timers.remove(popped);
        }
    }
    CHECK(due.empty());
}

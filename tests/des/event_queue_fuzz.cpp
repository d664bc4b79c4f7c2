// The event queue against a sorted map, driven by libFuzzer: every four bytes are one burst of scheduling, popping or
// replacing. Prints nothing unless they disagree; the input that made them disagree is left as a file.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>

#include <fleetsim/des/event_queue.hpp>
#include <fleetsim/des/time.hpp>

namespace {

using fleetsim::des::Duration;
using fleetsim::des::EventQueue;
using fleetsim::des::latest_time;
using fleetsim::des::Phase;
using fleetsim::des::Time;

struct Moment {
    Time at;
    Phase phase;
    friend bool operator<(Moment a, Moment b) { return a.at != b.at ? a.at < b.at : a.phase < b.phase; }
};

struct Payload {
    std::uint32_t name;
    std::uint32_t copy;
};

void require(bool condition) {
    if (!condition) std::abort();
}

class Pair {
public:
    void schedule(Moment moment) {
        queue_.schedule(moment.at, moment.phase, next());
        map_.emplace(moment, named_);
    }

    void pop() {
        const auto [moment, name] = *map_.begin();
        map_.erase(map_.begin());
        require(queue_.next_time() == moment.at && queue_.top().name == name);
        const Payload popped = queue_.pop();
        require(popped.name == name && popped.copy == name && queue_.now() == moment.at);
    }

    void replace(Moment moment) {
        const auto [first, name] = *map_.begin();
        map_.erase(map_.begin());
        moment.at = std::max(moment.at, first.at);
        require(queue_.replace_top(moment.at, moment.phase, next()).name == name && queue_.now() == first.at);
        map_.emplace(moment, named_);
    }

    void clear() {
        queue_.clear();
        map_.clear();
    }

    [[nodiscard]] bool empty() const {
        require(queue_.size() == map_.size() && queue_.empty() == map_.empty());
        return map_.empty();
    }
    [[nodiscard]] Time now() const { return queue_.now(); }

private:
    Payload next() {
        ++named_;
        return {named_, named_};
    }

    EventQueue<Payload> queue_;
    std::multimap<Moment, std::uint32_t> map_;  // Equal moments stay in the order they came.
    std::uint32_t named_ = 0;
};

/// One burst: what to do and how often, how far ahead, and how the moments of a burst follow one another.
void run(Pair& pair, const std::array<std::uint8_t, 4>& bytes) {
    const unsigned times = bytes[0] >> 2U;
    const std::int64_t reach = std::int64_t{bytes[1]} << (bytes[2] % 54);
    const std::int64_t step = bytes[3] % 4 == 0 ? 0 : std::int64_t{bytes[3] / 4} - 32;
    const Duration room = latest_time - pair.now();
    for (unsigned i = 0; i <= times * times / 4; ++i) {
        const std::int64_t ahead =
            std::clamp<std::int64_t>(reach + step * static_cast<std::int64_t>(i), 0, room.count());
        const Moment moment{pair.now() + std::min(Duration{ahead}, latest_time - pair.now()),
                            static_cast<Phase>((bytes[3] + i * (bytes[2] / 64)) % 4)};
        switch (bytes[0] % 4) {
            case 0: pair.schedule(moment); break;
            case 1:
                if (!pair.empty()) pair.pop();
                break;
            case 2:
                if (!pair.empty()) pair.replace(moment);
                break;
            default:
                if (times == 63) return pair.clear();
                pair.schedule(moment);
                if (i % 3 == 0) pair.pop();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Pair pair;
    for (std::size_t at = 0; at + 4 <= size; at += 4) run(pair, {data[at], data[at + 1], data[at + 2], data[at + 3]});
    while (!pair.empty()) pair.pop();
    return 0;
}

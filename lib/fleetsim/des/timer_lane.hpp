#pragma once

#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>

namespace fleetsim::des {

/// Timers that share one constant delay, and so expire in the order they were set. The kernel holds one wake-up for the
/// whole lane, however many timers are pending; a timer that is cancelled before it is due costs an append and a look.
/// Cancelling is the owner's affair: `live(item)` says whether the item still matters.
///
///     if (auto at = lane.push(now + delay, request)) queue.schedule(*at, wake_up);
///     …
///     if (auto at = lane.wake(now, live, fire)) queue.schedule(*at, wake_up);
template <class Item>
class TimerLane {
public:
    /// Sets a timer; `due` never lies before the previous one's. Returns when to schedule the lane's wake-up, or
    /// nothing while one is pending, which then comes no later than `due`.
    [[nodiscard]] std::optional<Time> push(Time due, Item item) {
        FLEETSIM_CHECK(due >= latest_due_);
        latest_due_ = due;
        append({due, std::move(item)});
        if (std::exchange(wake_pending_, true)) return std::nullopt;
        return due;
    }

    /// Drops items at the front that no longer matter; called before `push`, it keeps the lane short.
    template <class Live>
    void drop_dead(Live live) {
        while (size_ > 0 && !live(front().item)) drop_front();
    }

    /// The lane's wake-up came: fires every live item due by `now`, and returns when to wake next, if ever. `fire` may
    /// push into the lane.
    template <class Live, class Fire>
    [[nodiscard]] std::optional<Time> wake(Time now, Live live, Fire fire) {
        FLEETSIM_CHECK(wake_pending_);
        for (drop_dead(live); size_ > 0 && front().due <= now; drop_dead(live)) {
            Item item = std::move(front().item);
            drop_front();
            fire(std::move(item));
        }
        wake_pending_ = size_ > 0;
        if (!wake_pending_) return std::nullopt;
        return front().due;
    }

    /// Items held, dead ones not yet dropped among them.
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

private:
    struct Entry {
        Time due{};
        Item item{};
    };

    [[nodiscard]] Entry& front() { return ring_[head_]; }

    void drop_front() {
        head_ = (head_ + 1) & (ring_.size() - 1);
        --size_;
    }

    void append(Entry entry) {
        if (size_ == ring_.size()) grow();
        ring_[(head_ + size_) & (ring_.size() - 1)] = std::move(entry);
        ++size_;
    }

    /// The ring's size stays a power of two, so that positions wrap by a mask. Out of the way of `append`, which is
    /// hot.
    [[gnu::noinline]] void grow() {
        std::vector<Entry> larger(ring_.empty() ? 16 : 2 * ring_.size());
        for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(ring_[(head_ + i) & (ring_.size() - 1)]);
        ring_ = std::move(larger);
        head_ = 0;
    }

    std::vector<Entry> ring_;
    std::size_t head_ = 0;
    std::size_t size_ = 0;
    Time latest_due_{};
    bool wake_pending_ = false;
};

}  // namespace fleetsim::des

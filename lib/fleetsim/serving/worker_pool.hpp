#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::serving {

/// What happened to a request that knocked.
enum class Admission : std::uint8_t { started, queued, refused };

/// One container: `workers` requests at a time, first come first served, and a bounded accept queue before them. The
/// kernel lets `backlog + 1` connections wait. A worker is held from start until `release`, also while its request
/// waits for a call.
///
/// Source: gunicorn settings `workers` and `backlog`; a sync worker pool is a single queue with many servers.
class WorkerPool {
public:
    WorkerPool(std::uint32_t workers, std::uint32_t backlog) : workers_(workers), most_waiting_(backlog + 1ULL) {
        FLEETSIM_CHECK(workers > 0);
    }

    /// The request starts, waits or finds the queue full. Amortised O(1); the queue grows to its bound only when
    /// needed.
    [[nodiscard]] Admission offer(std::uint32_t request) {
        if (busy_ < workers_) {
            ++busy_;
            return Admission::started;
        }
        if (waiting_ == most_waiting_) return Admission::refused;
        if (waiting_ == ring_.size()) grow();
        ring_[(head_ + waiting_++) & (ring_.size() - 1)] = request;
        return Admission::queued;
    }

    /// A worker is done. The request that starts in its place, if one waits.
    [[nodiscard]] std::optional<std::uint32_t> release() {
        FLEETSIM_CHECK(busy_ > 0);
        if (waiting_ == 0) {
            --busy_;
            return std::nullopt;
        }
        const std::uint32_t next = ring_[head_];
        head_ = (head_ + 1) & (ring_.size() - 1);
        --waiting_;
        return next;
    }

    /// Everything in it is lost.
    void clear() { busy_ = waiting_ = head_ = 0; }

    [[nodiscard]] std::size_t busy() const { return busy_; }
    [[nodiscard]] std::size_t waiting() const { return waiting_; }

private:
    // The ring's size is a power of two, so that wrapping is a mask.
    void grow() {
        std::vector<std::uint32_t> wider(ring_.empty() ? 16 : ring_.size() * 2);
        for (std::size_t i = 0; i < waiting_; ++i) wider[i] = ring_[(head_ + i) & (ring_.size() - 1)];
        ring_.swap(wider);
        head_ = 0;
    }

    std::size_t workers_;
    std::size_t most_waiting_;
    std::size_t busy_ = 0;
    std::size_t waiting_ = 0;
    std::size_t head_ = 0;
    std::vector<std::uint32_t> ring_;
};

}  // namespace fleetsim::serving

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <fleetsim/des/bucket.hpp>
#include <fleetsim/des/sorting_kernels.hpp>

namespace fleetsim::des {

/// A stable priority queue of 64-bit keys, each with a 32-bit value: least key first, equal keys in the order they were
/// pushed. Keys lie below 2^64 - 1.
///
/// It keeps far entries unsorted and sorts them only as they come near:
///
///     pivots     900       400     380       120         descending; a bucket holds keys from its pivot up to the next
///     buckets  [ 900… ]  [ 400… ] [ 380… ] [ 120… ]      unsorted, in order of arrival; any size
///     bottom                                   [ 3 17 55 119 ]    sorted, at most 64 entries, before every bucket
///
/// A push counts the pivots above its key and appends to that bucket, or inserts into the bottom. A pop takes the first
/// of the bottom. When the bottom runs out, the nearest bucket is split at sampled pivots into up to eight, and the
/// nearest of those again, until one is small enough to be sorted into the bottom. Splitting and sorting are stable and
/// equal keys never part, so arrival order within a bucket is all the order that equal keys need.
///
/// Cost: an entry is appended once, moved by each split on its way (about one for every factor of 8 in size) and sorted
/// once among at most 32, all in streams: O(log n) amortized with a small constant, and no cache miss to speak of where
/// a binary heap has log2 n of them. A single push or pop may cost O(n). Memory is 12 bytes an entry. Slowest are
/// pushes that keep running backwards in time in front of a crowd at one instant: a crowd of 10^6 then costs a
/// microsecond a push.
///
/// Source: Navarro, Paredes, "On Sorting, Heaps, and Minimum Spanning Trees" (2010), which splits one array in two.
class QuickHeap {
public:
    QuickHeap() = default;
    QuickHeap(const QuickHeap&) = delete;
    QuickHeap& operator=(const QuickHeap&) = delete;

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

    /// Of the least entry; never called on an empty heap, nor is `drop_top`.
    [[nodiscard]] std::uint64_t top_key() const { return bottom_keys_[head_]; }
    [[nodiscard]] std::uint32_t top_value() const { return bottom_values_[head_]; }

    void push(std::uint64_t key, std::uint32_t value) {
        ++size_;
        std::uint32_t level = level_of(key);
        if (level == depth_ && head_ > 0 && key < bottom_keys_[head_]) return put_first(key, value);
        if (level == depth_ && tail_ == bottom_capacity) {
            make_room();
            level = level_of(key);
        }
        if (level < depth_) {
            buckets_[level].append(pool_, key, value);
        } else {
            insert(key, value);
        }
    }

    void drop_top() {
        --size_;
        if (++head_ == tail_) refill();
    }

    /// Memory held for entries.
    [[nodiscard]] std::size_t reserved_bytes() const { return pool_.chunks() * sizeof(Chunk); }

    void clear() {
        while (depth_ > 0) drop_level();
        head_ = tail_ = 0;
        size_ = 0;
    }

private:
    static constexpr std::uint32_t batch = rank_sort_limit;
    static constexpr std::uint32_t bottom_capacity = 2 * batch;
    static constexpr std::uint32_t stride = classify_pivots + 1;  // Pivots compared at a time.
    static constexpr std::uint32_t max_ways = classify_pivots + 1;
    static constexpr std::uint32_t samples_per_way = rank_sort_limit / max_ways;
    static constexpr std::uint32_t max_depth = 64;

    /// The bucket a key belongs to, 0 being the farthest, or `depth_` for the bottom. Most keys are far, and are found
    /// among the first pivots; beyond the last one lie zeros, which are above no key.
    [[nodiscard]] std::uint32_t level_of(std::uint64_t key) const {
        if (depth_ == 0) return 0;  // A small heap is all bottom.
        for (std::uint32_t level = 0;; level += stride) {
            const std::uint64_t* const p = &pivots_[level];
            const auto above = [p, key](std::uint32_t i) -> std::uint32_t { return p[i] > key ? 1 : 0; };
            // Written out, for compilers do not unroll it; two sums, so that one addition need not wait for the other.
            const std::uint32_t count =
                ((above(0) + above(1)) + (above(2) + above(3))) + ((above(4) + above(5)) + (above(6) + above(7)));
            if (count < stride) return level + count;
        }
    }

    /// What happens at once, before all sleepers, takes the place of what was popped last.
    void put_first(std::uint64_t key, std::uint32_t value) {
        --head_;
        bottom_keys_[head_] = key;
        bottom_values_[head_] = value;
    }

    void insert(std::uint64_t key, std::uint32_t value) {
        std::uint32_t hole = tail_++;
        for (; hole > head_ && bottom_keys_[hole - 1] > key; --hole) {
            bottom_keys_[hole] = bottom_keys_[hole - 1];
            bottom_values_[hole] = bottom_values_[hole - 1];
        }
        bottom_keys_[hole] = key;
        bottom_values_[hole] = value;
    }

    /// Makes room at the bottom's end: by moving it to the front if that gains enough, by giving back what a bucket has
    /// lent, or else by turning its upper half into the nearest bucket.
    [[gnu::noinline]] void make_room() {
        const std::uint32_t count = tail_ - head_;
        if (head_ >= bottom_capacity / 4) {
            std::memmove(bottom_keys_.data(), &bottom_keys_[head_], count * sizeof bottom_keys_[0]);
            std::memmove(bottom_values_.data(), &bottom_values_[head_], count * sizeof bottom_values_[0]);
            head_ = 0;
            tail_ = count;
            return;
        }
        if (give_back_lent()) return;
        if (depth_ == max_depth) merge_small_buckets();
        std::uint32_t kept = head_ + count / 2;
        const std::uint64_t pivot = bottom_keys_[kept];
        while (kept > head_ && bottom_keys_[kept - 1] == pivot) --kept;
        for (std::uint32_t i = kept; i < tail_; ++i) buckets_[depth_].append(pool_, bottom_keys_[i], bottom_values_[i]);
        pivots_[depth_++] = pivot;
        tail_ = kept;
        if (head_ == tail_) refill();
    }

    /// What a bucket of one key has lent is the end of the bottom. Less than a full bottom is ever lent, so lesser keys
    /// stay.
    bool give_back_lent() {
        if (depth_ == 0 || bottom_keys_[tail_ - 1] != pivots_[depth_ - 1]) return false;
        std::uint32_t kept = tail_ - 1;
        while (bottom_keys_[kept - 1] == pivots_[depth_ - 1]) --kept;
        buckets_[depth_ - 1].put_back(pool_, tail_ - kept, &bottom_keys_[kept], &bottom_values_[kept]);
        tail_ = kept;
        return true;
    }

    /// Fills the empty bottom, unless the heap is empty. A bucket that can hold but one key is in order as it is, and
    /// lends the bottom a batch: whoever is pushed with that key meanwhile belongs behind it, into the bucket.
    [[gnu::noinline]] void refill() {
        head_ = tail_ = 0;
        while (depth_ > 0 && tail_ == 0) {
            Bucket& nearest = buckets_[depth_ - 1];
            const bool in_order = holds_one_key(depth_ - 1);
            if (nearest.size() > batch && !in_order) {
                split_nearest();
                continue;
            }
            tail_ = nearest.take_front(pool_, batch, bottom_keys_.data(), bottom_values_.data());
            if (!in_order) rank_sort(bottom_keys_.data(), bottom_values_.data(), tail_);
            if (nearest.empty()) drop_level();
        }
    }

    [[nodiscard]] bool holds_one_key(std::uint32_t level) const {
        return level > 0 && pivots_[level - 1] - pivots_[level] == 1;
    }

    void drop_level() {
        buckets_[--depth_].clear(pool_);
        pivots_[depth_] = 0;
    }

    [[gnu::noinline]] void split_nearest() {
        if (depth_ + max_ways > max_depth) return merge_small_buckets();
        const std::uint32_t level = depth_ - 1;
        std::swap(buckets_[level], splitting_);
        choose_pivots();
        std::array<std::uint64_t, classify_pivots> pivots{};
        std::copy(&pivots_[level], &pivots_[depth_ - 1], pivots.begin());
        Bucket* const buckets = &buckets_[level];
        splitting_.drain(pool_, [&](const std::uint64_t* keys, const std::uint32_t* values, std::uint32_t count) {
            std::array<std::uint64_t, Chunk::capacity> classes;
            classify(pivots.data(), keys, count, classes.data());
            for (std::uint32_t i = 0; i < count; ++i) buckets[classes[i]].append(pool_, keys[i], values[i]);
        });
    }

    /// Replaces the nearest pivot by several: quantiles of a sample of `splitting_`, and the pivot itself. Where the
    /// sample knows no key but that one, the next number splits the key off from whatever else there is.
    void choose_pivots() {
        const std::uint32_t level = depth_ - 1;
        const std::uint64_t least = pivots_[level];
        const std::size_t size = splitting_.size();
        const auto ways = static_cast<std::uint32_t>(std::clamp<std::size_t>(size / (batch / 2), 2, max_ways));
        const std::uint32_t samples = ways * samples_per_way - 1;
        std::array<std::uint64_t, rank_sort_limit> sample;
        std::array<std::uint32_t, rank_sort_limit> unused{};
        for (std::uint32_t i = 0; i < samples; ++i) sample[i] = splitting_.key(any_index(size));
        rank_sort(sample.data(), unused.data(), samples);

        std::uint32_t last = level;
        for (std::uint32_t way = ways - 1; way > 0; --way) {
            const std::uint64_t pivot = sample[way * samples_per_way - 1];
            if (pivot > least && (last == level || pivot < pivots_[last - 1])) pivots_[last++] = pivot;
        }
        if (last == level) pivots_[last++] = least + 1;
        pivots_[last] = least;
        depth_ = last + 1;
    }

    /// Places no pattern of keys can foresee (Knuth's linear congruential generator); no result depends on them.
    [[nodiscard]] std::size_t any_index(std::size_t size) {
        chance_ = chance_ * 6364136223846793005U + 1442695040888963407U;
        return (chance_ >> 32U) * size >> 32U;
    }

    /// Merges neighbours until every bucket is more than twice as large as the next nearer one, so that few are left
    /// whatever came before. Needed by schedules that run backwards in time, and by piles of 10^8 and more.
    [[gnu::noinline]] void merge_small_buckets() {
        const std::uint32_t before = std::exchange(depth_, 0);
        for (std::uint32_t level = 0; level < before; ++level) {
            if (level != depth_) std::swap(buckets_[level], buckets_[depth_]);
            pivots_[depth_++] = pivots_[level];
            while (depth_ > 1 && buckets_[depth_ - 2].size() <= 2 * buckets_[depth_ - 1].size()) merge_nearest_two();
        }
        std::fill(&pivots_[depth_], &pivots_[before], 0);
    }

    void merge_nearest_two() {
        Bucket& outer = buckets_[depth_ - 2];
        Bucket& inner = buckets_[depth_ - 1];
        if (outer.size() < inner.size()) std::swap(outer, inner);
        inner.drain(pool_, [&](const std::uint64_t* keys, const std::uint32_t* values, std::uint32_t count) {
            for (std::uint32_t i = 0; i < count; ++i) outer.append(pool_, keys[i], values[i]);
        });
        pivots_[depth_ - 2] = pivots_[depth_ - 1];
        --depth_;
    }

    // Zero from `depth_` on, to the end of the last stride that `level_of` may read.
    alignas(64) std::array<std::uint64_t, max_depth + stride> pivots_{};
    std::size_t size_ = 0;
    std::uint32_t depth_ = 0;
    std::uint32_t head_ = 0;  // The bottom is [head_, tail_). It is empty only when the heap is.
    std::uint32_t tail_ = 0;
    std::uint64_t chance_ = 0;
    std::array<std::uint64_t, bottom_capacity> bottom_keys_;
    std::array<std::uint32_t, bottom_capacity> bottom_values_;
    std::array<Bucket, max_depth> buckets_;
    Bucket splitting_;
    ChunkPool pool_;
};

}  // namespace fleetsim::des

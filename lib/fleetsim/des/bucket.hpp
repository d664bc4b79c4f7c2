#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace fleetsim::des {

/// Room for the entries of a bucket: keys and values in parallel, so that a scan of keys reads nothing else.
struct Chunk {
    static constexpr std::uint32_t capacity = 256;
    std::uint64_t keys[capacity];
    std::uint32_t values[capacity];
};

/// Chunks that no bucket uses at present. The one given back last is taken first: it is still in the cache.
class ChunkPool {
public:
    [[nodiscard]] Chunk* take() {
        if (free_.empty()) grow();
        Chunk* const chunk = free_.back();
        free_.pop_back();
        return chunk;
    }

    void give(Chunk* chunk) { free_.push_back(chunk); }

    /// All that were ever made, in use or not.
    [[nodiscard]] std::size_t chunks() const { return slabs_.size() * slab_size; }
    [[nodiscard]] std::size_t chunks_in_use() const { return chunks() - free_.size(); }

private:
    static constexpr std::size_t slab_size = 16;

    void grow() {
        // Not value-initialized: entries are written before they are read.
        slabs_.push_back(std::make_unique_for_overwrite<Chunk[]>(slab_size));
        for (std::size_t i = slab_size; i > 0; --i) free_.push_back(&slabs_.back()[i - 1]);
    }

    std::vector<std::unique_ptr<Chunk[]>> slabs_;
    std::vector<Chunk*> free_;
};

/// Entries in the order they were appended. All chunks are full but the last, so every entry can be addressed, and a
/// bucket of any size wastes less than one chunk.
class Bucket {
public:
    [[nodiscard]] std::size_t size() const {
        return chunks_.size() * Chunk::capacity - (Chunk::capacity - used_) - taken_;
    }
    [[nodiscard]] bool empty() const { return size() == 0; }

    [[nodiscard]] std::uint64_t key(std::size_t index) const {
        index += taken_;
        return chunks_[index / Chunk::capacity]->keys[index % Chunk::capacity];
    }

    void append(ChunkPool& pool, std::uint64_t key, std::uint32_t value) {
        if (used_ == Chunk::capacity) extend(pool);
        last_->keys[used_] = key;
        last_->values[used_] = value;
        ++used_;
    }

    /// Moves the first entries, at most `limit`, to the given arrays; returns how many.
    std::uint32_t take_front(ChunkPool& pool, std::uint32_t limit, std::uint64_t* keys, std::uint32_t* values) {
        const auto count = static_cast<std::uint32_t>(std::min<std::size_t>(limit, size()));
        for (std::uint32_t copied = 0; copied < count;) {
            Chunk* const chunk = chunks_[taken_ / Chunk::capacity];
            const auto from = static_cast<std::uint32_t>(taken_ % Chunk::capacity);
            const std::uint32_t run = std::min(count - copied, Chunk::capacity - from);
            std::memcpy(keys + copied, chunk->keys + from, run * sizeof *keys);
            std::memcpy(values + copied, chunk->values + from, run * sizeof *values);
            copied += run;
            taken_ += run;
            if (from + run == Chunk::capacity) pool.give(chunk);
        }
        if (empty()) clear(pool);
        return count;
    }

    /// Undoes a `take_front` of a bucket that was not emptied by it: the entries are its first again.
    void put_back(ChunkPool& pool, std::uint32_t count, const std::uint64_t* keys, const std::uint32_t* values) {
        for (std::uint32_t left = count; left > 0; --left) {
            if (taken_ % Chunk::capacity == 0) chunks_[taken_ / Chunk::capacity - 1] = pool.take();
            --taken_;
            Chunk* const chunk = chunks_[taken_ / Chunk::capacity];
            chunk->keys[taken_ % Chunk::capacity] = keys[left - 1];
            chunk->values[taken_ % Chunk::capacity] = values[left - 1];
        }
    }

    /// Hands all entries over in order, as runs (keys, values, count), and is empty then. `visit` may append to other
    /// buckets, which take the chunks that it is done with.
    template <class Visit>
    void drain(ChunkPool& pool, Visit visit) {
        const std::size_t end = taken_ + size();
        for (std::size_t from = taken_; from < end;) {
            Chunk* const chunk = chunks_[from / Chunk::capacity];
            const std::size_t first = from % Chunk::capacity;
            const std::size_t run = std::min(end - from, Chunk::capacity - first);
            visit(chunk->keys + first, chunk->values + first, static_cast<std::uint32_t>(run));
            from += run;
            pool.give(chunk);
        }
        forget();
    }

    void clear(ChunkPool& pool) {
        for (std::size_t i = taken_ / Chunk::capacity; i < chunks_.size(); ++i) pool.give(chunks_[i]);
        forget();
    }

private:
    // Out of the way of `append`, which is the hot path and calls it once in 256 times.
    [[gnu::noinline]] void extend(ChunkPool& pool) {
        last_ = pool.take();
        chunks_.push_back(last_);
        used_ = 0;
    }

    void forget() {
        chunks_.clear();
        last_ = nullptr;
        used_ = Chunk::capacity;
        taken_ = 0;
    }

    std::vector<Chunk*> chunks_;
    Chunk* last_ = nullptr;
    std::uint32_t used_ = Chunk::capacity;  ///< Entries in the last chunk, those taken included.
    std::size_t taken_ = 0;                 ///< Entries taken from the front; chunks wholly taken are no longer ours.
};

}  // namespace fleetsim::des

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fleetsim/des/bucket.hpp>

#include "catch.hpp"

using namespace fleetsim::des;

namespace {

void append_numbers(Bucket& bucket, ChunkPool& pool, std::uint32_t from, std::uint32_t to) {
    for (std::uint32_t i = from; i < to; ++i) bucket.append(pool, 10 * std::uint64_t{i}, i);
}

/// What is left, in order; the bucket is empty then.
std::vector<std::uint32_t> drained(Bucket& bucket, ChunkPool& pool) {
    std::vector<std::uint32_t> all;
    bucket.drain(pool, [&](const std::uint64_t* keys, const std::uint32_t* values, std::uint32_t count) {
        for (std::uint32_t i = 0; i < count; ++i) {
            CHECK(keys[i] == 10 * std::uint64_t{values[i]});
            all.push_back(values[i]);
        }
    });
    return all;
}

std::vector<std::uint32_t> numbers(std::uint32_t from, std::uint32_t to) {
    std::vector<std::uint32_t> all;
    for (std::uint32_t i = from; i < to; ++i) all.push_back(i);
    return all;
}

constexpr std::array<std::uint32_t, 8> sizes{0, 1, 255, 256, 257, 511, 512, 5000};

}  // namespace

TEST_CASE("a bucket keeps what was appended, in order and by index, in as few chunks as hold it") {
    ChunkPool pool;
    for (const std::uint32_t size : sizes) {
        Bucket bucket;
        append_numbers(bucket, pool, 0, size);
        CHECK(bucket.size() == size);
        CHECK(bucket.empty() == (size == 0));
        CHECK(pool.chunks_in_use() == (size + Chunk::capacity - 1) / Chunk::capacity);
        for (std::uint32_t i = 0; i < size; i += 97) CHECK(bucket.key(i) == 10 * i);
        CHECK(drained(bucket, pool) == numbers(0, size));
        CHECK(bucket.empty());
        CHECK(pool.chunks_in_use() == 0);
    }
}

TEST_CASE("entries are taken from the front while others are appended, and no chunk is lost") {
    ChunkPool pool;
    for (const std::uint32_t size : sizes) {
        for (const std::uint32_t limit : {1U, 32U, 100U, 256U}) {
            Bucket bucket;
            std::array<std::uint64_t, 256> keys{};
            std::array<std::uint32_t, 256> values{};
            std::uint32_t appended = size;
            append_numbers(bucket, pool, 0, size);
            std::vector<std::uint32_t> taken;
            while (!bucket.empty()) {
                const std::uint32_t count = bucket.take_front(pool, limit, keys.data(), values.data());
                taken.insert(taken.end(), values.begin(), values.begin() + count);
                for (std::uint32_t i = 0; i < count; ++i) CHECK(keys[i] == 10 * std::uint64_t{values[i]});
                if (!bucket.empty()) CHECK(bucket.key(0) == 10 * taken.size());
                if (appended < 2 * size && limit > 1) append_numbers(bucket, pool, appended, appended + 1), ++appended;
                CHECK(bucket.size() == appended - taken.size());
            }
            CHECK(taken == numbers(0, appended));
            CHECK(pool.chunks_in_use() == 0);
        }
    }
}

TEST_CASE("what was taken and put back is first again") {
    ChunkPool pool;
    for (const std::uint32_t taken : {1U, 32U, 255U, 256U}) {
        for (const std::uint32_t before : {0U, 1U, 250U, 256U, 300U}) {
            Bucket bucket;
            std::array<std::uint64_t, 256> keys{};
            std::array<std::uint32_t, 256> values{};
            append_numbers(bucket, pool, 0, 700);
            for (std::uint32_t left = before; left > 0;) {
                left -= bucket.take_front(pool, left < 256 ? left : 256, keys.data(), values.data());
            }
            CHECK(bucket.take_front(pool, taken, keys.data(), values.data()) == taken);
            append_numbers(bucket, pool, 700, 710);
            const std::uint32_t gone = taken / 3;  // The first of them are used up.
            bucket.put_back(pool, taken - gone, &keys[gone], &values[gone]);
            CHECK(bucket.size() == 710 - before - gone);
            CHECK(drained(bucket, pool) == numbers(before + gone, 710));
            CHECK(pool.chunks_in_use() == 0);
        }
    }
}

TEST_CASE("a bucket that was partly taken is drained or cleared of the rest") {
    ChunkPool pool;
    for (const std::uint32_t taken : {1U, 255U, 256U, 300U, 512U, 699U}) {
        std::array<std::uint64_t, 256> keys{};
        std::array<std::uint32_t, 256> values{};
        for (const bool clear : {false, true}) {
            Bucket bucket;
            append_numbers(bucket, pool, 0, 700);
            for (std::uint32_t left = taken; left > 0;) {
                left -= bucket.take_front(pool, left < 256 ? left : 256, keys.data(), values.data());
            }
            if (clear) {
                bucket.clear(pool);
            } else {
                CHECK(drained(bucket, pool) == numbers(taken, 700));
            }
            CHECK(bucket.empty());
            CHECK(pool.chunks_in_use() == 0);
        }
    }
}

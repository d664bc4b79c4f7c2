#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include <Random123/threefry.h>

namespace fleetsim::des {

/// A bijection of 64-bit words in which every input bit reaches every output bit.
///
/// Source: D. Stafford, "Better Bit Mixing", variant 13 (the finalizer of SplitMix64).
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t word) {
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31);
}

/// FNV-1a over the bytes, then mixed. It never changes: every random number of every scenario hangs on it.
[[nodiscard]] constexpr std::uint64_t stable_hash(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return mix64(hash);
}

/// The address of a descendant: of the `step`-th call made by a request, the `step`-th attempt of a client's wish.
/// Descendants of different parents, and of one parent at different steps, practically never share an address.
[[nodiscard]] constexpr std::uint64_t child_address(std::uint64_t parent, std::uint64_t step) {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;
    return mix64(mix64(parent + golden) + (step + 1) * golden);
}

/// A number in the open interval (0, 1) from the word's upper 52 bits. With 53 bits the largest would round to 1.
[[nodiscard]] constexpr double open_unit(std::uint64_t word) {
    return (static_cast<double>(word >> 12U) + 0.5) * 0x1p-52;
}

class Draws;
class Sequence;

/// Chance with an address: the words of item `k` depend on (seed, replication, entity, purpose) and on `k` alone,
/// whoever else draws and in whatever order. So two variants of a scenario meet the same requests by construction.
///
/// Threefry-4x64 with 13 rounds: its authors find that it passes TestU01's BigCrush from 12 rounds on, and the
/// thirteenth is a margin. It is a bijection for each key, so no block of a stream repeats.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (2011).
class Stream {
public:
    using Block = std::array<std::uint64_t, 4>;

    Stream(std::uint64_t seed, std::uint64_t replication, std::string_view entity, std::string_view purpose)
        : key_{{seed, replication, stable_hash(entity), stable_hash(purpose)}} {}

    /// Four words of item `k`; `part` counts the blocks of one item.
    // Inlined by force: as a call it returns through memory, which doubles the cost of an exponential variate.
    [[nodiscard, gnu::always_inline]] Block block(std::uint64_t k, std::uint64_t part = 0) const {
        const auto words = Generator{}({{k, part, 0, 0}}, key_);
        return {words[0], words[1], words[2], words[3]};
    }

    /// A number in (0, 1): the first of item `k`'s draws.
    [[nodiscard]] double unit(std::uint64_t k) const { return open_unit(block(k)[0]); }

    /// All words of item `k`, as many as anyone asks for.
    [[nodiscard]] Draws draws(std::uint64_t k) const;

    /// The stream read in turn, for uses where order is the address. It shares no word with any item's draws.
    [[nodiscard]] Sequence sequence() const;

private:
    using Generator = r123::Threefry4x64_R<13>;

    Generator::key_type key_;
};

/// The words of one item of a stream, made four at a time when the first of them is asked for.
class Draws {
public:
    Draws(const Stream& stream, std::uint64_t item) : stream_(stream), item_(item) {}

    [[nodiscard]] std::uint64_t word() {
        const auto at = static_cast<std::size_t>(taken_ % 4);
        if (at == 0) block_ = stream_.block(item_, taken_ / 4);
        ++taken_;
        return block_[at];
    }

    /// The next number in (0, 1).
    [[nodiscard]] double unit() { return open_unit(word()); }

private:
    Stream stream_;
    std::uint64_t item_;
    std::uint64_t taken_ = 0;
    Stream::Block block_{};
};

/// A stream read one word after the other.
class Sequence {
public:
    explicit Sequence(const Stream& stream) : stream_(stream) {}

    [[nodiscard]] std::uint64_t word() {
        const auto at = static_cast<std::size_t>(taken_ % 4);
        if (at == 0) block_ = stream_.block(taken_ / 4, sequence_part);
        ++taken_;
        return block_[at];
    }

    /// The next number in (0, 1).
    [[nodiscard]] double unit() { return open_unit(word()); }

private:
    // The last part an item could have: no item's draws ever reach it.
    static constexpr std::uint64_t sequence_part = ~std::uint64_t{0};

    Stream stream_;
    std::uint64_t taken_ = 0;
    Stream::Block block_{};
};

inline Draws Stream::draws(std::uint64_t k) const { return Draws{*this, k}; }

inline Sequence Stream::sequence() const { return Sequence{*this}; }

}  // namespace fleetsim::des

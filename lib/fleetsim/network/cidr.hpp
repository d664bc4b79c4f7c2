#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace fleetsim::network {

inline constexpr int address_bits = 32;

/// A block of IPv4 addresses: all whose first `prefix_length` bits are those of `address`.
///
/// Left out: IPv6.
struct Cidr {
    std::uint32_t address = 0;  ///< Any of the block's, as it was written.
    int prefix_length = 0;      ///< 0 to 32.
    friend bool operator==(const Cidr&, const Cidr&) = default;
};

/// Every address there is: `0.0.0.0/0`.
inline constexpr Cidr everywhere{};

[[nodiscard]] constexpr std::uint64_t size(const Cidr& block) {
    return std::uint64_t{1} << (address_bits - block.prefix_length);
}

[[nodiscard]] constexpr std::uint32_t first_address(const Cidr& block) {
    return block.address & ~static_cast<std::uint32_t>(size(block) - 1);
}

[[nodiscard]] constexpr std::uint32_t last_address(const Cidr& block) {
    return block.address | static_cast<std::uint32_t>(size(block) - 1);
}

/// The same block, named by its first address.
[[nodiscard]] constexpr Cidr canonical(const Cidr& block) { return {first_address(block), block.prefix_length}; }

/// Does all of `inner` lie in `outer`? If neither lies in the other, the two are apart.
[[nodiscard]] constexpr bool contains(const Cidr& outer, const Cidr& inner) {
    return first_address(outer) <= first_address(inner) && last_address(inner) <= last_address(outer);
}

/// Does every address of `place` lie in one of the blocks? Two halves make a whole: `0.0.0.0/1` and `128.0.0.0/1` are
/// everywhere. Takes the time of sorting the blocks.
[[nodiscard]] inline bool covers(std::span<const Cidr> blocks, const Cidr& place) {
    std::vector<Cidr> sorted(blocks.begin(), blocks.end());
    std::sort(sorted.begin(), sorted.end(),
              [](const Cidr& a, const Cidr& b) { return first_address(a) < first_address(b); });
    std::uint64_t next = first_address(place);
    for (const Cidr& block : sorted) {
        if (first_address(block) <= next) next = std::max(next, last_address(block) + std::uint64_t{1});
    }
    return next > last_address(place);
}

namespace detail {

/// The number at the front of `text`, which it then no longer holds. None if it does not begin with one of at most
/// `most`, or with zeros that say nothing: some programs read these as octal.
[[nodiscard]] inline std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t most) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const auto length = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || number > most || (length > 1 && text.front() == '0')) return std::nullopt;
    text.remove_prefix(length);
    return number;
}

[[nodiscard]] inline bool take(std::string_view& text, char letter) {
    if (text.empty() || text.front() != letter) return false;
    text.remove_prefix(1);
    return true;
}

}  // namespace detail

/// Reads `10.0.1.0/24`. The address may be any of the block: whoever wants the first asks `canonical`.
[[nodiscard]] inline std::optional<Cidr> parse_cidr(std::string_view text) {
    Cidr block;
    for (int i = 0; i < 4; ++i) {
        if (i > 0 && !detail::take(text, '.')) return std::nullopt;
        const auto octet = detail::take_number(text, 255);
        if (!octet) return std::nullopt;
        block.address = block.address << 8U | *octet;
    }
    if (!detail::take(text, '/')) return std::nullopt;
    const auto prefix_length = detail::take_number(text, address_bits);
    if (!prefix_length || !text.empty()) return std::nullopt;
    block.prefix_length = static_cast<int>(*prefix_length);
    return block;
}

/// What `parse_cidr` reads.
[[nodiscard]] inline std::string text_of(const Cidr& block) {
    std::string text;
    for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string(block.address >> static_cast<unsigned>(shift) & 255U);
        text += shift > 0 ? '.' : '/';
    }
    return text + std::to_string(block.prefix_length);
}

}  // namespace fleetsim::network

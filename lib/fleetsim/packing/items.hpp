#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <fleetsim/des/check.hpp>

namespace fleetsim::packing {

/// Items to be packed into as few bins as possible, all bins alike: vector bin packing, with one dimension the
/// classical problem.
struct Items {
    std::string name;
    std::vector<std::int32_t> capacity;  ///< Of a bin, by dimension; never empty, each at least 1.
    /// By item, then by dimension; none exceeds the capacity. With one dimension none is negative; with several some
    /// published instances have sizes down to -2 % of the capacity, which give room back to their bin.
    std::vector<std::int32_t> sizes;

    [[nodiscard]] std::size_t dimensions() const { return capacity.size(); }
    [[nodiscard]] std::size_t count() const { return sizes.size() / dimensions(); }
    [[nodiscard]] std::span<const std::int32_t> size_of(std::size_t item) const {
        return {sizes.data() + item * dimensions(), dimensions()};
    }
};

/// Which items lie in which bin. No bin is empty.
using Bins = std::vector<std::vector<std::uint32_t>>;

}  // namespace fleetsim::packing

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/items.hpp>
#include <fleetsim/packing/open_bins.hpp>

namespace fleetsim::packing {

/// From seven classes on the worst case of Harmonic is below First Fit's 1.7.
inline constexpr std::int32_t harmonic_classes = 7;

/// Harmonic-k, one dimension only: an item of a size in (capacity/(j+1), capacity/j] shares its bin with items of the
/// same class j, j to a bin. Class k holds everything smaller and is packed by Next Fit.
///
/// Source: Lee and Lee, "A simple on-line bin-packing algorithm" (1985).
[[nodiscard]] inline Bins harmonic(const Items& items, std::int32_t classes = harmonic_classes) {
    FLEETSIM_CHECK(items.dimensions() == 1 && classes >= 1);
    constexpr std::size_t none = ~std::size_t{0};
    OpenBins open{items};
    std::vector<std::size_t> bin_of(static_cast<std::size_t>(classes) + 1, none);
    for (std::size_t item = 0; item < items.count(); ++item) {
        const std::int32_t size = items.sizes[item];
        const std::int32_t of_size = size > 0 ? std::min(items.capacity[0] / size, classes) : classes;
        std::size_t& bin = bin_of[static_cast<std::size_t>(of_size)];
        // j items of class j always fit one bin, and j + 1 never do: fitting is counting.
        if (bin != none && open.fits(item, bin)) {
            open.put(item, bin);
        } else {
            open.open_for(item);
            bin = open.count() - 1;
        }
    }
    return std::move(open).bins();
}

}  // namespace fleetsim::packing

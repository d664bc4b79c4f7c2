#pragma once

#include <string_view>

namespace fleetsim::cloud {

/// Is `us-east-1a` an Availability Zone of region `us-east-1`? A zone is its region and one letter, from a to f.
///
/// Source: Amazon EC2 User Guide, "Regions and Zones".
/// Left out: which letters an account has; Local and Wavelength Zones.
[[nodiscard]] constexpr bool is_zone_of(std::string_view zone, std::string_view region) {
    return !region.empty() && zone.size() == region.size() + 1 && zone.starts_with(region) && zone.back() >= 'a' &&
           zone.back() <= 'f';
}

}  // namespace fleetsim::cloud

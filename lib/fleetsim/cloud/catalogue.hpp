#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/cloud/instance_type.hpp>

namespace fleetsim::cloud {

/// Date of the newest prices in the catalogue; `price_date` tells each region's own.
inline constexpr std::string_view catalogue_date = "2026-07-20";

/// Day on which the catalogue's on-demand prices of a region were valid.
///
/// Source: the price lists named in the catalogue's README.
[[nodiscard]] constexpr std::string_view price_date(std::string_view region) {
    return region == "us-east-1" || region == "us-gov-west-1" ? catalogue_date : "2025-04-04";
}

/// Immutable table of instance types and their on-demand prices (Linux, shared tenancy, US dollars without tax).
class Catalogue {
public:
    /// Reads the form described in the catalogue's README. The text is ours, so a malformed one is an internal fault.
    explicit Catalogue(std::string_view csv);

    /// By family, then size.
    [[nodiscard]] std::span<const InstanceType> types() const { return types_; }
    [[nodiscard]] std::span<const std::string> regions() const { return regions_; }
    /// In the order of `types()`, to suggest a name from. The views live as long as the catalogue.
    [[nodiscard]] std::vector<std::string_view> type_names() const;

    /// Null when there is no such type; names are spelled as AWS does.
    [[nodiscard]] const InstanceType* find(std::string_view type) const;

    /// Absent when the type is not offered in the region, or its price, the type or the region is not known.
    [[nodiscard]] std::optional<double> price_usd_per_hour(std::string_view type, std::string_view region) const;

private:
    void read_type(std::string_view line);
    [[nodiscard]] std::optional<std::size_t> position(std::string_view type) const;

    std::vector<std::string> regions_;
    std::vector<InstanceType> types_;
    std::vector<std::uint32_t> by_name_;         ///< Positions in `types_`, sorted by name.
    std::vector<std::optional<double>> prices_;  ///< One row of `regions_.size()` for each type.
};

/// The catalogue this program was built with, read once at its first use.
[[nodiscard]] const Catalogue& catalogue();

}  // namespace fleetsim::cloud

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/cloud/instance_type.hpp>
#include <fleetsim/cloud/spot.hpp>

namespace fleetsim::cloud {

/// Date of the newest prices in the catalogue; `price_date` tells each region's own.
inline constexpr std::string_view catalogue_date = "2026-07-20";

/// Day on which the catalogue's on-demand prices of a region were valid.
///
/// Source: the price lists named in the catalogue's README.
[[nodiscard]] constexpr std::string_view price_date(std::string_view region) {
    return region == "us-east-1" || region == "us-gov-west-1" ? catalogue_date : "2025-04-04";
}

/// Day of the catalogue's Spot facts, each of which tells of the month before.
inline constexpr std::string_view spot_date = "2025-06-28";

/// Immutable table of instance types, their on-demand prices (Linux, shared tenancy, US dollars without tax) and what
/// is known of them as Spot capacity.
class Catalogue {
public:
    /// Reads the forms described in the catalogue's README. The texts are ours, so a malformed one is an internal
    /// fault. The second may tell of a part of the first one's types and regions, or be empty.
    explicit Catalogue(std::string_view csv, std::string_view spot_csv = {});

    /// By family, then size.
    [[nodiscard]] std::span<const InstanceType> types() const { return types_; }
    [[nodiscard]] std::span<const std::string> regions() const { return regions_; }
    /// In the order of `types()`, to suggest a name from. The views live as long as the catalogue.
    [[nodiscard]] std::vector<std::string_view> type_names() const;

    /// Null when there is no such type; names are spelled as AWS does.
    [[nodiscard]] const InstanceType* find(std::string_view type) const;

    /// Absent when the type is not offered in the region, or its price, the type or the region is not known.
    [[nodiscard]] std::optional<double> price_usd_per_hour(std::string_view type, std::string_view region) const;

    /// Absent when the type or the region is not known, or nothing is known of their Spot capacity.
    [[nodiscard]] std::optional<SpotFacts> spot_facts(std::string_view type, std::string_view region) const;

private:
    void read_type(std::string_view line);
    void read_spot_type(std::string_view line, std::span<const std::size_t> columns);
    [[nodiscard]] std::optional<std::size_t> position(std::string_view type) const;
    [[nodiscard]] std::optional<std::size_t> region_column(std::string_view region) const;
    /// Where the tables below have the two.
    [[nodiscard]] std::optional<std::size_t> cell(std::string_view type, std::string_view region) const;

    std::vector<std::string> regions_;
    std::vector<InstanceType> types_;
    std::vector<std::uint32_t> by_name_;          ///< Positions in `types_`, sorted by name.
    std::vector<std::optional<double>> prices_;   ///< One row of `regions_.size()` for each type.
    std::vector<std::optional<SpotFacts>> spot_;  ///< Likewise.
};

/// The catalogue this program was built with, read once at its first use.
[[nodiscard]] const Catalogue& catalogue();

}  // namespace fleetsim::cloud

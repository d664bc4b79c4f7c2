#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <fleetsim/cloud/catalogue.hpp>

/// The catalogue as a person searches it: instance types by size, region and price.
namespace fleetsim::report {

/// Both ends belong to it.
struct Bounds {
    double min = 0;
    double max = std::numeric_limits<double>::infinity();

    [[nodiscard]] bool contains(double value) const { return min <= value && value <= max; }
};

/// `4`, `8:16`, `8:` or `:16`; absent when it is none of these or the ends are crossed.
[[nodiscard]] std::optional<Bounds> parse_bounds(std::string_view text);

enum class InstanceOrder : std::uint8_t { price, name, vcpu, memory, gpu };

struct InstanceQuery {
    std::string name_part;  ///< Somewhere in the type's name; empty: any.
    Bounds vcpu;
    Bounds memory_gib;
    Bounds gpus;
    std::string architecture;  ///< `x86_64` or `arm64`; empty: any.
    std::string region = "us-east-1";
    InstanceOrder order = InstanceOrder::price;
};

struct InstanceRow {
    cloud::InstanceType type;
    double price_usd_per_hour = 0;  ///< On demand, Linux.
};

/// The types that are offered in the region and fit the query, in its order; equals keep the catalogue's order.
[[nodiscard]] std::vector<InstanceRow> select(const cloud::Catalogue& catalogue, const InstanceQuery& query);

/// A table, and below it how many of how many types it shows and of which day the prices are.
[[nodiscard]] std::string instances_text(const std::vector<InstanceRow>& rows, const InstanceQuery& query,
                                         std::size_t types_in_catalogue);
[[nodiscard]] nlohmann::ordered_json instances_json(const std::vector<InstanceRow>& rows, const InstanceQuery& query);
[[nodiscard]] std::string instances_csv(const std::vector<InstanceRow>& rows);

}  // namespace fleetsim::report

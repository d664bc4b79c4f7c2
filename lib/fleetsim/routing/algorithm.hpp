#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include <fleetsim/routing/least_outstanding_requests.hpp>
#include <fleetsim/routing/round_robin.hpp>

namespace fleetsim::routing {

/// `load_balancing.algorithm.type` of a target group. A new algorithm is one header and one entry here; the scenario
/// reader and the documents take their names from this list.
using Algorithm = std::variant<RoundRobin, LeastOutstandingRequests>;

inline constexpr auto algorithm_names = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<std::string_view, sizeof...(I)>{std::variant_alternative_t<I, Algorithm>::name...};
}
(std::make_index_sequence<std::variant_size_v<Algorithm>>{});

/// The algorithm of that name.
[[nodiscard]] inline std::optional<Algorithm> algorithm(std::string_view name) {
    std::optional<Algorithm> found;
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        ((std::variant_alternative_t<I, Algorithm>::name == name ? void(found.emplace(std::in_place_index<I>))
                                                                 : void()),
         ...);
    }
    (std::make_index_sequence<std::variant_size_v<Algorithm>>{});
    return found;
}

/// The algorithm's choice; `rotation` is not empty and `outstanding` is indexed by target.
[[nodiscard]] inline std::uint32_t choose(const Algorithm& algorithm, Rotation& rotation,
                                          std::span<const std::uint32_t> outstanding) {
    if (std::holds_alternative<RoundRobin>(algorithm)) return RoundRobin::choose(rotation, outstanding);
    return std::visit([&](const auto& chosen) { return chosen.choose(rotation, outstanding); }, algorithm);
}

}  // namespace fleetsim::routing

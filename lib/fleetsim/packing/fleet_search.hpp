#pragma once

#include <cstdint>
#include <span>

#include <fleetsim/packing/fleet_cover.hpp>
#include <fleetsim/packing/pattern_cover.hpp>

namespace fleetsim::packing {

/// A cheap plan, from the patterns that the relaxation uses most and then by destroying and repairing: a few instances
/// are taken away, preferably badly used ones, and their tasks go to free room or to new instances, chosen by what they
/// hold for their price. Equal plans are accepted when they gather what is wasted on fewer instances. It ends when the
/// work is used up or the plan costs no more than `bound`.
[[nodiscard]] CoverPlan search_plan(const FleetCover& cover, const CoverBound& relaxation, std::int64_t bound,
                                    std::uint64_t seed, std::int64_t most_work);

}  // namespace fleetsim::packing

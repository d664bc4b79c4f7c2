#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/packing/kubernetes_requests.hpp>
#include <fleetsim/packing/policy.hpp>

namespace fleetsim::packing {

/// A point of the line that turns a resource's utilisation into its score.
struct ShapePoint {
    std::int64_t utilisation_percent = 0;
    std::int64_t score = 0;  ///< 0 to 10.
};

/// CPU and memory each get the score of their utilisation, the pod included, on a broken line through the points, flat
/// outside; resources that score nothing are left out of the mean. With the points 0 -> 0 and 100 -> 10, the default,
/// it packs; with 0 -> 10 and 100 -> 0 it spreads.
///
/// Source: Kubernetes, "Resource Bin Packing", NodeResourcesFit with the strategy RequestedToCapacityRatio.
/// Left out: ties are broken by node order, where kube-scheduler draws among them.
class RequestedToCapacityRatio {
public:
    static constexpr std::string_view name = "requested_to_capacity_ratio";
    static constexpr bool timeless = true;

    RequestedToCapacityRatio() : RequestedToCapacityRatio({{0, 0}, {100, 10}}) {}

    /// At least one point, by rising utilisation.
    explicit RequestedToCapacityRatio(std::vector<ShapePoint> shape) : shape_(std::move(shape)) {
        FLEETSIM_CHECK(!shape_.empty());
        for (std::size_t i = 1; i < shape_.size(); ++i) {
            FLEETSIM_CHECK(shape_[i - 1].utilisation_percent < shape_[i].utilisation_percent);
        }
    }

    [[nodiscard]] double score(const Node& node, const Arrival& pod) const {
        std::int64_t sum = 0;
        std::int64_t counted = 0;
        for (const Requested& of : requested_for_fit(pod.demand, node)) {
            const bool full = of.allocatable == 0 || of.amount > of.allocatable;
            const std::int64_t resource = score_of(full ? 100 : of.amount * 100 / of.allocatable);
            if (resource <= 0) continue;
            sum += resource;
            ++counted;
        }
        // Rounded, halves up.
        return counted == 0 ? 0 : static_cast<double>((2 * sum + counted) / (2 * counted));
    }

    /// 0 to 100.
    [[nodiscard]] std::int64_t score_of(std::int64_t utilisation_percent) const {
        constexpr std::int64_t scale = 10;
        for (std::size_t i = 0; i < shape_.size(); ++i) {
            const ShapePoint& right = shape_[i];
            if (utilisation_percent > right.utilisation_percent) continue;
            if (i == 0) return scale * right.score;
            const ShapePoint& left = shape_[i - 1];
            return scale * left.score + scale * (right.score - left.score) *
                                            (utilisation_percent - left.utilisation_percent) /
                                            (right.utilisation_percent - left.utilisation_percent);
        }
        return scale * shape_.back().score;
    }

private:
    std::vector<ShapePoint> shape_;
};
static_assert(ScoringPolicy<RequestedToCapacityRatio>);

}  // namespace fleetsim::packing

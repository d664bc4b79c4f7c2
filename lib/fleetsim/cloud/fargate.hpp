#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string_view>

#include <fleetsim/des/time.hpp>

namespace fleetsim::cloud {

/// What a task on Fargate costs, Linux.
struct FargatePrice {
    double usd_per_vcpu_hour = 0;
    double usd_per_gb_hour = 0;
};

/// On demand in us-east-1.
///
/// Source: AWS Fargate pricing.
inline constexpr FargatePrice fargate_x86_64{0.04048, 0.004445};
inline constexpr FargatePrice fargate_arm64{0.03238, 0.00356};

/// What Fargate Spot saves; a model decision within what AWS says ("up to 70 %").
inline constexpr double fargate_spot_discount = 0.7;

[[nodiscard]] constexpr FargatePrice fargate_price(std::string_view architecture, bool spot) {
    const FargatePrice price = architecture == "arm64" ? fargate_arm64 : fargate_x86_64;
    const double share = spot ? 1 - fargate_spot_discount : 1;
    return {share * price.usd_per_vcpu_hour, share * price.usd_per_gb_hour};
}

/// Seconds billed for a task, from the download of its images until it ends: every second begun, and a minute at least.
///
/// Source: AWS Fargate pricing.
/// Left out: Windows, with five minutes at least.
[[nodiscard]] constexpr std::chrono::seconds fargate_billed(des::Duration life) {
    return std::max(std::chrono::ceil<std::chrono::seconds>(life), std::chrono::seconds{60});
}

/// Resources times time, as Fargate bills them.
struct FargateUsage {
    std::int64_t cpu_unit_seconds = 0;
    std::int64_t mib_seconds = 0;

    [[nodiscard]] double vcpu_hours() const { return static_cast<double>(cpu_unit_seconds) / 1024 / 3600; }
    [[nodiscard]] double gb_hours() const { return static_cast<double>(mib_seconds) / 1024 / 3600; }
};

}  // namespace fleetsim::cloud

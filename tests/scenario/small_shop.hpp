#pragma once

#include <string>
#include <string_view>

#include <fleetsim/scenario/load.hpp>

/// A small scenario without any fault, and ways to spoil it.
namespace fleetsim::scenario::test {

inline constexpr std::string_view small_shop = R"(fleetsim: 1
name: shop
region: us-east-1
duration: 24h
auto_scaling_groups:
  web:
    instance_type: m5.large
    availability_zones: [us-east-1a, us-east-1b]
    max_size: 4
clusters:
  main:
    capacity_providers:
      - auto_scaling_group: web
services:
  front:
    cluster: main
    task: {cpu: 256, memory: 512}
    serving: {workers: 2, service_time: 10ms}
    calls: [{service: back, probability: 0.5}]
  back:
    cluster: main
    task: {cpu: 256, memory: 512}
    serving: {service_time: 20ms}
load_balancers:
  public:
    listeners:
      - {port: 80, default: front}
traffic:
  visitors:
    to: public
    rate: 10/s
)";

/// The task definition of each of its services, as it stands there.
inline constexpr std::string_view front_task = "task: {cpu: 256, memory: 512}";

/// The text with the one place that reads `old` replaced.
[[nodiscard]] inline std::string with(std::string_view text, std::string_view old, std::string_view replacement) {
    const std::size_t at = text.find(old);
    if (at == std::string_view::npos) return "the test's own text does not contain: " + std::string(old);
    return std::string(text.substr(0, at)) + std::string(replacement) + std::string(text.substr(at + old.size()));
}

[[nodiscard]] inline Loaded load(std::string_view text, const Overrides& overrides = {}) {
    return load_text(text, "shop.yaml", ".", overrides);
}

}  // namespace fleetsim::scenario::test

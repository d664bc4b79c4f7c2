#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <fleetsim/packing/items.hpp>

namespace fleetsim::packing {

/// What an offline algorithm may be told. Heuristics without chance or search need none of it.
struct OfflineOptions {
    std::uint64_t seed = 1;
    /// Wall-clock time that a search may take. Absent, it takes a fixed number of steps, which makes its result the
    /// same on every machine.
    std::optional<double> seconds = {};
    /// Elementary steps that a search may take, about a nanosecond each; absent, the algorithm's own number. Not
    /// looked at when `seconds` are given.
    std::optional<std::uint64_t> steps = {};
};

/// One way of packing items of which all are known beforehand. Anyone can make one.
struct OfflineAlgorithm {
    std::string name;
    std::function<Bins(const Items&, const OfflineOptions&)> pack;
    /// Why these items are not for it, or nothing when they are. May be empty: it then takes all.
    std::function<std::optional<std::string>(const Items&)> refuses = {};
};

/// What is left of a search's time.
class Budget {
public:
    Budget(const OfflineOptions& options, std::uint64_t default_steps) : steps_(options.steps.value_or(default_steps)) {
        if (options.seconds) {
            end_ = std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                          std::chrono::duration<double>(*options.seconds));
        }
    }

    void spend(std::uint64_t steps) { spent_ += steps; }

    [[nodiscard]] bool exhausted() {
        if (!end_) return spent_ >= steps_;
        // The clock is asked about every ten microseconds.
        if (spent_ - asked_at_ >= 10'000) {
            asked_at_ = spent_;
            late_ = std::chrono::steady_clock::now() >= *end_;
        }
        return late_;
    }

private:
    std::uint64_t steps_;
    std::uint64_t spent_ = 0;
    std::optional<std::chrono::steady_clock::time_point> end_ = {};
    std::uint64_t asked_at_ = 0;
    bool late_ = false;
};

/// What algorithms of one dimension answer to items of several.
[[nodiscard]] inline std::optional<std::string> several_dimensions(const Items& items) {
    if (items.dimensions() == 1) return {};
    return "it packs items of one dimension, and these have " + std::to_string(items.dimensions());
}

}  // namespace fleetsim::packing

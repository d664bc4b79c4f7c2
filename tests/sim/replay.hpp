#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <fleetsim/des/time.hpp>
#include <fleetsim/sim/result.hpp>

/// What the rows tell of each instance, without a look at the engine.
namespace fleetsim::sim::testing {

struct Story {
    std::string group;  ///< `auto_scaling_group/fleet`
    std::string zone;
    std::string type;  ///< Empty in groups of one type.
    bool spot = false;
    bool counts = false;  ///< Towards its group's capacity: pending or in service.
    bool in_service = false;
    bool in_pool = false;  ///< On its way into the warm pool, or there.
    bool running = false;
};

/// Follows the rows one after the other.
class Replay {
public:
    void apply(const EventRow& row) {
        if (row.instance.empty() || !is_about_instance(row.event)) return;
        Story& story = stories_[row.instance];
        if (row.event == "instance_launch") begin(story, row);
        if (row.event == "instance_running") story.running = true;
        if (row.event == "instance_in_service") story.in_service = true;
        if (row.event == "instance_start") enter_capacity(story);
        if (row.event == "instance_warming") leave_capacity(story, true);
        if (row.event == "instance_stopping") story.running = false;
        const bool keeps_serving = row.event == "instance_draining" && row.reason == "Spot interruption notice";
        if ((row.event == "instance_draining" && !keeps_serving) || row.event == "instance_terminating") {
            leave_capacity(story, false);
        }
        if (row.event == "instance_shutting_down") {
            leave_capacity(story, false);
            story.running = false;
        }
    }

    [[nodiscard]] const std::map<std::string, Story>& stories() const { return stories_; }
    [[nodiscard]] const Story& of(const std::string& instance) const { return stories_.at(instance); }

    template <class Counts>
    [[nodiscard]] int count(Counts counts) const {
        int number = 0;
        for (const auto& [name, story] : stories_) number += counts(story) ? 1 : 0;
        return number;
    }

private:
    static bool is_about_instance(std::string_view event) { return event.substr(0, 9) == "instance_"; }

    static void begin(Story& story, const EventRow& row) {
        story.group = row.resource;
        story.zone = row.zone;
        const auto bought = [&](std::string_view option) {
            const auto found = row.reason.rfind(option);
            if (found == std::string::npos) return false;
            story.type = row.reason.substr(found + option.size());
            return true;
        };
        story.spot = bought(": Spot ");
        if (!story.spot) bought(": On-Demand ");
        const std::string reason = row.reason.substr(0, row.reason.find(": "));
        story.in_pool = reason == "filling the warm pool" || reason == "in the warm pool when the scenario starts";
        story.counts = !story.in_pool;
        story.in_service = reason == "in service when the scenario starts";
    }
    static void enter_capacity(Story& story) {
        story.counts = true;
        story.in_pool = false;
    }
    static void leave_capacity(Story& story, bool to_pool) {
        story.counts = false;
        story.in_service = false;
        story.in_pool = to_pool;
    }

    std::map<std::string, Story> stories_;
};

/// As things stand once everything has happened that happens at that instant.
inline Replay as_of(const Result& result, des::Time at) {
    Replay replay;
    for (const EventRow& row : result.events) {
        if (row.at <= at) replay.apply(row);
    }
    return replay;
}

inline int in_capacity(const Result& result, des::Time at) {
    return as_of(result, at).count([](const Story& story) { return story.counts; });
}
inline int in_service(const Result& result, des::Time at) {
    return as_of(result, at).count([](const Story& story) { return story.in_service; });
}
inline int in_warm_pool(const Result& result, des::Time at) {
    return as_of(result, at).count([](const Story& story) { return story.in_pool; });
}
inline int running(const Result& result, des::Time at) {
    return as_of(result, at).count([](const Story& story) { return story.running; });
}

/// Instances in capacity by zone: `a4 b3`.
inline std::string zones_at(const Result& result, des::Time at) {
    std::map<char, int> zones;
    const Replay replay = as_of(result, at);
    for (const auto& [name, story] : replay.stories()) zones[story.zone.back()] += story.counts ? 1 : 0;
    std::string text;
    for (const auto& [zone, number] : zones) {
        text += (text.empty() ? "" : " ") + std::string{zone} + std::to_string(number);
    }
    return text;
}

/// Instances in capacity, on demand and Spot: `6+4`.
inline std::string purchases_at(const Result& result, des::Time at) {
    const Replay replay = as_of(result, at);
    const int spot = replay.count([](const Story& story) { return story.counts && story.spot; });
    return std::to_string(in_capacity(result, at) - spot) + "+" + std::to_string(spot);
}

}  // namespace fleetsim::sim::testing

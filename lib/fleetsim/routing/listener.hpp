#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace fleetsim::routing {

/// Whether a request path matches an ALB path pattern: `*` stands for any run of characters (also `/` and none), `?`
/// for exactly one; case counts; the whole path must match. Cost: O(pattern × path) at worst, no allocation.
///
/// Source: Application Load Balancers User Guide, "Rule condition types".
[[nodiscard]] constexpr bool path_matches(std::string_view pattern, std::string_view path) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < path.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == path[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') ++p;
    return p == pattern.size();
}

/// One rule of a listener: requests whose path matches go to `forward`.
template <class Target>
struct PathRule {
    std::int32_t priority = 0;  ///< 1 to 50,000, unique in its listener; the lowest that matches wins.
    std::string path_pattern;
    Target forward;
};

template <class Target>
struct Listener {
    std::uint16_t port = 80;
    bool https = false;
    std::vector<PathRule<Target>> rules;
    Target default_target;
};

/// Where a listener sends a request: the matching rule of lowest priority, else the default.
template <class Target>
[[nodiscard]] Target forward(const Listener<Target>& listener, std::string_view path) {
    const PathRule<Target>* chosen = nullptr;
    for (const PathRule<Target>& rule : listener.rules) {
        if (!path_matches(rule.path_pattern, path)) continue;
        if (chosen == nullptr || rule.priority < chosen->priority) chosen = &rule;
    }
    return chosen != nullptr ? chosen->forward : listener.default_target;
}

}  // namespace fleetsim::routing

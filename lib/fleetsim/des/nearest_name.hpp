#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fleetsim::des {

namespace detail {

/// ASCII only: every name we compare is ASCII, and the C library's version depends on the locale.
[[nodiscard]] constexpr char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

[[nodiscard]] inline std::string lower(std::string_view text) {
    std::string result{text};
    for (char& letter : result) letter = lower(letter);
    return result;
}

}  // namespace detail

/// Edits that turn one word into the other: a letter added, removed, replaced, or two neighbours swapped. Upper and
/// lower case are the same letter.
///
/// This is the Damerau-Levenshtein distance in its restricted form: a swapped pair is not edited again.
[[nodiscard]] inline std::size_t edit_distance(std::string_view one, std::string_view other) {
    const std::string a = detail::lower(one);
    const std::string b = detail::lower(other);
    std::vector<std::size_t> before_last(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;

    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

namespace detail {

/// Could a person who typed `wanted` have meant `candidate`? At most a third of the longer word may differ, or one of
/// them is the beginning of the other (`desired` for `desired_count`).
[[nodiscard]] inline bool plausible(std::string_view wanted, std::string_view candidate, std::size_t distance) {
    const std::size_t longer = std::max(wanted.size(), candidate.size());
    const std::size_t shorter = std::min(wanted.size(), candidate.size());
    constexpr std::size_t telling_beginning = 3;
    const bool beginning = shorter >= telling_beginning && distance == longer - shorter &&
                           lower(wanted.substr(0, shorter)) == lower(candidate.substr(0, shorter));
    return beginning || (distance < longer && distance <= std::max<std::size_t>(1, longer / 3));
}

}  // namespace detail

/// The names a person may have meant, nearest first and at most `limit`; equally near ones in the candidates' order.
/// Empty when nothing is near. Names more than half as far again as the nearest are left out, since a word with one
/// wrong letter has one meaning. `candidates` is any range of what converts to `std::string_view`.
template <class Range>
[[nodiscard]] std::vector<std::string> nearest_names(std::string_view wanted, const Range& candidates,
                                                     std::size_t limit = 3) {
    std::vector<std::pair<std::size_t, std::string_view>> found;
    for (const auto& candidate : candidates) {
        const std::string_view name{candidate};
        const std::size_t distance = edit_distance(wanted, name);
        if (detail::plausible(wanted, name, distance)) found.emplace_back(distance, name);
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });

    std::vector<std::string> names;
    for (const auto& [distance, name] : found) {
        if (names.size() == limit || 2 * distance > 3 * found.front().first) break;
        names.emplace_back(name);
    }
    return names;
}

/// `a, b or c`, or with another word before the last.
template <class Range>
[[nodiscard]] std::string listed(const Range& names, std::string_view conjunction = "or") {
    std::string list;
    std::size_t index = 0;
    for (const auto& name : names) {
        if (index > 0) list += index + 1 == names.size() ? " " + std::string(conjunction) + " " : ", ";
        list += std::string_view(name);
        ++index;
    }
    return list;
}

/// `did you mean a?`, or `did you mean a, b or c?`; empty when there are none.
[[nodiscard]] inline std::string did_you_mean(const std::vector<std::string>& names) {
    return names.empty() ? std::string{} : "did you mean " + listed(names) + "?";
}

}  // namespace fleetsim::des

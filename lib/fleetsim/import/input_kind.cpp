#include <string_view>

#include <fleetsim/import/arrival_bins.hpp>
#include <fleetsim/import/input_kind.hpp>
#include <fleetsim/import/items_files.hpp>
#include <fleetsim/import/task_definitions.hpp>

namespace fleetsim::import {

namespace {

/// The first line that is not a comment of YAML.
[[nodiscard]] std::string_view first_line(std::string_view text) {
    Lines lines{text};
    while (lines.next()) {
        const std::string_view line = lines.line();
        if (line.front() != '#' && line != "---") return line;
    }
    return {};
}

}  // namespace

InputKind kind_of(const FileReading& reading) {
    if (reading.files.size() != 1) return InputKind::items;
    const std::string_view text = reading.files.front().text;
    if (looks_like_items(text)) return InputKind::items;
    if (looks_like_arrival_bins(text)) return InputKind::trace;
    if (looks_like_task_definitions(text)) return InputKind::tasks;
    // Only YAML has a key and a colon where a list has names and commas.
    return first_line(text).find(':') == std::string_view::npos ? InputKind::trace : InputKind::scenario;
}

}  // namespace fleetsim::import

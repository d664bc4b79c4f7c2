#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include <fleetsim/import/archive.hpp>
#include <fleetsim/import/problems.hpp>
#include <fleetsim/packing/items.hpp>

namespace fleetsim::import {

/// Instances, or why there are none: with errors among the problems the list is empty.
struct ItemsReading {
    std::vector<packing::Items> instances;
    Problems problems;
};

/// The most numbers (items times dimensions) of one instance.
inline constexpr std::size_t most_sizes = 50'000'000;

/// Whether a text begins as an instance does: with whole numbers, and nothing else on their lines.
[[nodiscard]] bool looks_like_items(std::string_view text);

/// Reads one instance, whole numbers between blanks, in either of two forms:
/// - one dimension: the number of items, the capacity, the sizes;
/// - several: the number of dimensions d; d capacities; the number of types; for each type a line of d sizes and of how
///   many items of it there are. Types come out item by item, in the order of the file.
///
/// The second is told by its second line, which has d numbers, or with d = 1 by lines of two numbers. An item larger
/// than the bin is an error that names it.
[[nodiscard]] std::optional<packing::Items> parse_items(const TextFile& file, scenario::Diagnostics& diagnostics);

/// All instances of what the file `name` held. Each is named as its file, without folder and suffix; with the folder
/// where that would name two.
[[nodiscard]] ItemsReading parse_items(const std::vector<TextFile>& files, const std::string& name);

/// All instances of a file or archive, compressed or not.
[[nodiscard]] ItemsReading read_items(const std::filesystem::path& file);

}  // namespace fleetsim::import

#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/import/problems.hpp>

namespace fleetsim::import {

/// A file's contents under the name that messages give it.
struct TextFile {
    std::string name;
    std::string text;
};

/// A file, or what one compressed file held.
struct FileReading {
    std::vector<TextFile> files;  ///< One, or an archive's in its order, named `archive.tar.gz/inner/name.txt`.
    bool archive = false;
    Problems problems;
};

/// More than this, after decompression, is refused; so is an archive of more files.
inline constexpr std::uint64_t largest_contents_bytes = std::uint64_t{1} << 30U;
inline constexpr std::size_t most_files = 100'000;

/// Reads a plain file, one compressed by gzip, or a tar archive, compressed or not. What it is is told from its
/// contents, not from its name. Folders and hidden files of an archive are left out. Compressed data that break off are
/// an error at the last place that was surely read.
[[nodiscard]] FileReading read_file(const std::filesystem::path& file,
                                    std::uint64_t largest_bytes = largest_contents_bytes);

/// The same from memory, where messages call the file `name`.
[[nodiscard]] FileReading unpack(std::string_view bytes, const std::string& name,
                                 std::uint64_t largest_bytes = largest_contents_bytes);

/// A file's name without folder and suffixes: `class1_20_3_0` of `New.tar.gz/class1/class1_20_3_0.vbp`.
[[nodiscard]] std::string stem_of(std::string_view name);

}  // namespace fleetsim::import

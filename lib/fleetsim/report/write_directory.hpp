#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <fleetsim/sim/result.hpp>

namespace fleetsim::report {

/// A file to be: its name inside the folder, and all its bytes.
struct OutputFile {
    std::string name;
    std::string contents;
};

/// Writes `files` into `directory`, which is created if missing. Each goes to a temporary name in the same folder
/// first; when all of them are complete, all are renamed, so a reader never meets half a file. Returns nothing when all
/// is well, else one line that says what failed and the system's reason; then no temporary and no new folder is left.
[[nodiscard]] std::optional<std::string> write_files(const std::filesystem::path& directory,
                                                     const std::vector<OutputFile>& files);

/// Writes `summary.json`, `timeseries.csv` and `events.csv` of a run, as `write_files` does.
[[nodiscard]] std::optional<std::string> write_directory(const sim::Result& result,
                                                         const std::filesystem::path& directory);

}  // namespace fleetsim::report

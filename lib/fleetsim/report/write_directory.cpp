#include <cerrno>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <fleetsim/report/csv.hpp>
#include <fleetsim/report/json.hpp>
#include <fleetsim/report/write_directory.hpp>

namespace fleetsim::report {
namespace {

namespace fs = std::filesystem;

std::error_code last_error() { return {errno, std::generic_category()}; }

std::string failure(std::string_view action, const fs::path& path, const std::error_code& reason) {
    return fmt::format("cannot {} {}: {}", action, path.string(), reason.message());
}

/// Folders and temporaries made so far; whatever is not kept is removed again.
class Draft {
public:
    Draft() = default;
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    ~Draft() {
        std::error_code ignored;
        for (const auto& [temporary, final_path] : files_) fs::remove(temporary, ignored);
        for (auto folder = folders_.rbegin(); folder != folders_.rend(); ++folder) fs::remove(*folder, ignored);
    }

    /// Makes `directory` and whatever is missing above it.
    std::optional<std::string> make(const fs::path& directory) {
        std::error_code error;
        std::vector<fs::path> missing;
        for (fs::path at = directory; !at.empty() && !fs::exists(at, error) && at != at.parent_path();
             at = at.parent_path()) {
            if (error) return failure("use", directory, error);
            missing.push_back(at);
        }
        for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
            if (fs::create_directory(*folder, error)) folders_.push_back(*folder);
            if (error) return failure("create", *folder, error);
        }
        if (!fs::is_directory(directory, error)) {
            return failure("write into", directory, std::make_error_code(std::errc::not_a_directory));
        }
        return std::nullopt;
    }

    std::optional<std::string> write(const fs::path& directory, const OutputFile& file) {
        const fs::path final_path = directory / file.name;
        std::error_code ignored;
        if (fs::is_directory(final_path, ignored)) {
            return failure("write", final_path, std::make_error_code(std::errc::is_a_directory));
        }
        // The process id keeps two runs that write into one folder apart.
        const fs::path temporary = directory / fmt::format(".{}.{}.tmp", file.name, getpid());
        const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
        if (descriptor < 0) return failure("write", final_path, last_error());
        files_.emplace_back(temporary, final_path);

        std::error_code error = write_all(descriptor, file.contents);
        // Some file systems report a full disk only here.
        if (close(descriptor) != 0 && !error) error = last_error();
        if (error) return failure("write", final_path, error);
        return std::nullopt;
    }

    /// Gives every file its name. From here on the folders stay.
    std::optional<std::string> keep() {
        while (!files_.empty()) {
            const auto& [temporary, final_path] = files_.front();
            std::error_code error;
            fs::rename(temporary, final_path, error);
            if (error) return failure("write", final_path, error);
            folders_.clear();
            files_.erase(files_.begin());
        }
        folders_.clear();
        return std::nullopt;
    }

private:
    static std::error_code write_all(int descriptor, std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return last_error();
            bytes.remove_prefix(static_cast<std::size_t>(written));
        }
        return {};
    }

    std::vector<std::pair<fs::path, fs::path>> files_;  ///< Temporary name, final name.
    std::vector<fs::path> folders_;                     ///< Those that were missing, outermost first.
};

}  // namespace

std::optional<std::string> write_files(const fs::path& directory, const std::vector<OutputFile>& files) {
    // "out/" means the folder "out"; without this its last part would be the empty name.
    const fs::path folder = directory.has_filename() ? directory : directory.parent_path();
    Draft draft;
    if (auto problem = draft.make(folder)) return problem;
    for (const OutputFile& file : files) {
        if (auto problem = draft.write(folder, file)) return problem;
    }
    return draft.keep();
}

std::optional<std::string> write_directory(const sim::Result& result, const fs::path& directory) {
    return write_files(directory, {{"summary.json", json_text(to_json(result))},
                                   {"timeseries.csv", timeseries_csv(result)},
                                   {"events.csv", events_csv(result)}});
}

}  // namespace fleetsim::report

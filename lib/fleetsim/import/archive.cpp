#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <fstream>
#include <memory>
#include <optional>
#include <system_error>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <fleetsim/des/check.hpp>
#include <fleetsim/import/archive.hpp>

namespace fleetsim::import {

namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 16U;

struct Closer {
    void operator()(::archive* open) const { archive_read_free(open); }
};
using Archive = std::unique_ptr<::archive, Closer>;

/// Where a text ends: for what is wrong behind it.
[[nodiscard]] scenario::Position end_of(std::string_view text) {
    const int line = 1 + static_cast<int>(std::count(text.begin(), text.end(), '\n'));
    const std::size_t start = text.rfind('\n') == text.npos ? 0 : text.rfind('\n') + 1;
    return {line, column_of(text.substr(start), text.size() - start)};
}

[[nodiscard]] std::string too_large(std::uint64_t largest) {
    return fmt::format("more than {} MiB of contents; fleetsim reads no more", largest >> 20U);
}

[[nodiscard]] std::string damaged(const char* reason) {
    return fmt::format("the compressed data break off or are damaged after this: {}",
                       reason == nullptr ? "no reason given" : reason);
}

[[nodiscard]] bool has_gzip_signature(std::string_view bytes) { return bytes.substr(0, 2) == "\x1F\x8B"; }

[[nodiscard]] bool hidden(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == path.npos ? path : path.substr(slash + 1);
    return name.empty() || name.front() == '.';
}

/// Reads one opened archive to its end, or to the first thing that is wrong.
class Unpacking {
public:
    Unpacking(::archive* open, const std::string& name, std::uint64_t largest, FileReading& out)
        : open_(open), name_(name), left_(largest), largest_(largest), out_(out) {}

    void run() {
        archive_entry* entry = nullptr;
        while (true) {
            const int status = archive_read_next_header(open_, &entry);
            if (status == ARCHIVE_EOF) return;
            // Warnings are about names and dates, which do not matter here.
            if (status < ARCHIVE_WARN) return broken(name_, {}, "");
            out_.archive = archive_format(open_) != ARCHIVE_FORMAT_RAW;
            if (!read_entry(entry)) return;
        }
    }

private:
    bool read_entry(archive_entry* entry) {
        std::string name = name_;
        if (out_.archive) {
            const char* path = archive_entry_pathname(entry);
            if (archive_entry_filetype(entry) != AE_IFREG || path == nullptr || hidden(path)) return true;
            name = fmt::format("{}/{}", name_, path);
        }
        if (out_.files.size() == most_files) {
            out_.problems.of(name_).error({}, fmt::format("more than {} files in one archive", most_files));
            return false;
        }
        std::string text;
        char block[block_bytes];
        while (true) {
            const auto count = archive_read_data(open_, block, sizeof block);
            if (count == 0) break;
            if (count < 0) {
                broken(name, end_of(text), text);
                return false;
            }
            if (static_cast<std::uint64_t>(count) > left_) {
                out_.problems.of(name_).error({}, too_large(largest_));
                return false;
            }
            left_ -= static_cast<std::uint64_t>(count);
            text.append(block, static_cast<std::size_t>(count));
        }
        out_.files.push_back({std::move(name), std::move(text)});
        return true;
    }

    void broken(const std::string& name, scenario::Position at, const std::string& text) {
        scenario::Diagnostics& found = out_.problems.of(name);
        found.set_text(text);
        found.error(at, damaged(archive_error_string(open_)));
    }

    ::archive* open_;
    const std::string& name_;
    std::uint64_t left_;
    std::uint64_t largest_;
    FileReading& out_;
};

/// A plain file's bytes; what is wrong is added to the problems.
[[nodiscard]] std::optional<std::string> bytes_of(const std::filesystem::path& file, std::uint64_t largest,
                                                  Problems& problems) {
    const auto wrong = [&](std::string why) {
        problems.of(file.string()).error({}, std::move(why));
        return std::nullopt;
    };
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status)) return wrong("no such file");
    if (std::filesystem::is_directory(status)) return wrong("this is a directory, expected a file");
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    if (!in) return wrong(fmt::format("cannot be read: {}", std::generic_category().message(errno)));
    std::string bytes;
    std::string block(block_bytes, '\0');
    while (in) {
        in.read(block.data(), static_cast<std::streamsize>(block.size()));
        bytes.append(block, 0, static_cast<std::size_t>(in.gcount()));
        if (bytes.size() > largest) return wrong(too_large(largest));
    }
    if (in.bad()) return wrong("cannot be read");
    return bytes;
}

}  // namespace

FileReading read_file(const std::filesystem::path& file, std::uint64_t largest_bytes) {
    FileReading failed;
    const auto bytes = bytes_of(file, largest_bytes, failed.problems);
    return bytes ? unpack(*bytes, file.string(), largest_bytes) : std::move(failed);
}

FileReading unpack(std::string_view bytes, const std::string& name, std::uint64_t largest_bytes) {
    FileReading out;
    if (bytes.empty()) {
        out.problems.of(name).error({}, "the file is empty");
        return out;
    }
    const Archive open{archive_read_new()};
    FLEETSIM_CHECK(open != nullptr);
    archive_read_support_filter_gzip(open.get());
    archive_read_support_format_tar(open.get());
    archive_read_support_format_raw(open.get());
    archive_read_support_format_empty(open.get());
    if (archive_read_open_memory(open.get(), bytes.data(), bytes.size()) != ARCHIVE_OK) {
        const char* reason = archive_error_string(open.get());
        out.problems.of(name).error({1, 1}, damaged(reason));
        return out;
    }
    Unpacking{open.get(), name, largest_bytes, out}.run();
    // A header that breaks off is not recognised as one.
    if (has_gzip_signature(bytes) && archive_filter_count(open.get()) < 2 && !out.problems.has_errors()) {
        out.files.clear();
        out.problems.of(name).error({1, 1}, damaged("no whole gzip header"));
    }
    if (out.files.empty() && !out.problems.has_errors()) {
        out.problems.of(name).error({}, out.archive ? "the archive holds no files" : "the file is empty");
    }
    return out;
}

std::string stem_of(std::string_view name) {
    if (const std::size_t slash = name.rfind('/'); slash != name.npos) name.remove_prefix(slash + 1);
    if (name.ends_with(".gz")) name.remove_suffix(3);
    const std::size_t dot = name.rfind('.');
    return std::string(dot == name.npos || dot == 0 ? name : name.substr(0, dot));
}

}  // namespace fleetsim::import

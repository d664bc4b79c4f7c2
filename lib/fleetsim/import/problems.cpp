#include <algorithm>

#include <fmt/format.h>

#include <fleetsim/import/problems.hpp>
#include <fleetsim/traffic/csv_fields.hpp>

namespace fleetsim::import {

namespace {

[[nodiscard]] bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

}  // namespace

bool Problems::has_errors() const {
    return std::any_of(files_.begin(), files_.end(), [](const auto& file) { return file.has_errors(); });
}

std::string Problems::render() const {
    std::string out;
    std::size_t shown = 0;
    std::size_t more = 0;
    for (const scenario::Diagnostics& file : files_) {
        if (file.count() == 0) continue;
        if (shown < files_shown) {
            out += file.render();
            ++shown;
        } else {
            ++more;
        }
    }
    if (more > 0) out += fmt::format("and problems in {} more file{}\n", more, more == 1 ? "" : "s");
    return out;
}

int column_of(std::string_view line, std::size_t at) {
    const auto before = line.substr(0, at);
    return 1 + static_cast<int>(std::count_if(before.begin(), before.end(), starts_character));
}

bool is_text(std::string_view text, std::string_view expected, scenario::Diagnostics& diagnostics) {
    const auto control = [](char byte) {
        const auto value = static_cast<unsigned char>(byte);
        return (value < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || value == 0x7F;
    };
    const auto found = std::find_if(text.begin(), text.end(), control);
    if (found == text.end()) return true;
    const std::string_view before(text.data(), static_cast<std::size_t>(found - text.begin()));
    const int line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
    diagnostics.error(
        {line, column_of(before.substr(start), before.size() - start)},
        fmt::format("this is not text (byte {:#04x}); expected {}", static_cast<unsigned char>(*found), expected));
    return false;
}

bool Lines::next() {
    while (!rest_.empty()) {
        const std::size_t end = std::min(rest_.find('\n'), rest_.size());
        line_ = rest_.substr(0, end);
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        ++number_;
        while (!line_.empty() && (line_.back() == '\r' || traffic::is_blank(line_.back()))) line_.remove_suffix(1);
        if (!line_.empty()) return true;
    }
    return false;
}

}  // namespace fleetsim::import

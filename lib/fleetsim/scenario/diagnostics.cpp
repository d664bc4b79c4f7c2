#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/scenario/diagnostics.hpp>

namespace fleetsim::scenario {

namespace {

/// Characters of a source line that are shown around the fault.
constexpr std::size_t shown_width = 110;

[[nodiscard]] bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

/// Splits UTF-8 into characters and replaces what would move a terminal's cursor.
[[nodiscard]] std::vector<std::string> characters(std::string_view text, std::size_t at_most) {
    std::vector<std::string> out;
    for (const char byte : text) {
        if (starts_character(byte) || out.empty()) {
            if (out.size() == at_most) break;
            const auto value = static_cast<unsigned char>(byte);
            out.emplace_back(1, value < 0x20 || value == 0x7F ? ' ' : byte);
        } else {
            out.back().push_back(byte);
        }
    }
    // U+0080 to U+009F are control characters too; in UTF-8 they are C2 80 to C2 9F.
    for (std::string& character : out) {
        if (character.size() == 2 && character[0] == '\xC2' && static_cast<unsigned char>(character[1]) < 0xA0) {
            character = " ";
        }
    }
    return out;
}

[[nodiscard]] std::string joined(const std::vector<std::string>& parts, std::size_t first, std::size_t last) {
    std::string out;
    for (std::size_t i = first; i < last; ++i) out += parts[i];
    return out;
}

[[nodiscard]] auto sort_key(const Diagnostic& d) {
    return std::tie(d.place.line, d.place.column, d.severity, d.message, d.hint);
}

/// Length of the word, number or quoted text that starts at `start`, for underlining it.
[[nodiscard]] std::size_t token_length(const std::vector<std::string>& line, std::size_t start) {
    if (start >= line.size()) return 1;
    const std::string& first = line[start];
    if (first == "\"" || first == "'") {
        for (std::size_t i = start + 1; i < line.size(); ++i) {
            if (line[i] == first) return i - start + 1;
        }
        return 1;
    }
    if (first == "[" || first == "{" || first == "-") return 1;
    std::size_t end = start;
    while (end < line.size()) {
        const std::string& now = line[end];
        const bool before_space = end + 1 >= line.size() || line[end + 1] == " ";
        if (now == "," || now == "]" || now == "}" || (now == ":" && before_space)) break;
        if (now == " " && end + 1 < line.size() && line[end + 1] == "#") break;
        ++end;
    }
    while (end > start && line[end - 1] == " ") --end;
    return std::max<std::size_t>(end - start, 1);
}

/// The texts of a file's lines, found again without walking the file for each.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) {
        starts_.push_back(0);
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '\n') starts_.push_back(i + 1);
        }
    }

    [[nodiscard]] std::string_view line(int number) const {
        if (number < 1 || static_cast<std::size_t>(number) > starts_.size() || text_.empty()) return {};
        const std::size_t start = starts_[static_cast<std::size_t>(number) - 1];
        const std::size_t end = std::min(text_.find('\n', start), text_.size());
        std::string_view found = text_.substr(start, end - start);
        if (!found.empty() && found.back() == '\r') found.remove_suffix(1);
        return found;
    }

private:
    std::string_view text_;
    std::vector<std::size_t> starts_;
};

/// The line at fault and the caret below it. Long lines are cut to a window around the fault.
[[nodiscard]] std::string excerpt(const Lines& lines, const Diagnostic& diagnostic) {
    const std::string_view source = lines.line(diagnostic.place.line);
    const auto fault = static_cast<std::size_t>(std::max(diagnostic.place.column - 1, 0));
    const auto line = characters(source, fault + 4 * shown_width);
    const std::size_t first = fault > shown_width * 3 / 4 ? fault - shown_width / 2 : 0;
    const std::size_t last = std::min(line.size(), first + shown_width);
    if (first >= last && !source.empty()) return {};

    const std::string number = fmt::format("{:>5}", diagnostic.place.line);
    const std::string_view dots = first > 0 ? "..." : "";
    const std::size_t length = std::min(token_length(line, fault), std::max<std::size_t>(last, fault + 1) - fault);
    const std::string_view more = last < line.size() ? "..." : "";
    std::string out = fmt::format("{} | {}{}{}\n", number, dots, joined(line, first, last), more);
    out +=
        fmt::format("{:>5} | {}^{}", "", std::string(fault - first + dots.size(), ' '), std::string(length - 1, '~'));
    if (!diagnostic.hint.empty()) out += " " + diagnostic.hint;
    return out + "\n";
}

[[nodiscard]] std::string rendered(const Lines& lines, const Diagnostic& diagnostic) {
    const std::string_view kind = diagnostic.severity == Severity::error ? "error" : "warning";
    const Place& place = diagnostic.place;
    if (place.line == 0) {
        const std::string hint = diagnostic.hint.empty() ? "" : "; " + diagnostic.hint;
        return fmt::format("{}: {}: {}{}\n", place.file, kind, diagnostic.message, hint);
    }
    std::string out = fmt::format("{}:{}:{}: {}: {}\n", place.file, place.line, place.column, kind, diagnostic.message);
    const std::string below = excerpt(lines, diagnostic);
    if (below.empty() && !diagnostic.hint.empty()) return out + "      " + diagnostic.hint + "\n";
    return out + below;
}

[[nodiscard]] std::string counted(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

}  // namespace

void Diagnostics::add(Position at, Severity severity, std::string message, std::string hint) {
    if (severity == Severity::error) has_errors_ = true;
    if (found_.size() >= kept_at_most) {
        if (severity == Severity::error) ++errors_not_kept_;
        return;
    }
    found_.push_back({{file_, at.line, at.column}, severity, std::move(message), std::move(hint)});
}

void Diagnostics::error(Position at, std::string message, std::string hint) {
    add(at, Severity::error, std::move(message), std::move(hint));
}

void Diagnostics::warning(Position at, std::string message, std::string hint) {
    add(at, Severity::warning, std::move(message), std::move(hint));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
    std::vector<Diagnostic> all = found_;
    std::sort(all.begin(), all.end(),
              [](const Diagnostic& a, const Diagnostic& b) { return sort_key(a) < sort_key(b); });
    all.erase(std::unique(all.begin(), all.end(),
                          [](const Diagnostic& a, const Diagnostic& b) { return sort_key(a) == sort_key(b); }),
              all.end());
    return all;
}

std::string Diagnostics::render() const {
    const std::vector<Diagnostic> all = sorted();
    if (all.empty()) return {};
    const auto is_error = [](const Diagnostic& d) { return d.severity == Severity::error; };
    const auto kept_errors = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), is_error));
    const std::size_t errors = kept_errors + errors_not_kept_;
    const std::size_t warnings = all.size() - kept_errors;

    // What stops the user comes before what could be better, should there be too much to show.
    std::vector<Diagnostic> shown = all;
    std::stable_partition(shown.begin(), shown.end(), is_error);
    shown.resize(std::min(shown.size(), shown_at_most));
    std::stable_sort(shown.begin(), shown.end(),
                     [](const Diagnostic& a, const Diagnostic& b) { return sort_key(a) < sort_key(b); });

    const Lines lines(text_);
    std::string out;
    for (const Diagnostic& diagnostic : shown) out += rendered(lines, diagnostic);
    if (errors + warnings > shown.size()) out += fmt::format("and {} more\n", errors + warnings - shown.size());
    if (errors > 0) out += counted(errors, "error");
    if (errors > 0 && warnings > 0) out += ", ";
    if (warnings > 0) out += counted(warnings, "warning");
    return out + ".\n";
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 60;
    const auto parts = characters(text, longest + 1);
    const bool cut = parts.size() > longest;
    return fmt::format("\"{}{}\"", joined(parts, 0, std::min(parts.size(), longest)), cut ? "..." : "");
}

}  // namespace fleetsim::scenario

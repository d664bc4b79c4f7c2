#include <cstddef>

#include <fmt/format.h>

#include <fleetsim/scenario/document.hpp>
#include <fleetsim/scenario/text_guard.hpp>

namespace fleetsim::scenario {

namespace {

/// Brackets and commas of flow collections. The parser keeps all of one collection in memory at once.
constexpr std::size_t most_flow_marks = 1'000'000;

/// Bytes of the UTF-8 character at `at`, or 0 when there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t offset) -> unsigned {
        return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0U;
    };
    const unsigned lead = byte(0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xC2 && lead < 0xE0   ? 2
                               : lead >= 0xE0 && lead < 0xF0 ? 3
                               : lead >= 0xF0 && lead < 0xF5 ? 4
                                                             : 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return 0;
    }
    // Longer forms than needed, surrogates and values beyond Unicode.
    if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0)) return 0;
    if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90)) return 0;
    return length;
}

/// Walks the text and keeps the position, in characters.
struct Cursor {
    std::size_t at = 0;
    Position position{1, 1};

    void advance(std::string_view text, std::size_t bytes) {
        if (text[at] == '\n') {
            ++position.line;
            position.column = 1;
        } else {
            ++position.column;
        }
        at += bytes;
    }
};

[[nodiscard]] bool allowed_control(char c) { return c == '\n' || c == '\r' || c == '\t'; }

[[nodiscard]] std::optional<TextFault> not_text(std::string_view text) {
    for (Cursor cursor; cursor.at < text.size();) {
        const std::size_t length = utf8_length(text, cursor.at);
        const auto byte = static_cast<unsigned char>(text[cursor.at]);
        if (length == 0 || byte == 0) {
            return TextFault{cursor.position, fmt::format("not a text file: byte 0x{:02X} is not UTF-8 text",
                                                          static_cast<unsigned>(byte))};
        }
        if ((byte < 0x20 && !allowed_control(text[cursor.at])) || byte == 0x7F) {
            return TextFault{cursor.position,
                             fmt::format("not a text file: control character 0x{:02X}", static_cast<unsigned>(byte))};
        }
        cursor.advance(text, length);
    }
    return std::nullopt;
}

/// Follows comments and quotes closely enough to count the brackets that YAML would see. A text that deceives it is
/// still refused by the parser's own limit on depth.
class FlowCounter {
public:
    /// False when there are too many or too deep brackets.
    [[nodiscard]] bool accept(char before, char now) {
        if (now == '\n') in_comment_ = false;
        if (in_comment_) return true;
        if (quote_ != '\0') {
            const bool escaped = quote_ == '"' && before == '\\' && !escape_used_;
            escape_used_ = escaped;
            if (now == quote_ && !escaped) quote_ = '\0';
            return true;
        }
        const bool word_start = before == ' ' || before == '\n' || before == '\t' || before == '[' || before == '{' ||
                                before == ',' || before == '\0';
        if (now == '#' && word_start) in_comment_ = true;
        if ((now == '"' || now == '\'') && word_start) quote_ = now;
        if (now == '[' || now == '{') ++depth_;
        if ((now == ']' || now == '}') && depth_ > 0) --depth_;
        if (now == '[' || now == '{' || now == ',') ++marks_;
        return depth_ <= deepest_nesting && marks_ <= most_flow_marks;
    }

    [[nodiscard]] bool too_deep() const { return depth_ > deepest_nesting; }

private:
    std::size_t depth_ = 0;
    std::size_t marks_ = 0;
    char quote_ = '\0';
    bool in_comment_ = false;
    bool escape_used_ = false;
};

[[nodiscard]] std::optional<TextFault> too_many_brackets(std::string_view text) {
    FlowCounter counter;
    char before = '\0';
    for (Cursor cursor; cursor.at < text.size();) {
        const char now = text[cursor.at];
        if (!counter.accept(before, now)) {
            return TextFault{cursor.position, counter.too_deep()
                                                  ? fmt::format("nested more than {} levels deep", deepest_nesting)
                                                  : fmt::format("more than {} list items", most_flow_marks)};
        }
        before = now;
        cursor.advance(text, utf8_length(text, cursor.at));
    }
    return std::nullopt;
}

}  // namespace

std::optional<TextFault> text_fault(std::string_view text) {
    if (text.size() > largest_file_bytes) {
        return TextFault{{}, fmt::format("the file is larger than {} MiB", largest_file_bytes >> 20U)};
    }
    if (auto fault = not_text(text)) return fault;
    return too_many_brackets(text);
}

}  // namespace fleetsim::scenario

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

#include <fleetsim/placement/query_pattern.hpp>

namespace fleetsim::placement::detail {

namespace {

/// Bytes that one compiled pattern may take, caches included. A query of patterns only stays below a hundred MiB.
constexpr std::int64_t pattern_bytes = 1 << 20;

/// Walks through a pattern as Java reads it and stops at the first construct that RE2 lacks or reads otherwise.
class Scan {
public:
    explicit Scan(std::string_view pattern) : pattern_(pattern) {}

    [[nodiscard]] std::optional<PatternFault> run() {
        while (at_ < pattern_.size() && !fault_) {
            switch (pattern_[at_]) {
                case '\\': escape(); break;
                case '[': character_class(); break;
                case '(': group(); break;
                case '*':
                case '+':
                case '?': quantifier(); break;
                case '{': repetition(); break;
                default: ++at_;
            }
        }
        return fault_;
    }

private:
    [[nodiscard]] bool starts(std::size_t at, std::string_view text) const {
        return at <= pattern_.size() && pattern_.substr(at).starts_with(text);
    }

    void refuse(std::size_t at, std::string message, std::string hint = {}) {
        fault_ = PatternFault{at, std::move(message), std::move(hint)};
    }

    void escape() {
        const char letter = at_ + 1 < pattern_.size() ? pattern_[at_ + 1] : '\0';
        if (letter == 'Q') {
            const std::size_t end = pattern_.find("\\E", at_ + 2);
            at_ = end == std::string_view::npos ? pattern_.size() : end + 2;
            return;
        }
        // \C and octal digits without a zero are RE2's own; the others are Java's.
        constexpr std::string_view unshared = "CGHNRVXZcehuv";
        if ((letter >= '1' && letter <= '9') || letter == 'k') {
            refuse(at_, fmt::format("back reference \\{} is not supported", letter));
        } else if (letter != '\0' && unshared.find(letter) != std::string_view::npos) {
            refuse(at_, fmt::format("escape \\{} is not supported", letter));
        }
        if (letter == 'p' || letter == 'P') property();
        const std::size_t end = pattern_.find('}', at_);
        at_ = starts(at_ + 2, "{") && end != std::string_view::npos && braced(letter) ? end + 1 : at_ + 2;
    }

    /// Escapes that may be followed by an argument in braces.
    [[nodiscard]] static bool braced(char letter) { return letter == 'p' || letter == 'P' || letter == 'x'; }

    /// Both know the categories of one or two letters, such as \p{Lu}; longer names are the one's or the other's.
    void property() {
        const std::size_t end = pattern_.find('}', at_);
        if (!starts(at_ + 2, "{") || end == std::string_view::npos || end - at_ <= 5) return;
        refuse(at_, fmt::format("property {} is not supported", pattern_.substr(at_, end + 1 - at_)),
               "write a class such as [A-Za-z]");
    }

    void character_class() {
        ++at_;
        if (starts(at_, "^")) ++at_;
        if (starts(at_, "]")) ++at_;
        while (at_ < pattern_.size() && pattern_[at_] != ']' && !fault_) {
            if (pattern_[at_] == '\\') {
                escape();
                continue;
            }
            if (pattern_[at_] == '[') {
                refuse(at_, "a class inside a class is not supported", "write \\[ for the bracket itself");
            } else if (starts(at_, "&&")) {
                refuse(at_, "the intersection && of classes is not supported");
            }
            ++at_;
        }
        ++at_;
    }

    void group() {
        const std::size_t start = at_++;
        if (!starts(at_, "?")) return;
        ++at_;
        if (starts(at_, "=") || starts(at_, "!")) {
            return refuse(start, "lookahead (?" + std::string(pattern_.substr(at_, 1)) + " is not supported",
                          "join two terms with and");
        }
        if (starts(at_, "<=") || starts(at_, "<!")) {
            return refuse(start, "lookbehind (?" + std::string(pattern_.substr(at_, 2)) + " is not supported",
                          "join two terms with and");
        }
        if (starts(at_, ">")) return refuse(start, "atomic group (?> is not supported", "write (?:");
        if (starts(at_, "<") || starts(at_, "P")) {
            return refuse(start, "named group (?" + std::string(pattern_.substr(at_, 1)) + " is not supported",
                          "write (?:");
        }
        for (; at_ < pattern_.size() && pattern_[at_] != ':' && pattern_[at_] != ')'; ++at_) {
            constexpr std::string_view shared_flags = "ims-";
            if (shared_flags.find(pattern_[at_]) == std::string_view::npos) {
                return refuse(start, fmt::format("flag {} is not supported", pattern_[at_]),
                              "the flags are i, m and s");
            }
        }
    }

    /// `{2}`, `{2,}` or `{2,3}`. RE2 takes any other brace for itself, and Java refuses it.
    void repetition() {
        constexpr std::string_view digits = "0123456789";
        const std::size_t start = at_;
        const std::size_t comma = std::min(pattern_.find_first_not_of(digits, start + 1), pattern_.size());
        at_ = starts(comma, ",") ? std::min(pattern_.find_first_not_of(digits, comma + 1), pattern_.size()) : comma;
        if (comma > start + 1 && starts(at_, "}")) return quantifier();
        refuse(start, "the { begins no repetition", "write \\{ for the brace itself");
    }

    void quantifier() {
        if (starts(at_ + 1, "+")) {
            refuse(at_, fmt::format("possessive quantifier {}+ is not supported", pattern_[at_]), "drop the last +");
        }
        ++at_;
    }

    std::string_view pattern_;
    std::size_t at_ = 0;
    std::optional<PatternFault> fault_;
};

}  // namespace

std::optional<PatternFault> unshared_construct(std::string_view pattern) { return Scan(pattern).run(); }

CompiledPattern compile_pattern(std::string_view pattern) {
    if (std::optional<PatternFault> fault = unshared_construct(pattern)) return {nullptr, std::move(*fault)};

    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(pattern_bytes);
    options.set_never_capture(true);
    auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
    if (compiled->ok()) return {std::move(compiled), {}};
    const std::size_t found = pattern.find(compiled->error_arg());
    return {nullptr, {found == std::string_view::npos ? 0 : found, compiled->error(), ""}};
}

bool matches_whole(const re2::RE2& pattern, std::string_view text) {
    return re2::RE2::FullMatch(re2::StringPiece(text.data(), text.size()), pattern);
}

}  // namespace fleetsim::placement::detail

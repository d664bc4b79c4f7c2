#include <algorithm>

#include <fleetsim/scenario/fields.hpp>

namespace fleetsim::scenario {

Position Field::at(std::size_t offset) const {
    if (!value.node->text_at) return at();
    Position found = *value.node->text_at;
    const std::string_view before = std::string_view(text()).substr(0, offset);
    found.column += static_cast<int>(std::count_if(
        before.begin(), before.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
    return found;
}

void wrong_kind(Diagnostics& diagnostics, const Field& field, std::string_view expected) {
    diagnostics.error(
        field.at(), fmt::format("{}: expected {}, found {}", field.name, expected, kind_name(field.value.node->kind)));
}

void error_within(Diagnostics& diagnostics, const Field& field, std::size_t offset, std::string_view message,
                  std::string hint) {
    const std::string where =
        field.value.node->text_at ? field.name : fmt::format("{}, character {}", field.name, offset + 1);
    diagnostics.error(field.at(offset), fmt::format("{}: {}", where, message), std::move(hint));
}

bool is_scalar(Diagnostics& diagnostics, const Field& field, std::string_view expected) {
    if (field.value.node->kind == Node::Kind::scalar) return true;
    wrong_kind(diagnostics, field, expected);
    return false;
}

Parsed<std::int64_t> IntegerIn::operator()(std::string_view text) const {
    auto parsed = parse_integer(text);
    if (parsed.value && *parsed.value >= min && *parsed.value <= max) return parsed;
    return Parsed<std::int64_t>::bad(fmt::format("a whole number from {} to {}", min, max));
}

Parsed<double> NumberIn::operator()(std::string_view text) const {
    auto parsed = parse_number(text);
    if (parsed.value && *parsed.value >= min && *parsed.value <= max && !(above_min && *parsed.value <= min)) {
        return parsed;
    }
    if (above_min) return Parsed<double>::bad(fmt::format("a number above {}, at most {}", min, max));
    return Parsed<double>::bad(fmt::format("a number from {} to {}", min, max));
}

Parsed<des::Duration> DurationIn::operator()(std::string_view text) const {
    auto parsed = parse_duration(text, bare);
    if (!parsed.value || (*parsed.value >= min && *parsed.value <= max)) return parsed;
    if (min == above_zero) {
        return Parsed<des::Duration>::bad(fmt::format("a duration above 0s, at most {}", duration_text(max)));
    }
    return Parsed<des::Duration>::bad(fmt::format("a duration from {} to {}", duration_text(min), duration_text(max)));
}

Parsed<std::int64_t> SizeMib::operator()(std::string_view text) const {
    auto parsed = parse_size_mib(text);
    if (!parsed.value || *parsed.value > 0) return parsed;
    return Parsed<std::int64_t>::bad("a size of at least 1MiB");
}

Parsed<std::string> Title::operator()(std::string_view text) const {
    constexpr std::size_t longest = 255;
    const bool one_line =
        std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; });
    if (text.empty() || text.size() > longest || !one_line) {
        return Parsed<std::string>::bad("a name of 1 to 255 characters");
    }
    return Parsed<std::string>::good(std::string(text));
}

Parsed<std::string> Text::operator()(std::string_view text) const {
    if (text.empty()) return Parsed<std::string>::bad(std::string(expected));
    return Parsed<std::string>::good(std::string(text));
}

Parsed<std::string> RequestPath::operator()(std::string_view text) const {
    constexpr std::size_t longest = 2048;
    const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!text.starts_with('/') || text.size() > longest || !printable) {
        return Parsed<std::string>::bad("a path such as /api");
    }
    return Parsed<std::string>::good(std::string(text));
}

Parsed<std::string> PathPattern::operator()(std::string_view text) const {
    constexpr std::size_t longest = 128;
    constexpr std::string_view others = "_-.$/~\"'@:+&*?";
    const bool legal = std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
    if (text.empty() || text.size() > longest || !legal) {
        return Parsed<std::string>::bad("a path pattern of 1 to 128 characters such as /api/*");
    }
    return Parsed<std::string>::good(std::string(text));
}

bool is_name(std::string_view text) {
    constexpr std::size_t longest = 255;
    return !text.empty() && text.size() <= longest && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

}  // namespace fleetsim::scenario

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/import/items_files.hpp>
#include <fleetsim/import/task_list.hpp>

namespace fleetsim::import {

namespace {

constexpr std::string_view wanted = "whole numbers between blanks";
constexpr std::int64_t largest_number = 0x7FFFFFFF;
/// The share of a bin's capacity, as a divisor, that an item may give back.
constexpr std::int32_t most_given_back = 50;

/// One number of the file: its line and the byte where it starts, from which a message makes a place.
struct Word {
    std::string_view text;
    int line = 0;
    int column = 0;
};

/// The words of a text one after the other.
class Words {
public:
    explicit Words(std::string_view text) : lines_(text) {}

    /// The next word, without going to it; none at the end.
    [[nodiscard]] std::optional<Word> peek() {
        while (true) {
            const std::size_t start = rest_.find_first_not_of(" \t");
            if (start != rest_.npos) {
                rest_.remove_prefix(start);
                const std::string_view word = rest_.substr(0, rest_.find_first_of(" \t"));
                const auto at = static_cast<std::size_t>(word.data() - lines_.line().data());
                return Word{word, lines_.number(), column_of(lines_.line(), at)};
            }
            if (!lines_.next()) return std::nullopt;
            rest_ = lines_.line();
        }
    }

    void pass() { rest_.remove_prefix(std::min(rest_.find_first_of(" \t"), rest_.size())); }
    [[nodiscard]] int line() const { return lines_.number(); }
    [[nodiscard]] std::string_view line_text() const { return lines_.line(); }

private:
    Lines lines_;
    std::string_view rest_;
};

/// The numbers of the first lines, enough to tell the two forms from one another.
struct Shape {
    std::vector<std::size_t> words;  ///< Of the first lines, by line.
    std::string_view first;
};

[[nodiscard]] Shape shape_of(std::string_view text) {
    constexpr std::size_t telling_lines = 4;
    Shape shape;
    Lines lines{text};
    while (shape.words.size() < telling_lines && lines.next()) {
        std::size_t count = 0;
        Words words{lines.line()};
        while (const auto word = words.peek()) {
            if (shape.first.empty()) shape.first = word->text;
            ++count;
            words.pass();
        }
        shape.words.push_back(count);
    }
    return shape;
}

[[nodiscard]] bool is_vectors(std::string_view text) {
    const Shape shape = shape_of(text);
    if (shape.words.size() < 2 || shape.words[0] != 1) return false;
    if (shape.words[1] > 1) return true;
    return shape.first == "1" && shape.words.size() == 4 && shape.words[3] == 2;
}

class Reader {
public:
    Reader(const TextFile& file, scenario::Diagnostics& diagnostics) : words_(file.text), diagnostics_(diagnostics) {
        items_.name = stem_of(file.name);
    }

    [[nodiscard]] std::optional<packing::Items> one_dimension() {
        const auto count = number("the number of items", 1, most_sizes);
        if (!count) return std::nullopt;
        const auto capacity = number("the capacity of a bin", 1);
        if (!capacity) return std::nullopt;
        items_.capacity = {*capacity};
        for (std::int32_t item = 1; item <= *count; ++item) {
            if (!read_vector(fmt::format("item {}", item))) return std::nullopt;
            items_.sizes.push_back(vector_.front());
        }
        return finish();
    }

    [[nodiscard]] std::optional<packing::Items> vectors() {
        const auto dimensions = number("the number of dimensions", 1, 1000);
        if (!dimensions || !line_has(*dimensions, "capacities")) return std::nullopt;
        for (std::int32_t h = 1; h <= *dimensions; ++h) {
            const auto capacity = number(fmt::format("the capacity in dimension {}", h), 1);
            if (!capacity) return std::nullopt;
            items_.capacity.push_back(*capacity);
        }
        const auto types = number("the number of item types", 1, most_sizes);
        if (!types) return std::nullopt;
        for (std::int32_t type = 1; type <= *types; ++type) {
            const bool good = line_has(*dimensions + 1, fmt::format("numbers for type {}", type)) &&
                              read_vector(fmt::format("type {}", type)) && read_demand(type);
            if (!good) return std::nullopt;
        }
        return finish();
    }

private:
    /// Whether the line of the next word has this many. Otherwise says so: what follows would be read as something
    /// else.
    [[nodiscard]] bool line_has(std::int32_t count, const std::string& what) {
        const auto word = words_.peek();
        if (!word) return true;
        Words line{words_.line_text()};
        std::int32_t found = 0;
        for (; line.peek(); line.pass()) ++found;
        if (found == count) return true;
        diagnostics_.error({word->line, 1}, fmt::format("expected {} {}, found {}", count, what, found));
        return false;
    }

    /// The next number. Nothing, after saying so, when there is none or not such a one; without a number there is no
    /// telling what the others mean.
    [[nodiscard]] std::optional<std::int32_t> number(const std::string& what, std::int64_t min,
                                                     std::int64_t max = largest_number) {
        const auto word = words_.peek();
        if (!word) {
            diagnostics_.error({std::max(words_.line(), 1), 1}, fmt::format("the file ends before {}", what));
            return std::nullopt;
        }
        words_.pass();
        std::int64_t value = 0;
        const auto read = std::from_chars(word->text.data(), word->text.data() + word->text.size(), value);
        const bool whole = read.ptr == word->text.data() + word->text.size();
        const scenario::Position at{word->line, word->column};
        const std::string found = scenario::in_quotes(word->text);
        if (!whole || read.ec == std::errc::invalid_argument) {
            diagnostics_.error(at, fmt::format("expected {}, a whole number, found {}", what, found));
            hopeless_ = true;
        } else if (read.ec != std::errc{} || value > max) {
            diagnostics_.error(at, fmt::format("expected {}, at most {}, found {}", what, max, found));
        } else if (value < min) {
            diagnostics_.error(at, fmt::format("expected {}, {} or more, found {}", what, min, found));
        } else {
            return static_cast<std::int32_t>(value);
        }
        return std::nullopt;
    }

    /// The sizes of one item. Reading goes on after a size that is out of range; false when the file is at its end.
    [[nodiscard]] bool read_vector(const std::string& name) {
        const std::size_t dimensions = items_.dimensions();
        vector_.assign(dimensions, 0);
        std::string over;
        scenario::Position at;
        for (std::size_t h = 0; h < dimensions; ++h) {
            const auto word = words_.peek();
            const std::string what = dimensions == 1 ? fmt::format("the size of {}", name)
                                                     : fmt::format("the size of {} in dimension {}", name, h + 1);
            const std::int64_t smallest = dimensions == 1 ? 0 : -(items_.capacity[h] / most_given_back);
            const auto size = number(what, smallest);
            if (!word || hopeless_) return false;
            vector_[h] = size.value_or(0);
            if (vector_[h] <= items_.capacity[h]) continue;
            if (over.empty()) at = {word->line, word->column};
            over += fmt::format("{}{} of {}{}", over.empty() ? "" : ", ", vector_[h], items_.capacity[h],
                                dimensions == 1 ? "" : fmt::format(" in dimension {}", h + 1));
        }
        if (!over.empty())
            too_large_.push_back({name, fmt::format("{} is larger than the bin: {}", name, over), {}, at});
        return true;
    }

    [[nodiscard]] bool read_demand(std::int32_t type) {
        const auto word = words_.peek();
        const auto demand = number(fmt::format("how many items of type {} there are", type), 0);
        if (!word || hopeless_) return false;
        const auto copies = static_cast<std::size_t>(demand.value_or(0));
        if (items_.sizes.size() + copies * items_.dimensions() > most_sizes) {
            diagnostics_.error({word->line, word->column},
                               fmt::format("more than {} sizes in one instance", most_sizes));
            return false;
        }
        for (std::size_t i = 0; i < copies; ++i)
            items_.sizes.insert(items_.sizes.end(), vector_.begin(), vector_.end());
        return true;
    }

    [[nodiscard]] std::optional<packing::Items> finish() {
        report_too_large(too_large_, "are larger than the bin", diagnostics_);
        if (const auto word = words_.peek()) {
            diagnostics_.error({word->line, word->column},
                               fmt::format("expected the end of the file, found {}", scenario::in_quotes(word->text)));
        }
        if (items_.sizes.empty() && !diagnostics_.has_errors()) diagnostics_.error({}, "the instance has no items");
        if (diagnostics_.has_errors()) return std::nullopt;
        return std::move(items_);
    }

    Words words_;
    scenario::Diagnostics& diagnostics_;
    packing::Items items_;
    std::vector<std::int32_t> vector_;
    std::vector<TooLarge> too_large_;
    bool hopeless_ = false;  ///< Words that are no numbers: what follows is not worth reading.
};

/// Says once which instances have items that give room back.
void note_negative_sizes(const std::vector<packing::Items>& instances, scenario::Diagnostics& diagnostics) {
    std::size_t count = 0;
    const packing::Items* first = nullptr;
    for (const packing::Items& items : instances) {
        if (std::none_of(items.sizes.begin(), items.sizes.end(), [](std::int32_t size) { return size < 0; })) continue;
        if (count++ == 0) first = &items;
    }
    if (count == 0) return;
    diagnostics.warning({}, fmt::format("{} instance{} with sizes a little below 0, which give room back to their bin; "
                                        "the first is {}",
                                        count, count == 1 ? "" : "s", first->name));
}

/// Where two instances bear one name, both get their whole path.
void tell_apart(const std::vector<TextFile>& files, std::vector<packing::Items>& instances) {
    std::map<std::string, std::size_t> times;
    for (const packing::Items& items : instances) ++times[items.name];
    for (std::size_t i = 0; i < instances.size(); ++i) {
        if (times[instances[i].name] > 1) instances[i].name = files[i].name;
    }
}

}  // namespace

bool looks_like_items(std::string_view text) {
    Lines lines{text};
    if (!lines.next()) return false;
    Words words{lines.line()};
    while (const auto word = words.peek()) {
        const std::string_view digits = word->text.substr(word->text.front() == '-' ? 1 : 0);
        if (digits.empty() || digits.find_first_not_of("0123456789.") != digits.npos) return false;
        words.pass();
    }
    return true;
}

std::optional<packing::Items> parse_items(const TextFile& file, scenario::Diagnostics& diagnostics) {
    std::optional<packing::Items> items;
    if (is_text(file.text, wanted, diagnostics)) {
        Reader reader{file, diagnostics};
        items = is_vectors(file.text) ? reader.vectors() : reader.one_dimension();
    }
    if (diagnostics.count() > 0) diagnostics.set_text(file.text);
    return items;
}

ItemsReading parse_items(const std::vector<TextFile>& files, const std::string& name) {
    ItemsReading reading;
    for (const TextFile& file : files) {
        auto items = parse_items(file, reading.problems.of(file.name));
        if (items) reading.instances.push_back(std::move(*items));
    }
    if (reading.problems.has_errors()) {
        reading.instances.clear();
    } else {
        tell_apart(files, reading.instances);
        note_negative_sizes(reading.instances, reading.problems.of(name));
    }
    return reading;
}

ItemsReading read_items(const std::filesystem::path& file) {
    FileReading read = read_file(file);
    ItemsReading reading;
    if (!read.problems.has_errors()) reading = parse_items(read.files, file.string());
    // What could be unpacked is not read when the rest is damaged: one cause, one message.
    reading.problems.add(std::move(read.problems));
    return reading;
}

}  // namespace fleetsim::import

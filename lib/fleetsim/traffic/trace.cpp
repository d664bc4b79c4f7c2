#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/traffic/csv_fields.hpp>
#include <fleetsim/traffic/timestamp.hpp>
#include <fleetsim/traffic/trace.hpp>

namespace fleetsim::traffic {

namespace {

enum class Meaning { timestamp, count, rate };

struct ColumnName {
    std::string_view name;
    Meaning meaning;
};

constexpr std::array column_names{
    ColumnName{"timestamp", Meaning::timestamp},
    ColumnName{"time", Meaning::timestamp},
    ColumnName{"date", Meaning::timestamp},
    ColumnName{"datetime", Meaning::timestamp},
    ColumnName{"ds", Meaning::timestamp},
    ColumnName{"count", Meaning::count},
    ColumnName{"requests", Meaning::count},
    ColumnName{"request_count", Meaning::count},
    ColumnName{"value", Meaning::count},
    ColumnName{"rate", Meaning::rate},
    ColumnName{"requests_per_second", Meaning::rate},
    ColumnName{"rps", Meaning::rate},
};

// Far beyond any site, and far below where sums of them would overflow.
constexpr double value_limit = 1e15;

struct Row {
    std::size_t line = 0;
    Timestamp at;
    double value = 0;
};

struct Columns {
    std::size_t width = 0;
    std::size_t timestamp = 0;
    std::size_t value = 0;
    Meaning meaning = Meaning::count;
};

struct Number {
    double value = 0;
    std::string problem;  ///< Empty when there is none.
};

[[nodiscard]] Number parse_number(std::string_view text) {
    if (text.empty()) return {0, "the value is missing"};
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc::invalid_argument || end != text.data() + text.size()) {
        return {0, fmt::format("'{}' is not a number", text)};
    }
    if (std::isnan(value) || std::isinf(value)) return {0, fmt::format("'{}' is not a finite number", text)};
    if (error != std::errc{}) return {0, fmt::format("{} is beyond what a number can hold", text)};
    if (value < 0) return {0, fmt::format("{} is negative", text)};
    if (value > value_limit) return {0, fmt::format("{} is more than fleetsim can replay", text)};
    return {value, {}};
}

[[nodiscard]] std::optional<Meaning> meaning_of(std::string_view name) {
    const std::string lower = des::detail::lower(name);
    const auto* const found = std::find_if(column_names.begin(), column_names.end(),
                                           [&](const ColumnName& column) { return column.name == lower; });
    if (found == column_names.end()) return std::nullopt;
    return found->meaning;
}

/// A line is a header when it names a column we know, or when nothing in it could be data.
[[nodiscard]] bool is_header(std::span<const CsvField> fields) {
    const auto named = [](const CsvField& field) { return meaning_of(field.text).has_value(); };
    const auto data = [](const CsvField& field) {
        return parse_timestamp(field.text).has_value() || parse_number(field.text).problem.empty();
    };
    return std::any_of(fields.begin(), fields.end(), named) || std::none_of(fields.begin(), fields.end(), data);
}

[[nodiscard]] std::string names_meaning(bool timestamps) {
    std::vector<std::string_view> names;
    for (const ColumnName& column : column_names) {
        if ((column.meaning == Meaning::timestamp) == timestamps) names.push_back(column.name);
    }
    return fmt::format("{}", fmt::join(names, ", "));
}

/// The most common of the steps between rows, the shortest of them if there are several.
[[nodiscard]] des::Duration common_step(std::span<const Row> rows) {
    std::vector<des::Duration> lengths;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        lengths.push_back(rows[i].at.since_origin - rows[i - 1].at.since_origin);
    }
    std::sort(lengths.begin(), lengths.end());
    des::Duration common{};
    std::ptrdiff_t most = 0;
    for (auto begin = lengths.begin(); begin != lengths.end();) {
        const auto end = std::upper_bound(begin, lengths.end(), *begin);
        if (end - begin > most) {
            most = end - begin;
            common = *begin;
        }
        begin = end;
    }
    return common;
}

/// Reads one trace from its first line to its last, and notes what is wrong on the way.
class Reader {
public:
    explicit Reader(TraceNumbers numbers) : numbers_(numbers) {}

    TraceReading read(std::string_view text) {
        if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
        if (!is_text(text)) {
            problem(0, 0, "the file is not text; expected CSV with a timestamp and a value in each line");
            return result();
        }
        for (std::size_t line = 1; !text.empty(); ++line) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            read_line(line, text.substr(0, end));
            text.remove_prefix(std::min(end + 1, text.size()));
            if (hopeless_) return result();
        }
        if (rows_.size() < 2 && problems_.empty()) {
            problem(0, 0, fmt::format("a trace needs at least two rows, and this one has {}", rows_.size()));
        }
        return result();
    }

private:
    void problem(std::size_t row, std::size_t column, std::string text) {
        ++problem_count_;
        if (problems_.size() < trace_problems_shown) problems_.push_back({row, column, std::move(text)});
    }

    /// No control characters but those that end lines or separate words.
    static bool is_text(std::string_view text) {
        return std::none_of(text.begin(), text.end(), [](char letter) {
            return static_cast<unsigned char>(letter) < ' ' && !is_blank(letter) && letter != '\r' && letter != '\n';
        });
    }

    void read_line(std::size_t line, std::string_view text) {
        while (!text.empty() && (text.back() == '\r' || is_blank(text.back()))) text.remove_suffix(1);
        if (text.empty()) return;
        const std::vector<CsvField> fields = csv_fields(text);
        if (columns_.width == 0) {
            columns_.width = fields.size();
            if (is_header(fields)) {
                read_header(line, fields);
                return;
            }
            columns_.value = 1;
            if (fields.size() != 2) {
                hopeless_ = true;
                problem(
                    line, 0,
                    fmt::format("without a header line a trace has two columns, timestamp and count; this one has {}",
                                fields.size()));
                return;
            }
        }
        read_row(line, fields);
    }

    void read_header(std::size_t line, std::span<const CsvField> fields) {
        std::vector<std::size_t> timestamps;
        std::vector<std::size_t> values;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            const std::optional<Meaning> meaning = meaning_of(fields[i].text);
            if (!meaning) continue;
            (*meaning == Meaning::timestamp ? timestamps : values).push_back(i);
        }
        choose(line, fields, timestamps, true);
        choose(line, fields, values, false);
        if (hopeless_) return;
        columns_.timestamp = timestamps[0];
        columns_.value = values[0];
        columns_.meaning = *meaning_of(fields[values[0]].text);
    }

    /// Exactly one column must be the one.
    void choose(std::size_t line, std::span<const CsvField> fields, std::span<const std::size_t> found,
                bool timestamps) {
        if (found.size() == 1) return;
        hopeless_ = true;
        const std::string_view wanted = timestamps ? "timestamps" : "values";
        if (found.size() > 1) {
            problem(line, fields[found[1]].column,
                    fmt::format("'{}' and '{}' are both columns of {}; keep one", fields[found[0]].text,
                                fields[found[1]].text, wanted));
            return;
        }
        std::vector<std::string> seen;
        for (const CsvField& field : fields) seen.push_back(fmt::format("'{}'", field.text));
        problem(line, 0,
                fmt::format("no column of {} among {}; expected one of {}", wanted, fmt::join(seen, ", "),
                            names_meaning(timestamps)));
    }

    void read_row(std::size_t line, std::span<const CsvField> fields) {
        if (fields.size() != columns_.width) {
            problem(line, 0,
                    fmt::format("{} column{} where the first line has {}", fields.size(), fields.size() == 1 ? "" : "s",
                                columns_.width));
            return;
        }
        const CsvField& stamp = fields[columns_.timestamp];
        const std::optional<Timestamp> at = parse_timestamp(stamp.text);
        if (!at) {
            problem(
                line, stamp.column,
                fmt::format("'{}' is not a timestamp; expected 2014-04-10 00:04:00, 2014-04-10T00:04:00Z or seconds",
                            stamp.text));
        }
        const bool in_order = at && follows(line, stamp, *at);
        const Number number = parse_number(fields[columns_.value].text);
        if (!number.problem.empty()) problem(line, fields[columns_.value].column, number.problem);
        if (in_order) rows_.push_back({line, *at, number.value});
    }

    /// Whether the timestamp continues the trace. One that does not is left out, so that it is the only one blamed.
    bool follows(std::size_t line, const CsvField& field, const Timestamp& at) {
        if (rows_.empty()) return true;
        const Row& last = rows_.back();
        if (at.calendar != last.at.calendar) {
            problem(
                line, field.column,
                fmt::format("{} is a {}, but row {} has a {}", field.text, at.calendar ? "date" : "number of seconds",
                            last.line, last.at.calendar ? "date" : "number of seconds"));
        } else if (at.since_origin == last.at.since_origin) {
            problem(line, field.column, fmt::format("{} repeats the timestamp of row {}", field.text, last.line));
        } else if (at.since_origin < last.at.since_origin) {
            problem(line, field.column,
                    fmt::format("{} lies before the timestamp of row {}; sort the rows", field.text, last.line));
        } else if (at.since_origin - rows_.front().at.since_origin > for_ever / 2) {
            problem(line, field.column, fmt::format("{} lies more than 36 years after the first row", field.text));
        } else {
            return true;
        }
        return false;
    }

    TraceReading result() {
        if (const std::size_t more = problem_count_ - problems_.size(); more > 0) {
            problems_.push_back({0, 0, fmt::format("and {} more problem{}", more, more == 1 ? "" : "s")});
        }
        if (!problems_.empty()) return {{}, std::move(problems_), {}};

        std::vector<Step> changes;
        changes.reserve(rows_.size());
        const des::Duration origin = rows_.front().at.since_origin;
        const des::Duration last_length = common_step(rows_);
        const des::Duration end = rows_.back().at.since_origin - origin + last_length;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            const des::Duration start = rows_[i].at.since_origin - origin;
            const des::Duration until = i + 1 < rows_.size() ? rows_[i + 1].at.since_origin - origin : end;
            // Divided rather than multiplied, so that 30 requests in a minute are half a request a second and not
            // nearly.
            const double length_seconds = static_cast<double>((until - start).count()) / 1e9;
            const bool counts = numbers_ == TraceNumbers::requests && columns_.meaning == Meaning::count;
            changes.push_back({start, counts ? rows_[i].value / length_seconds : rows_[i].value});
        }
        const bool calendar = rows_.front().at.calendar;
        return {steps(changes, end), {}, calendar ? std::optional(origin) : std::nullopt};
    }

    TraceNumbers numbers_;
    Columns columns_;
    std::vector<Row> rows_;
    std::vector<TraceProblem> problems_;
    std::size_t problem_count_ = 0;
    bool hopeless_ = false;  // The rows cannot be read at all, so what they say is not worth telling.
};

}  // namespace

TraceReading parse_trace(std::string_view text, TraceNumbers numbers) { return Reader{numbers}.read(text); }

TraceReading read_trace(const std::filesystem::path& file, TraceNumbers numbers) {
    const auto unreadable = [](const std::string& why) {
        return TraceReading{{}, {{0, 0, fmt::format("the file cannot be read: {}", why)}}, {}};
    };
    std::error_code error;
    if (std::filesystem::is_directory(file, error)) return unreadable("it is a directory");
    errno = 0;
    std::ifstream input(file, std::ios::binary);
    if (!input) return unreadable(std::generic_category().message(errno));
    const std::string text{std::istreambuf_iterator<char>(input), std::istreambuf_iterator<char>()};
    if (input.bad()) return unreadable("reading failed");
    return parse_trace(text, numbers);
}

}  // namespace fleetsim::traffic

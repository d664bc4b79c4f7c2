#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <map>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/import/arrival_bins.hpp>
#include <fleetsim/import/csv_table.hpp>

namespace fleetsim::import {

namespace {

using Flavors = std::map<std::string, packing::Demand, std::less<>>;
/// Number of an interval to the lifetime that it stands for.
using Intervals = std::map<std::int32_t, des::Duration>;

/// One line of bins, word by word.
struct Bin {
    des::Duration at{};
    std::vector<traffic::CsvField> words;  ///< Letters and the bars between tenants; columns count from the line.
};

[[nodiscard]] bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

/// Where a line's first word ends.
[[nodiscard]] std::size_t first_word(std::string_view line) { return std::min(line.find_first_of(" \t"), line.size()); }

class Bins {
public:
    Bins(std::string_view text, scenario::Diagnostics& diagnostics) : lines_(text), diagnostics_(diagnostics) {}

    /// Goes to the next line; false at the end. A line whose instant is wrong is reported and passed over.
    [[nodiscard]] bool next() {
        while (lines_.next()) {
            const std::string_view line = lines_.line();
            const std::size_t end = first_word(line);
            const auto at = read_seconds({line.substr(0, end), "time", {lines_.number(), 1}}, diagnostics_);
            if (!at) continue;
            if (bin_ && *at <= bin_->at) {
                diagnostics_.error({lines_.number(), 1}, "the time is not later than that of the line before");
                continue;
            }
            bin_ = Bin{*at, {}};
            if (end == line.size()) return true;
            bin_->words = traffic::csv_fields(line.substr(end));
            for (auto& word : bin_->words) word.column += end;
            if (bin_->words.back().text.empty()) bin_->words.pop_back();
            return true;
        }
        return false;
    }

    [[nodiscard]] const Bin& bin() const { return *bin_; }
    [[nodiscard]] scenario::Position at(const traffic::CsvField& word) const {
        return {lines_.number(), column_of(lines_.line(), word.column - 1)};
    }
    [[nodiscard]] int line() const { return lines_.number(); }

private:
    Lines lines_;
    scenario::Diagnostics& diagnostics_;
    std::optional<Bin> bin_;
};

/// `2,3.5 g`: vCPUs, GiB and the letter.
[[nodiscard]] Flavors read_flavors(const TextFile& file, Problems& problems) {
    scenario::Diagnostics& diagnostics = problems.of(file.name);
    diagnostics.set_text(file.text);
    Flavors flavors;
    if (!is_text(file.text, "lines such as \"2,3.5 g\"", diagnostics)) return flavors;
    Lines lines{file.text};
    while (lines.next()) {
        const std::string_view line = lines.line();
        const std::size_t space = first_word(line);
        const auto sizes = traffic::csv_fields(line.substr(0, space));
        const std::string letter(line.substr(std::min(space + 1, line.size())));
        if (sizes.size() != 2 || letter.empty()) {
            diagnostics.error({lines.number(), 1}, "expected vCPUs, GiB and a letter, such as \"2,3.5 g\"");
            continue;
        }
        const auto place = [&](const traffic::CsvField& field) {
            return scenario::Position{lines.number(), column_of(line, field.column - 1)};
        };
        packing::Demand demand;
        demand.cpu_milli =
            read_number({sizes[0].text, "vCPUs", place(sizes[0])}, 1000, Rounding::up, diagnostics).value_or(0);
        demand.memory_mib =
            read_number({sizes[1].text, "GiB", place(sizes[1])}, 1024, Rounding::up, diagnostics).value_or(0);
        if (!flavors.emplace(letter, demand).second) {
            diagnostics.error({lines.number(), column_of(line, space + 1)},
                              fmt::format("flavour {} is already there", scenario::in_quotes(letter)));
        }
    }
    if (flavors.empty() && !diagnostics.has_errors()) diagnostics.error({}, "the file names no flavours");
    return flavors;
}

using Extremes = std::map<std::int32_t, std::pair<des::Duration, des::Duration>>;

/// What each interval stands for: the mean of its extremes, and where that is nothing, half a step.
[[nodiscard]] Intervals lifetimes_by_interval(const Extremes& extremes, des::Duration step) {
    Intervals intervals;
    for (const auto& [interval, ends] : extremes) {
        const des::Duration mean = (ends.first + ends.second) / 2;
        intervals[interval] = mean > des::Duration{} ? mean : step / 2;
    }
    return intervals;
}

/// `300 1`: durations of 300 s belong to interval 1.
[[nodiscard]] Intervals read_intervals(const TextFile& file, Problems& problems) {
    scenario::Diagnostics& diagnostics = problems.of(file.name);
    diagnostics.set_text(file.text);
    if (!is_text(file.text, "lines such as \"300 1\"", diagnostics)) return {};
    Extremes extremes;
    des::Duration step{};  // The shortest duration above nothing.
    Lines lines{file.text};
    while (lines.next()) {
        const std::string_view line = lines.line();
        const std::size_t space = first_word(line);
        const std::size_t second = std::min(space + 1, line.size());
        const auto duration = read_seconds({line.substr(0, space), "duration", {lines.number(), 1}}, diagnostics);
        const auto interval = read_number({line.substr(second), "interval", {lines.number(), column_of(line, second)}},
                                          1, Rounding::none, diagnostics);
        if (!duration || !interval) continue;
        auto& [shortest, longest] = extremes.try_emplace(*interval, *duration, *duration).first->second;
        shortest = std::min(shortest, *duration);
        longest = std::max(longest, *duration);
        const bool shorter = step == des::Duration{} || *duration < step;
        if (*duration > des::Duration{} && shorter) step = *duration;
    }
    if (extremes.empty() && !diagnostics.has_errors()) diagnostics.error({}, "the file names no intervals");
    return lifetimes_by_interval(extremes, step);
}

/// `U4` or `C4`: the VM's lifetime. Nothing, after saying so, when it is neither.
[[nodiscard]] std::optional<des::Duration> lifetime_of(const traffic::CsvField& word, scenario::Position at,
                                                       const Intervals& intervals, des::Duration until_end,
                                                       scenario::Diagnostics& diagnostics) {
    const std::string found = scenario::in_quotes(word.text);
    std::int32_t interval = -1;
    const std::string_view digits = word.text.substr(std::min<std::size_t>(1, word.text.size()));
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), interval);
    const bool good = read.ec == std::errc{} && read.ptr == digits.data() + digits.size() && !digits.empty() &&
                      (word.text.front() == 'U' || word.text.front() == 'C');
    if (!good) {
        diagnostics.error(at, fmt::format("expected U or C and the number of an interval, found {}", found));
        return std::nullopt;
    }
    const auto known = intervals.find(interval);
    if (known == intervals.end()) {
        diagnostics.error(at, fmt::format("{} names an interval that the list of intervals has not", found));
        return std::nullopt;
    }
    return word.text.front() == 'U' ? known->second : until_end;
}

class Reader {
public:
    Reader(const TraceTexts& texts, Problems& problems, scenario::Diagnostics& diagnostics)
        : texts_(texts), problems_(problems), diagnostics_(diagnostics) {}

    TaskList read() {
        if (!texts_.flavors) {
            diagnostics_.error({},
                               "a trace of bins needs flav_map.txt beside it, which says what its letters stand for");
            return {};
        }
        flavors_ = read_flavors(*texts_.flavors, problems_);
        const bool timed = texts_.lifetimes && texts_.intervals;
        if (timed) read_lifetimes();
        if (problems_.has_errors()) return {};
        Bins bins{texts_.tasks.text, diagnostics_};
        while (bins.next()) read_bin(bins, timed);
        if (list_.tasks.empty() && !diagnostics_.has_errors()) diagnostics_.error({}, "the file holds no arrivals");
        return std::move(list_);
    }

private:
    /// The lifetimes' words by line, with their values.
    void read_lifetimes() {
        const Intervals intervals = read_intervals(*texts_.intervals, problems_);
        scenario::Diagnostics& diagnostics = problems_.of(texts_.lifetimes->name);
        diagnostics.set_text(texts_.lifetimes->text);
        if (intervals.empty() || !is_text(texts_.lifetimes->text, "lines such as \"300 U4,|,C9,|\"", diagnostics))
            return;
        const des::Duration end = std::chrono::seconds{texts_.end_s};
        Bins bins{texts_.lifetimes->text, diagnostics};
        while (bins.next()) {
            auto& words = lifetimes_[bins.bin().at];
            for (const auto& word : bins.bin().words) {
                if (word.text == "|") {
                    words.push_back(std::nullopt);
                    continue;
                }
                const des::Duration until_end = std::max(end - bins.bin().at, des::Duration{});
                const auto lifetime = lifetime_of(word, bins.at(word), intervals, until_end, diagnostics);
                words.push_back(lifetime.value_or(des::Duration{}));
            }
        }
    }

    void read_bin(const Bins& bins, bool timed) {
        const Bin& bin = bins.bin();
        const auto found = lifetimes_.find(bin.at);
        if (timed && (found == lifetimes_.end() || found->second.size() != bin.words.size())) {
            diagnostics_.error({bins.line(), 1},
                               found == lifetimes_.end()
                                   ? fmt::format("{} has no line of this time", texts_.lifetimes->name)
                                   : fmt::format("{} words here, and {} on the line of this time of {}",
                                                 bin.words.size(), found->second.size(), texts_.lifetimes->name));
            return;
        }
        for (std::size_t i = 0; i < bin.words.size(); ++i) {
            const std::string_view word = bin.words[i].text;
            const scenario::Position at = bins.at(bin.words[i]);
            if (timed && found->second[i].has_value() == (word == "|")) {
                diagnostics_.error(at, fmt::format("a tenant's arrivals end elsewhere in {}", texts_.lifetimes->name));
                return;
            }
            if (word == "|") continue;
            const auto flavor = flavors_.find(word);
            if (flavor == flavors_.end()) {
                std::vector<std::string> known;
                for (const auto& [letter, demand] : flavors_) known.push_back(letter);
                diagnostics_.error(at, fmt::format("unknown flavour {}; {} has {}", scenario::in_quotes(word),
                                                   texts_.flavors->name, scenario::listed(known)));
                continue;
            }
            packing::Task task;
            task.name = fmt::format("vm-{}", list_.tasks.size() + 1);
            task.demand = flavor->second;
            task.arrives = des::Time{bin.at};
            if (timed) task.lifetime = found->second[i];
            list_.tasks.push_back(std::move(task));
            list_.places.push_back(at);
            list_.model_places.push_back(at);
        }
    }

    const TraceTexts& texts_;
    Problems& problems_;
    scenario::Diagnostics& diagnostics_;
    Flavors flavors_;
    std::map<des::Duration, std::vector<std::optional<des::Duration>>> lifetimes_;  ///< A bar is none.
    TaskList list_;
};

}  // namespace

bool looks_like_arrival_bins(std::string_view text) {
    Lines lines{text};
    if (!lines.next()) return false;
    const std::string_view line = lines.line();
    const std::size_t space = first_word(line);
    return space > 0 && space < line.size() &&
           std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(space), is_digit) &&
           line.find_first_of(",|", space) != line.npos;
}

TaskList read_arrival_bins(const TraceTexts& texts, Problems& problems, scenario::Diagnostics& diagnostics) {
    return Reader{texts, problems, diagnostics}.read();
}

}  // namespace fleetsim::import

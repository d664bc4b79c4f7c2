#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/import/arrival_bins.hpp>
#include <fleetsim/import/task_list.hpp>
#include <fleetsim/import/trace_files.hpp>

namespace fleetsim::import {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view csv_wanted = "a CSV file with a header of named columns";

/// A file of one text, as opposed to an archive of several.
[[nodiscard]] std::optional<TextFile> read_one(const fs::path& file, Problems& problems) {
    FileReading reading = read_file(file);
    const bool good = !reading.problems.has_errors();
    problems.add(std::move(reading.problems));
    if (!good) return std::nullopt;
    if (reading.files.size() == 1) return std::move(reading.files.front());
    problems.of(file.string())
        .error({}, fmt::format("the archive holds {} files, expected a single one", reading.files.size()));
    return std::nullopt;
}

/// A file of this name in the folder, perhaps compressed.
[[nodiscard]] std::optional<fs::path> beside(const fs::path& folder, const std::string& name) {
    std::error_code error;
    for (const char* suffix : {"", ".gz"}) {
        const fs::path file = folder / (name + suffix);
        if (fs::is_regular_file(file, error)) return file;
    }
    return std::nullopt;
}

struct Lifetimes {
    fs::path file;
    std::int64_t end_s = 0;
};

/// `v1.dev.c2100000.txt` for `v1.dev`: the first such in the order of names, so that folders read alike everywhere.
[[nodiscard]] std::optional<Lifetimes> lifetimes_beside(const fs::path& folder, const std::string& stem) {
    std::vector<Lifetimes> found;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, error)) {
        const std::string name = stem_of(entry.path().filename().string());
        if (!name.starts_with(stem + ".c")) continue;
        const std::string_view digits = std::string_view(name).substr(stem.size() + 2);
        std::int64_t end = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), end);
        if (read.ec != std::errc{} || read.ptr != digits.data() + digits.size() || end < 0 || end > 0x7FFFFFFF)
            continue;
        found.push_back({entry.path(), end});
    }
    std::sort(found.begin(), found.end(), [](const Lifetimes& a, const Lifetimes& b) { return a.file < b.file; });
    if (found.empty()) return std::nullopt;
    return found.front();
}

void add_companions(const fs::path& tasks, TraceTexts& texts, Problems& problems) {
    const fs::path folder = tasks.parent_path();
    const std::string stem = stem_of(tasks.filename().string());
    const std::string family = stem.substr(0, stem.find('.'));
    if (const auto file = beside(folder, "flav_map.txt")) texts.flavors = read_one(*file, problems);
    const auto lifetimes = lifetimes_beside(folder, stem);
    const auto intervals = beside(folder, family + ".interval_map.txt");
    if (!lifetimes || !intervals) {
        problems.of(tasks.string())
            .warning({}, fmt::format("no {} beside it, so nobody knows when a VM leaves",
                                     lifetimes ? family + ".interval_map.txt" : stem + ".c<end in seconds>.txt"));
        return;
    }
    texts.end_s = lifetimes->end_s;
    texts.lifetimes = read_one(lifetimes->file, problems);
    texts.intervals = read_one(*intervals, problems);
}

[[nodiscard]] std::vector<packing::NamedNode> nodes_of(const TextFile& file, ModelNames& models, Problems& problems) {
    scenario::Diagnostics& diagnostics = problems.of(file.name);
    auto nodes = is_text(file.text, csv_wanted, diagnostics) ? read_node_list(file.text, models, diagnostics)
                                                             : std::vector<packing::NamedNode>{};
    if (diagnostics.count() > 0) diagnostics.set_text(file.text);
    return nodes;
}

}  // namespace

TraceReading parse_trace(const TraceTexts& texts, const std::optional<packing::Capacity>& server) {
    TraceReading reading;
    ModelNames models;
    std::vector<packing::NamedNode> nodes;
    if (texts.nodes) nodes = nodes_of(*texts.nodes, models, reading.problems);

    scenario::Diagnostics& diagnostics = reading.problems.of(texts.tasks.name);
    TaskList list;
    if (is_text(texts.tasks.text, csv_wanted, diagnostics)) {
        list = looks_like_arrival_bins(texts.tasks.text) ? read_arrival_bins(texts, reading.problems, diagnostics)
                                                         : read_task_list(texts.tasks.text, models, diagnostics);
    }
    std::vector<packing::Capacity> empty_nodes;
    for (const packing::NamedNode& node : nodes) empty_nodes.push_back(node.capacity);
    if (!texts.nodes && server) empty_nodes.push_back(*server);
    if (!empty_nodes.empty()) check_fits(list, empty_nodes, models, diagnostics);

    if (diagnostics.count() > 0) diagnostics.set_text(texts.tasks.text);
    if (reading.problems.has_errors()) return reading;
    sort_by_arrival(list);
    reading.trace = packing::Trace{stem_of(texts.tasks.name), std::move(list.tasks), std::move(nodes), models.names()};
    return reading;
}

TraceReading read_trace(TextFile tasks, const TraceFiles& files) {
    TraceTexts texts{std::move(tasks)};
    Problems problems;
    if (files.nodes) texts.nodes = read_one(*files.nodes, problems);
    if (looks_like_arrival_bins(texts.tasks.text)) add_companions(files.tasks, texts, problems);
    // With a file missing the rest is read all the same, so that all problems are told at once.
    TraceReading reading = parse_trace(texts, files.nodes ? std::nullopt : files.server);
    if (problems.has_errors()) reading.trace.reset();
    problems.add(std::move(reading.problems));
    reading.problems = std::move(problems);
    return reading;
}

TraceReading read_trace(const TraceFiles& files) {
    TraceReading failed;
    auto tasks = read_one(files.tasks, failed.problems);
    if (tasks) return read_trace(std::move(*tasks), files);
    if (files.nodes) static_cast<void>(read_one(*files.nodes, failed.problems));
    return failed;
}

}  // namespace fleetsim::import

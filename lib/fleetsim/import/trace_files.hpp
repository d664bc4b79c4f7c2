#pragma once

#include <filesystem>
#include <optional>

#include <fleetsim/import/archive.hpp>
#include <fleetsim/import/problems.hpp>
#include <fleetsim/packing/trace.hpp>

namespace fleetsim::import {

/// A trace, or why there is none: with errors among the problems it is absent.
struct TraceReading {
    std::optional<packing::Trace> trace;
    Problems problems;
};

/// What a trace is made of. Which format the tasks are in is told from their first line.
struct TraceTexts {
    TextFile tasks;
    std::optional<TextFile> nodes = {};
    /// Of a trace in bins of arrivals: what the letters stand for, when each VM leaves, and which durations the numbers
    /// of lifetimes stand for. Without the last two nobody knows when a VM leaves.
    std::optional<TextFile> flavors = {};
    std::optional<TextFile> lifetimes = {};
    std::optional<TextFile> intervals = {};
    /// Instant of the trace's end, for VMs that were then still there.
    std::int64_t end_s = 0;
};

/// Reads a trace from texts:
/// - a CSV of tasks with named columns (see `task_columns` in the source, and the manual), among them the lists of
///   OpenB, Huawei and Alibaba;
/// - bins of VM arrivals: `300 g,|,b,m,|`.
///
/// Tasks come out in the order in which they arrive, equals in the order of the file. Every node of the trace is a row
/// of the list of nodes, which is CSV with named columns too; a task that fits no node is an error. With `server`, and
/// without nodes, the same is asked of that server.
[[nodiscard]] TraceReading parse_trace(const TraceTexts& texts, const std::optional<packing::Capacity>& server = {});

struct TraceFiles {
    std::filesystem::path tasks;
    std::optional<std::filesystem::path> nodes = {};
    std::optional<packing::Capacity> server = {};  ///< All nodes are like this one, as many as it takes.
};

/// The same from files, compressed or not. What belongs to a trace of bins is looked for beside it: `flav_map.txt`, and
/// for `v1.dev.txt` the files `v1.dev.c2100000.txt` (any number) and `v1.interval_map.txt`.
[[nodiscard]] TraceReading read_trace(const TraceFiles& files);

/// The same when the tasks have been read already.
[[nodiscard]] TraceReading read_trace(TextFile tasks, const TraceFiles& files);

}  // namespace fleetsim::import

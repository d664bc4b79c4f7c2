#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fleetsim/import/trace_files.hpp>
#include <fleetsim/packing/trace.hpp>

/// The traces of the GPU-sharing study, which lie beside the project and are no part of it.
namespace fleetsim::bench {

inline const std::filesystem::path openb_folder =
    std::filesystem::path{FLEETSIM_SHARED_DATA_DIR} / "placement" / "openb";

/// One workload on the study's cluster; absent when it is not there.
[[nodiscard]] inline std::optional<packing::Trace> openb(std::string_view workload) {
    const std::string tasks = "openb_pod_list_" + std::string{workload} + ".csv.gz";
    import::TraceReading reading =
        import::read_trace({.tasks = openb_folder / tasks, .nodes = openb_folder / "openb_node_list_gpu_node.csv.gz"});
    return std::move(reading.trace);
}

}  // namespace fleetsim::bench

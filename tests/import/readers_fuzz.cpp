// The readers of traces, nodes, instances and archives, driven by libFuzzer: whatever the bytes, there is a result or a
// complaint, and what comes out keeps the promises of its type. The first byte chooses the reader.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <fleetsim/import/items_files.hpp>
#include <fleetsim/import/trace_files.hpp>
#include <fleetsim/packing/node.hpp>

namespace {

using namespace fleetsim;

void require(bool condition) {
    if (!condition) std::abort();
}

void check(const import::TraceReading& reading) {
    require(reading.trace.has_value() != reading.problems.has_errors());
    static_cast<void>(reading.problems.render());
    if (!reading.trace) return;
    des::Time last{};
    for (const packing::Task& task : reading.trace->tasks) {
        const packing::Demand& demand = task.demand;
        require(demand.cpu_milli >= 0 && demand.memory_mib >= 0 && demand.gpus >= 0 &&
                demand.gpus <= packing::most_gpus && demand.gpu_milli >= 0 &&
                demand.gpu_milli <= packing::whole_gpu_milli);
        require(demand.gpus < 2 || demand.gpu_milli == packing::whole_gpu_milli);
        require(task.arrives >= last && (!task.lifetime || task.lifetime->count() >= 0));
        require(!task.lifetime || task.arrives + *task.lifetime < des::latest_time);
        last = task.arrives;
    }
    for (const packing::NamedNode& node : reading.trace->nodes) {
        require(node.capacity.cpu_milli >= 0 && node.capacity.memory_mib >= 0);
        static_cast<void>(packing::Node{node.capacity});
    }
}

void check(const import::ItemsReading& reading) {
    static_cast<void>(reading.problems.render());
    require(reading.instances.empty() == reading.problems.has_errors());
    for (const packing::Items& items : reading.instances) {
        require(!items.capacity.empty() && items.count() > 0);
        for (std::size_t i = 0; i < items.sizes.size(); ++i) {
            require(items.sizes[i] <= items.capacity[i % items.dimensions()]);
        }
    }
}

/// The text up to a zero byte, which goes.
std::string take_part(std::string& rest) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    std::string part = rest.substr(0, end);
    rest.erase(0, std::min(end + 1, rest.size()));
    return part;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    // Enough for every branch, and little enough for many runs.
    constexpr std::uint64_t largest_bytes = std::uint64_t{1} << 20U;
    switch (data[0] % 4) {
        case 0: {
            import::TraceTexts texts{{ "tasks", take_part(rest) }};
            texts.nodes = import::TextFile{"nodes", take_part(rest)};
            check(import::parse_trace(texts));
            break;
        }
        case 1: {
            import::TraceTexts texts{{ "tasks", take_part(rest) }};
            texts.flavors = import::TextFile{"flavors", take_part(rest)};
            texts.lifetimes = import::TextFile{"lifetimes", take_part(rest)};
            texts.intervals = import::TextFile{"intervals", take_part(rest)};
            texts.end_s = 1000;
            check(import::parse_trace(texts));
            break;
        }
        case 2: check(import::parse_items({{"items", rest}}, "items")); break;
        default: {
            const import::FileReading reading = import::unpack(rest, "archive", largest_bytes);
            require(reading.problems.has_errors() || !reading.files.empty());
        }
    }
    return 0;
}

#include <array>
#include <limits>
#include <unordered_map>

#include <fmt/format.h>

#include <fleetsim/import/csv_table.hpp>
#include <fleetsim/import/task_list.hpp>

namespace fleetsim::import {

namespace {

enum class Column : std::uint8_t { ignored, name, cpu, memory, gpus, model, count };

/// Our own names first, since they are what is suggested; then OpenB's and Alibaba's.
constexpr std::array node_columns{
    ColumnName<Column>{"name", Column::name},
    ColumnName<Column>{"cpu", Column::cpu, 1000},
    ColumnName<Column>{"vcpu", Column::cpu, 1000},
    ColumnName<Column>{"cpu_milli", Column::cpu, 1},
    ColumnName<Column>{"memory_mib", Column::memory, 1},
    ColumnName<Column>{"memory_gib", Column::memory, 1024},
    ColumnName<Column>{"gpus", Column::gpus},
    ColumnName<Column>{"model", Column::model},
    ColumnName<Column>{"count", Column::count},
    ColumnName<Column>{"sn", Column::name},
    ColumnName<Column>{"gpu", Column::gpus},
    ColumnName<Column>{"node_name", Column::name},
    ColumnName<Column>{"cpu_num", Column::cpu, 1000},
    ColumnName<Column>{"gpu_capacity_num", Column::gpus},
    ColumnName<Column>{"gpu_model", Column::model},
};

/// Far more than any cluster has, and few enough to hold.
constexpr std::int32_t most_nodes = 1'000'000;

/// The model of GPUs whose model is not written.
constexpr std::string_view unnamed_model = "unnamed";

class Reader {
public:
    Reader(std::string_view text, ModelNames& models, scenario::Diagnostics& diagnostics)
        : table_(text, node_columns, diagnostics), models_(models), diagnostics_(diagnostics) {
        if (table_.good()) table_.require(Column::cpu, "how much CPU a node has");
    }

    std::vector<packing::NamedNode> read() {
        if (!table_.good()) return {};
        while (table_.next()) read_row();
        if (nodes_.empty() && !diagnostics_.has_errors()) {
            diagnostics_.error(table_.at(), "the list holds no nodes, only its header");
        }
        return std::move(nodes_);
    }

private:
    void read_row() {
        packing::Capacity capacity;
        capacity.cpu_milli = table_.number(Column::cpu, Rounding::down).value_or(0);
        capacity.memory_mib = table_.has(Column::memory) ? table_.number(Column::memory, Rounding::down).value_or(0)
                                                         : std::numeric_limits<std::int32_t>::max();
        if (table_.has(Column::gpus)) {
            capacity.gpus = table_.number(Column::gpus, Rounding::none, 0, packing::most_gpus).value_or(0);
        }
        if (capacity.gpus > 0) capacity.model = model();
        const std::string name = read_name();
        std::int32_t count = 1;
        if (table_.has(Column::count)) count = table_.number(Column::count, Rounding::none, 1, most_nodes).value_or(0);
        if (nodes_.size() + static_cast<std::size_t>(count) > static_cast<std::size_t>(most_nodes)) {
            return diagnostics_.error(table_.at(), fmt::format("more than {} nodes", most_nodes));
        }
        for (std::int32_t i = 0; i < count; ++i) {
            nodes_.push_back({count == 1 ? name : fmt::format("{}-{}", name, i), capacity});
        }
    }

    [[nodiscard]] packing::ModelSet model() {
        const Cell cell = table_.cell(Column::model);
        const auto bit = models_.bit(cell.text.empty() ? unnamed_model : cell.text);
        if (bit) return *bit;
        diagnostics_.error(cell.at, fmt::format("{}: {} would be one model more than the {} that a trace may name",
                                                cell.column, scenario::in_quotes(cell.text), packing::most_models));
        return 0;
    }

    [[nodiscard]] std::string read_name() {
        if (!table_.has(Column::name)) return fmt::format("node-{}", ++unnamed_);
        const Cell cell = table_.cell(Column::name);
        if (cell.text.empty()) {
            diagnostics_.error(cell.at, fmt::format("{} is missing", cell.column));
            return {};
        }
        const auto [first, added] = lines_.try_emplace(cell.text, cell.at.line);
        if (!added) {
            diagnostics_.error(cell.at, fmt::format("{} {} is already on line {}", cell.column,
                                                    scenario::in_quotes(cell.text), first->second));
        }
        return std::string(cell.text);
    }

    CsvTable<Column> table_;
    ModelNames& models_;
    scenario::Diagnostics& diagnostics_;
    std::unordered_map<std::string_view, int> lines_;
    std::vector<packing::NamedNode> nodes_;
    std::size_t unnamed_ = 0;
};

}  // namespace

std::vector<packing::NamedNode> read_node_list(std::string_view text, ModelNames& models,
                                               scenario::Diagnostics& diagnostics) {
    return Reader{text, models, diagnostics}.read();
}

}  // namespace fleetsim::import

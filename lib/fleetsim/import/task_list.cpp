#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include <fleetsim/import/csv_table.hpp>
#include <fleetsim/import/task_list.hpp>
#include <fleetsim/packing/node.hpp>

namespace fleetsim::import {

namespace {

enum class Column : std::uint8_t { ignored, name, cpu, memory, gpus, gpu_milli, models, arrival, departure, lifetime };

/// Our own names first, since they are what is suggested; then OpenB's, Huawei's and Alibaba's.
constexpr std::array task_columns{
    ColumnName<Column>{"name", Column::name},
    ColumnName<Column>{"cpu", Column::cpu, 1000},
    ColumnName<Column>{"vcpu", Column::cpu, 1000},
    ColumnName<Column>{"cpu_milli", Column::cpu, 1},
    ColumnName<Column>{"memory_mib", Column::memory, 1},
    ColumnName<Column>{"memory_gib", Column::memory, 1024},
    ColumnName<Column>{"gpus", Column::gpus},
    ColumnName<Column>{"gpu_milli", Column::gpu_milli},
    ColumnName<Column>{"gpu_models", Column::models},
    ColumnName<Column>{"arrival_s", Column::arrival},
    ColumnName<Column>{"arrival", Column::arrival},
    ColumnName<Column>{"departure_s", Column::departure},
    ColumnName<Column>{"departure", Column::departure},
    ColumnName<Column>{"lifetime_s", Column::lifetime},
    ColumnName<Column>{"lifetime", Column::lifetime},
    ColumnName<Column>{"num_gpu", Column::gpus},
    ColumnName<Column>{"gpu_spec", Column::models},
    ColumnName<Column>{"creation_time", Column::arrival},
    ColumnName<Column>{"deletion_time", Column::departure},
    ColumnName<Column>{"scheduled_time", Column::ignored},
    ColumnName<Column>{"qos", Column::ignored},
    ColumnName<Column>{"pod_phase", Column::ignored},
    ColumnName<Column>{"vmid", Column::name},
    ColumnName<Column>{"mem", Column::memory, 1024},
    ColumnName<Column>{"at", Column::arrival},
    ColumnName<Column>{"lt", Column::lifetime},
    ColumnName<Column>{"instance_sn", Column::name},
    ColumnName<Column>{"cpu_request", Column::cpu, 1000},
    ColumnName<Column>{"memory_request", Column::memory, 1024},
    ColumnName<Column>{"gpu_request", Column::gpus},
    ColumnName<Column>{"role", Column::ignored},
    ColumnName<Column>{"app_name", Column::ignored},
    ColumnName<Column>{"cpu_limit", Column::ignored},
    ColumnName<Column>{"gpu_limit", Column::ignored},
    ColumnName<Column>{"rdma_request", Column::ignored},
    ColumnName<Column>{"rdma_limit", Column::ignored},
    ColumnName<Column>{"memory_limit", Column::ignored},
    ColumnName<Column>{"disk_request", Column::ignored},
    ColumnName<Column>{"disk_limit", Column::ignored},
    ColumnName<Column>{"max_instance_per_node", Column::ignored},
};

/// Arrivals and departures end where 32 bits of seconds do.
constexpr des::Time last_departure{std::chrono::seconds{0x7FFFFFFF}};

/// Reads the rows of one list of tasks. What is wrong is reported; the row then stays incomplete, since no trace comes
/// of it.
class Reader {
public:
    Reader(std::string_view text, ModelNames& models, scenario::Diagnostics& diagnostics)
        : table_(text, task_columns, diagnostics), models_(models), diagnostics_(diagnostics) {
        if (!table_.good()) return;
        table_.require(Column::cpu, "how much CPU a task needs");
        table_.require(Column::memory, "how much memory a task needs");
        if (table_.has(Column::departure) && table_.has(Column::lifetime)) {
            diagnostics.error(table_.at(), "a departure and a lifetime say the same; keep one");
        }
    }

    TaskList read() {
        if (!table_.good()) return {};
        while (table_.next()) read_row();
        if (list_.tasks.empty() && !diagnostics_.has_errors()) {
            diagnostics_.error(table_.at(), "the list holds no tasks, only its header");
        }
        return std::move(list_);
    }

private:
    void read_row() {
        packing::Task task;
        read_name(task);
        task.demand.cpu_milli = table_.number(Column::cpu, Rounding::up).value_or(0);
        task.demand.memory_mib = table_.number(Column::memory, Rounding::up).value_or(0);
        read_gpus(task.demand);
        read_times(task);
        list_.tasks.push_back(std::move(task));
        list_.places.push_back(table_.has(Column::name) ? table_.cell(Column::name).at : table_.at());
        list_.model_places.push_back(table_.cell(Column::models).at);
    }

    void read_name(packing::Task& task) {
        if (!table_.has(Column::name)) {
            task.name = fmt::format("task-{}", list_.tasks.size() + 1);
            return;
        }
        const Cell cell = table_.cell(Column::name);
        task.name = cell.text;
        if (task.name.empty()) return diagnostics_.error(cell.at, fmt::format("{} is missing", cell.column));
        const auto [first, added] = lines_.try_emplace(cell.text, cell.at.line);
        if (added) return;
        diagnostics_.error(cell.at, fmt::format("{} {} is already on line {}", cell.column,
                                                scenario::in_quotes(cell.text), first->second));
    }

    void read_gpus(packing::Demand& demand) {
        const Cell share = table_.cell(Column::gpu_milli);
        std::optional<std::int32_t> milli;
        if (!share.text.empty()) milli = table_.number(Column::gpu_milli, Rounding::none, 0, packing::whole_gpu_milli);
        if (table_.has(Column::gpus)) {
            demand.gpus = table_.number(Column::gpus, Rounding::none, 0, packing::most_gpus).value_or(0);
        } else {
            demand.gpus = milli.value_or(0) > 0 ? 1 : 0;
        }
        if (demand.gpus == 0) return;
        demand.gpu_milli = milli.value_or(packing::whole_gpu_milli);
        if (milli == 0 || (demand.gpus > 1 && milli && *milli != packing::whole_gpu_milli)) {
            diagnostics_.error(share.at, fmt::format("{}: expected {}, found {}", share.column,
                                                     demand.gpus > 1 ? "1000, since only one GPU can be shared"
                                                                     : "1 to 1000 for a task with a GPU",
                                                     scenario::in_quotes(share.text)));
        }
        read_models(demand);
    }

    void read_models(packing::Demand& demand) {
        const Cell cell = table_.cell(Column::models);
        if (cell.text.empty()) return;
        demand.models = 0;
        std::string_view rest = cell.text;
        while (true) {
            const std::size_t bar = std::min(rest.find('|'), rest.size());
            const std::string_view name = rest.substr(0, bar);
            const auto bit = models_.bit(name);
            if (name.empty()) {
                diagnostics_.error(cell.at, fmt::format("{}: expected models joined by |, found {}", cell.column,
                                                        scenario::in_quotes(cell.text)));
            } else if (!bit) {
                diagnostics_.error(cell.at,
                                   fmt::format("{}: {} would be one model more than the {} that a trace may name",
                                               cell.column, scenario::in_quotes(name), packing::most_models));
            }
            demand.models |= bit.value_or(0);
            if (bar == rest.size()) return;
            rest.remove_prefix(bar + 1);
        }
    }

    /// Nothing written means: there from the beginning, or there for ever.
    void read_times(packing::Task& task) {
        const Cell arrival = table_.cell(Column::arrival);
        const Cell departure = table_.cell(Column::departure);
        const Cell lifetime = table_.cell(Column::lifetime);
        if (!arrival.text.empty()) {
            const auto at = read_seconds(arrival, diagnostics_);
            if (!at) return;
            task.arrives = des::Time{*at};
        }
        if (!lifetime.text.empty()) task.lifetime = read_seconds(lifetime, diagnostics_);
        if (!departure.text.empty()) {
            const auto at = read_seconds(departure, diagnostics_);
            if (!at) return;
            task.lifetime = des::Time{*at} - task.arrives;
            if (task.lifetime->count() < 0) {
                diagnostics_.error(departure.at, fmt::format("{} {} lies before the arrival at {}", departure.column,
                                                             scenario::in_quotes(departure.text),
                                                             arrival.text.empty() ? "0" : arrival.text));
            }
        } else if (task.lifetime && task.arrives + *task.lifetime > last_departure) {
            diagnostics_.error(lifetime.at, fmt::format("{}: the departure would lie beyond 2147483647 s, found {}",
                                                        lifetime.column, scenario::in_quotes(lifetime.text)));
        }
    }

    CsvTable<Column> table_;
    ModelNames& models_;
    scenario::Diagnostics& diagnostics_;
    std::unordered_map<std::string_view, int> lines_;
    TaskList list_;
};

[[nodiscard]] std::string gpus_text(const packing::Demand& demand) {
    if (demand.gpus == 0) return "";
    if (demand.shares_a_gpu()) return fmt::format(", {} of a GPU", demand.gpu_milli / 1000.0);
    return fmt::format(", {} GPU{}", demand.gpus, demand.gpus == 1 ? "" : "s");
}

[[nodiscard]] std::string allowed_text(packing::ModelSet set, const ModelNames& models) {
    std::string out;
    for (std::size_t i = 0; i < models.names().size(); ++i) {
        if ((set >> i & 1) == 1) out += (out.empty() ? "" : "|") + models.names()[i];
    }
    return out;
}

}  // namespace

std::optional<packing::ModelSet> ModelNames::bit(std::string_view name) {
    auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
        if (names_.size() == packing::most_models) return std::nullopt;
        found = names_.insert(names_.end(), std::string(name));
    }
    return packing::ModelSet{1} << static_cast<unsigned>(found - names_.begin());
}

void sort_by_arrival(TaskList& list) {
    std::vector<std::size_t> order(list.tasks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&list](std::size_t a, std::size_t b) { return list.tasks[a].arrives < list.tasks[b].arrives; });
    TaskList sorted;
    for (const std::size_t i : order) {
        sorted.tasks.push_back(std::move(list.tasks[i]));
        sorted.places.push_back(list.places[i]);
        sorted.model_places.push_back(list.model_places[i]);
    }
    list = std::move(sorted);
}

TaskList read_task_list(std::string_view text, ModelNames& models, scenario::Diagnostics& diagnostics) {
    return Reader{text, models, diagnostics}.read();
}

void check_fits(const TaskList& list, const std::vector<packing::Capacity>& nodes, const ModelNames& models,
                scenario::Diagnostics& diagnostics) {
    packing::Capacity most;
    packing::ModelSet present = 0;
    std::vector<packing::Capacity> kinds = nodes;
    std::sort(kinds.begin(), kinds.end());
    kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
    for (const packing::Capacity& kind : kinds) {
        most.cpu_milli = std::max(most.cpu_milli, kind.cpu_milli);
        most.memory_mib = std::max(most.memory_mib, kind.memory_mib);
        most.gpus = std::max(most.gpus, kind.gpus);
        present |= kind.model;
    }
    std::vector<std::string> present_names;
    for (std::size_t i = 0; i < models.names().size(); ++i) {
        if ((present >> i & 1) == 1) present_names.push_back(models.names()[i]);
    }
    std::vector<TooLarge> found;
    for (std::size_t i = 0; i < list.tasks.size(); ++i) {
        const auto fits_some = [&kinds](const packing::Demand& demand) {
            return std::any_of(kinds.begin(), kinds.end(), [&demand](const packing::Capacity& kind) {
                return packing::fits(demand, packing::Node{kind});
            });
        };
        const packing::Demand& demand = list.tasks[i].demand;
        if (fits_some(demand)) continue;
        const std::string& name = list.tasks[i].name;
        const std::string asked = allowed_text(demand.models, models);
        packing::Demand of_any_model = demand;
        of_any_model.models = packing::any_model;
        if (demand.gpus > 0 && present != 0 && (demand.models & present) == 0) {
            found.push_back({name,
                             fmt::format("task {} asks for GPU model {}, which no node has", scenario::in_quotes(name),
                                         scenario::in_quotes(asked)),
                             scenario::did_you_mean(des::nearest_names(asked, present_names)), list.model_places[i]});
        } else if (fits_some(of_any_model)) {
            diagnostics.warning(list.model_places[i],
                                fmt::format("task {} fits no node of GPU model {}, and will be refused",
                                            scenario::in_quotes(name), scenario::in_quotes(asked)));
        } else {
            found.push_back(
                {name,
                 fmt::format("task {} fits no node, even an empty one: it needs {} vCPU, {} MiB{}; the most that nodes "
                             "have is {} vCPU, {} MiB, {} GPUs",
                             scenario::in_quotes(name), demand.cpu_milli / 1000.0, demand.memory_mib, gpus_text(demand),
                             most.cpu_milli / 1000.0, most.memory_mib, most.gpus),
                 {},
                 list.places[i]});
        }
    }
    report_too_large(found, "tasks fit no node, even an empty one", diagnostics);
}

void report_too_large(const std::vector<TooLarge>& found, std::string_view summary,
                      scenario::Diagnostics& diagnostics) {
    if (found.size() <= scenario::Diagnostics::shown_at_most) {
        for (const TooLarge& one : found) diagnostics.error(one.at, one.message, one.hint);
        return;
    }
    std::string names;
    for (const TooLarge& one : found) names += (names.empty() ? "" : ", ") + one.name;
    diagnostics.error(found.front().at, fmt::format("{} {}: {}", found.size(), summary, names));
}

}  // namespace fleetsim::import

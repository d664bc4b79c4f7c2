#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/packing/trace.hpp>
#include <fleetsim/scenario/diagnostics.hpp>

/// The parts of a trace, read one by one.
namespace fleetsim::import {

/// GPU models by name, in the order of their first mention.
class ModelNames {
public:
    /// The model's bit; absent when there are more models than a set can hold.
    [[nodiscard]] std::optional<packing::ModelSet> bit(std::string_view name);
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

private:
    std::vector<std::string> names_;
};

/// Tasks with the places where they are written.
struct TaskList {
    std::vector<packing::Task> tasks;
    std::vector<scenario::Position> places;
    std::vector<scenario::Position> model_places;  ///< Where a task names its models.
};

/// Sorts by arrival; equals stay as they are.
void sort_by_arrival(TaskList& list);

/// A CSV of tasks.
[[nodiscard]] TaskList read_task_list(std::string_view text, ModelNames& models, scenario::Diagnostics& diagnostics);

/// A CSV of nodes.
[[nodiscard]] std::vector<packing::NamedNode> read_node_list(std::string_view text, ModelNames& models,
                                                             scenario::Diagnostics& diagnostics);

/// Reports every task that fits none of these when empty. One that only its choice of GPU models keeps out is no error:
/// a cluster refuses it.
void check_fits(const TaskList& list, const std::vector<packing::Capacity>& nodes, const ModelNames& models,
                scenario::Diagnostics& diagnostics);

/// Something that nothing can hold.
struct TooLarge {
    std::string name;
    std::string message;
    std::string hint = {};
    scenario::Position at;
};

/// Reports each at its place; more than can be shown one by one are all named in a single message, which begins with
/// their number and `summary`.
void report_too_large(const std::vector<TooLarge>& found, std::string_view summary, scenario::Diagnostics& diagnostics);

}  // namespace fleetsim::import

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/scenario/diagnostics.hpp>
#include <fleetsim/scenario/fields.hpp>

namespace fleetsim::scenario {

/// The names of one section and their ids.
template <class IdType>
class Names {
public:
    explicit Names(std::string_view kind) : kind_(kind) {}

    void declare(const std::string& name, IdType id) {
        if (ids_.emplace(name, id).second) names_.push_back(name);
    }

    /// The section itself is wrong or missing: that has been reported, and unknown names say nothing more.
    void give_up() { complete_ = false; }
    [[nodiscard]] bool complete() const { return complete_; }

    [[nodiscard]] std::optional<IdType> find(std::string_view name) const {
        const auto found = ids_.find(name);
        return found == ids_.end() ? std::nullopt : std::optional(found->second);
    }

    /// The id a field names. Reports an unknown name with the nearest known ones.
    [[nodiscard]] std::optional<IdType> resolve(Diagnostics& diagnostics, const Field& field) const {
        if (!is_scalar(diagnostics, field, fmt::format("the name of a {}", kind_))) return std::nullopt;
        const auto id = find(field.text());
        if (id || !complete_) return id;
        std::string hint = nearest_hint(diagnostics, field.text(), names_);
        if (names_.empty()) hint = fmt::format("there is no {}", kind_);
        diagnostics.error(field.at(), fmt::format("unknown {} {}", kind_, in_quotes(field.text())), std::move(hint));
        return std::nullopt;
    }

private:
    std::string_view kind_;
    std::map<std::string, IdType, std::less<>> ids_;
    std::vector<std::string> names_;
    bool complete_ = true;
};

/// A named entry of a section and where it stands.
template <class IdType>
struct Declared {
    IdType id;
    Field field;
};

}  // namespace fleetsim::scenario

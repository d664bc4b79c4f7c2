#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fleetsim/des/nearest_name.hpp>

/// From YAML text to a checked `sim::Scenario`, with every problem of the file shown at its line and column.
namespace fleetsim::scenario {

/// Where something stands in a file, counted from 1 in characters. Line 0 means the file as a whole.
struct Position {
    int line = 0;
    int column = 0;
    friend bool operator==(Position, Position) = default;
    friend auto operator<=>(Position, Position) = default;
};

struct Place {
    std::string file;
    int line = 0;
    int column = 0;
};

enum class Severity : std::uint8_t { error, warning };

struct Diagnostic {
    Place place;
    Severity severity = Severity::error;
    std::string message;
    std::string hint;  ///< The remedy: `did you mean c6i.xlarge?`. May be empty.
};

/// Collects what is wrong with one file, in any order, and shows it in the order of the file.
class Diagnostics {
public:
    /// More than these are counted, not shown.
    static constexpr std::size_t shown_at_most = 50;
    /// More than these are only counted, so that a hostile file cannot fill the memory.
    static constexpr std::size_t kept_at_most = 10'000;

    explicit Diagnostics(std::string file = {}) : file_(std::move(file)) {}

    /// The text that positions refer to, for showing the lines at fault.
    void set_text(std::string text) { text_ = std::move(text); }

    void error(Position at, std::string message, std::string hint = {});
    void warning(Position at, std::string message, std::string hint = {});

    [[nodiscard]] bool has_errors() const { return has_errors_; }
    /// Reports so far, repetitions included: to see whether a step added any.
    [[nodiscard]] std::size_t count() const { return found_.size() + errors_not_kept_; }

    /// By position, errors before warnings, without repetitions.
    [[nodiscard]] std::vector<Diagnostic> sorted() const;

    /// `file:line:column: error: message`, the line, a caret with the hint, and a closing line of counts. Empty when
    /// there is nothing to say.
    [[nodiscard]] std::string render() const;

private:
    void add(Position at, Severity severity, std::string message, std::string hint);

    std::string file_;
    std::string text_;
    std::vector<Diagnostic> found_;
    std::size_t errors_not_kept_ = 0;
    bool has_errors_ = false;
};

/// A user's text in double quotes, fit for a terminal: control characters replaced, cut after 60 characters.
[[nodiscard]] std::string in_quotes(std::string_view text);

using des::did_you_mean;

}  // namespace fleetsim::scenario

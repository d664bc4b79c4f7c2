#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>

#include <fleetsim/scenario/diagnostics.hpp>

/// Other people's formats: traces, instances and lists of machines become the library's own values, or problems that
/// name file, line and column.
namespace fleetsim::import {

/// What is wrong with the files of one reading, file by file.
class Problems {
public:
    /// Of more files than these only the number is told.
    static constexpr std::size_t files_shown = 20;

    /// The place for what is wrong with a file of this name. It stays valid.
    [[nodiscard]] scenario::Diagnostics& of(std::string file) { return files_.emplace_back(std::move(file)); }

    void add(scenario::Diagnostics found) { files_.push_back(std::move(found)); }
    void add(Problems found) { files_.splice(files_.end(), found.files_); }

    [[nodiscard]] bool has_errors() const;
    /// All files' diagnostics, in the order of reading; empty when there is nothing to say.
    [[nodiscard]] std::string render() const;

private:
    std::list<scenario::Diagnostics> files_;
};

/// Column of the byte at `at` of a line, in characters from 1.
[[nodiscard]] int column_of(std::string_view line, std::size_t at);

/// Says where a text holds what no text file holds (control characters but tabs and line ends), and keeps quiet about a
/// text that is one. `expected` completes the message: `a CSV file`.
[[nodiscard]] bool is_text(std::string_view text, std::string_view expected, scenario::Diagnostics& diagnostics);

/// The lines of a text, without their ends; a byte order mark before the first is left out.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {
        if (rest_.substr(0, 3) == "\xEF\xBB\xBF") rest_.remove_prefix(3);
    }

    /// Goes to the next line that is not blank; false at the end.
    [[nodiscard]] bool next();

    [[nodiscard]] std::string_view line() const { return line_; }  ///< Without blanks at its end.
    [[nodiscard]] int number() const { return number_; }           ///< From 1.

private:
    std::string_view rest_;
    std::string_view line_;
    int number_ = 0;
};

}  // namespace fleetsim::import

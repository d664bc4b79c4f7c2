#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <fleetsim/import/archive.hpp>

#include "catch.hpp"

/// Published instances and results, which lie beside the checkout and not in it.
namespace fleetsim::packing::test {

inline const std::filesystem::path published_data = std::filesystem::path{FLEETSIM_SHARED_DATA_DIR} / "placement";

/// Says so where they are not there; the test has nothing to look at then.
inline bool absent() {
    if (std::filesystem::exists(published_data)) return false;
    WARN("skipped: the published instances are not beside this checkout");
    return true;
}

/// The rows of a table by what stands in one column, and then by heading.
inline std::map<std::string, std::map<std::string, std::string>> published_table(const std::string& name,
                                                                                 const std::string& key) {
    const import::FileReading reading = import::read_file(published_data / name);
    REQUIRE(reading.files.size() == 1);
    std::map<std::string, std::map<std::string, std::string>> rows;
    std::vector<std::string> headings;
    std::istringstream lines{reading.files[0].text};
    for (std::string line; std::getline(lines, line);) {
        std::vector<std::string> cells;
        std::istringstream row{line};
        for (std::string cell; std::getline(row, cell, ',');) cells.push_back(cell);
        if (headings.empty()) {
            headings = cells;
            continue;
        }
        std::map<std::string, std::string> named;
        for (std::size_t i = 0; i < cells.size(); ++i) named[headings[i]] = cells[i];
        rows[named.at(key)] = named;
    }
    return rows;
}

}  // namespace fleetsim::packing::test

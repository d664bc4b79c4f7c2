#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <fleetsim/report/csv.hpp>
#include <fleetsim/report/json.hpp>
#include <fleetsim/report/write_directory.hpp>

#include "catch.hpp"
#include "sample_result.hpp"

namespace fs = std::filesystem;
using namespace fleetsim::report;
using fleetsim::report::testing::sample_result;

namespace {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (fs::temp_directory_path() / "fleetsim-test-XXXXXX").string();
        REQUIRE(mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { fs::remove_all(path_); }

    [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }
    [[nodiscard]] const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

std::string contents(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    REQUIRE(in);
    return {std::istreambuf_iterator<char>{in}, {}};
}

void put(const fs::path& file, const std::string& text) { std::ofstream{file, std::ios::binary} << text; }

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator{folder}) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
}

bool mentions(const std::string& message, const std::vector<std::string>& parts) {
    UNSCOPED_INFO(message);
    return std::all_of(parts.begin(), parts.end(),
                       [&message](const std::string& part) { return message.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("a run leaves three files and nothing else, in a folder that need not exist") {
    const TemporaryFolder folder;
    const auto result = sample_result();
    for (const char* name : {"out", "several/levels/down", "slash/"}) {
        const fs::path out = folder / name;
        CHECK(write_directory(result, out) == std::nullopt);
        CHECK(names_in(out) == std::vector<std::string>{"events.csv", "summary.json", "timeseries.csv"});
        CHECK(contents(out / "summary.json") == json_text(to_json(result)));
        CHECK(contents(out / "timeseries.csv") == timeseries_csv(result));
        CHECK(contents(out / "events.csv") == events_csv(result));
    }
}

TEST_CASE("an earlier run's files are replaced and a user's own files are left alone") {
    const TemporaryFolder folder;
    put(folder / "summary.json", "old");
    put(folder / "notes.txt", "mine");
    CHECK(write_directory(sample_result(), folder.path()) == std::nullopt);
    CHECK(contents(folder / "summary.json") == json_text(to_json(sample_result())));
    CHECK(contents(folder / "notes.txt") == "mine");
}

TEST_CASE("a file where the folder should be is named, and stays as it was") {
    const TemporaryFolder folder;
    put(folder / "out", "a file");

    const auto in_its_place = write_directory(sample_result(), folder / "out");
    REQUIRE(in_its_place);
    CHECK(mentions(*in_its_place, {(folder / "out").string(), "Not a directory"}));

    const auto below_it = write_directory(sample_result(), folder / "out/deeper");
    REQUIRE(below_it);
    CHECK(mentions(*below_it, {"Not a directory"}));

    CHECK(contents(folder / "out") == "a file");
    CHECK(names_in(folder.path()) == std::vector<std::string>{"out"});
}

TEST_CASE("a folder that cannot be made is reported with the system's reason") {
    // Nobody can make a folder here, the superuser included.
    const auto problem = write_directory(sample_result(), "/proc/fleetsim-test");
    REQUIRE(problem);
    CHECK(mentions(*problem, {"cannot create /proc/fleetsim-test: "}));
    CHECK(write_directory(sample_result(), ""));
}

TEST_CASE("when one file cannot be written none is, and no temporary file stays behind") {
    const TemporaryFolder folder;
    put(folder / "summary.json", "old");
    // A folder with the name of the last file: the first two have been prepared when this is found.
    fs::create_directory(folder / "events.csv");

    const auto problem = write_directory(sample_result(), folder.path());
    REQUIRE(problem);
    CHECK(mentions(*problem, {"events.csv", "Is a directory"}));
    CHECK(contents(folder / "summary.json") == "old");
    CHECK(names_in(folder.path()) == std::vector<std::string>{"events.csv", "summary.json"});
}

TEST_CASE("folders made for nothing are removed again") {
    const TemporaryFolder folder;
    // A name longer than any file system allows fails after the folders above it were made.
    const auto problem = write_files(folder / "new/deep", {{std::string(300, 'x'), "text"}});
    REQUIRE(problem);
    CHECK(mentions(*problem, {"File name too long"}));
    CHECK(names_in(folder.path()).empty());
}

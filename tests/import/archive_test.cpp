#include <filesystem>
#include <fstream>
#include <string>

#include <fleetsim/import/archive.hpp>

#include "catch.hpp"
#include "import/made_archives.hpp"

using namespace fleetsim::import;
using fleetsim::testing::gzipped;
using fleetsim::testing::tar_end;
using fleetsim::testing::tar_entry;

TEST_CASE("a plain file is read as it is") {
    const FileReading read = unpack("name,cpu\na,1\n", "tasks.csv");
    REQUIRE(read.files.size() == 1);
    CHECK(read.files[0].name == "tasks.csv");
    CHECK(read.files[0].text == "name,cpu\na,1\n");
    CHECK(!read.archive);
    CHECK(read.problems.render().empty());
}

TEST_CASE("gzip is told from the contents and undone") {
    for (const char* name : {"tasks.csv.gz", "tasks.csv"}) {
        const FileReading read = unpack(gzipped("name,cpu\na,1\n"), name);
        REQUIRE(read.files.size() == 1);
        CHECK(read.files[0].name == name);
        CHECK(read.files[0].text == "name,cpu\na,1\n");
        CHECK(!read.archive);
    }
}

TEST_CASE("an archive gives its files in its order and leaves out what is hidden") {
    const std::string tar = tar_entry("set/b.txt", "second") + tar_entry("set/._b.txt", "hidden") +
                            tar_entry("set/a.txt", "first") + tar_end();
    for (const std::string& bytes : {tar, gzipped(tar)}) {
        const FileReading read = unpack(bytes, "sets.tar.gz");
        CHECK(read.problems.render().empty());
        REQUIRE(read.files.size() == 2);
        CHECK(read.archive);
        CHECK(read.files[0].name == "sets.tar.gz/set/b.txt");
        CHECK(read.files[0].text == "second");
        CHECK(read.files[1].name == "sets.tar.gz/set/a.txt");
    }
}

TEST_CASE("compressed data that break off are an error where surely read text ends") {
    const std::string whole = gzipped("name,cpu\na,1\n");
    // The last four bytes of the text, the checksum and the length are gone.
    const FileReading read = unpack(whole.substr(0, whole.size() - 12), "tasks.csv.gz");
    CHECK(read.problems.has_errors());
    CHECK(read.files.empty());
    CHECK_THAT(read.problems.render(),
               Catch::Matchers::StartsWith(
                   "tasks.csv.gz:1:1: error: the compressed data break off or are damaged after this: "));
    // What comes in whole blocks is read before the end is missed, and then the place is told: 70 blocks of 60,000
    // bytes, each a line, the last of them cut.
    std::string blocks;
    for (int block = 0; block < 70; ++block) blocks += gzipped(std::string(59'999, 'x') + "\n");
    const std::string late = unpack(blocks.substr(0, blocks.size() - 30'000), "tasks.csv.gz").problems.render();
    CHECK_THAT(late, Catch::Matchers::StartsWith("tasks.csv.gz:") && ContainsSubstring("break off"));
    CHECK(std::stoi(late.substr(late.find(':') + 1)) > 60);
}

TEST_CASE("wherever gzip breaks off there is an error and never a shorter text") {
    const std::string whole = gzipped("name,cpu\na,1\nb,2\n");
    for (std::size_t length = 2; length < whole.size(); ++length) {
        const FileReading read = unpack(whole.substr(0, length), "tasks.csv.gz");
        INFO("after " << length << " of " << whole.size() << " bytes");
        CHECK(read.problems.has_errors());
        CHECK(read.files.empty());
    }
    REQUIRE(!unpack(whole, "tasks.csv.gz").problems.has_errors());
}

TEST_CASE("an archive that breaks off is an error") {
    const std::string tar = tar_entry("a.txt", std::string(700, 'x')) + tar_entry("b.txt", "second") + tar_end();
    const FileReading read = unpack(tar.substr(0, 600), "sets.tar");
    CHECK(read.problems.has_errors());
    CHECK_THAT(read.problems.render(), ContainsSubstring("sets.tar/a.txt:1:") && ContainsSubstring("break off"));
}

TEST_CASE("empty files and empty archives say so") {
    CHECK(unpack("", "tasks.csv").problems.render() == "tasks.csv: error: the file is empty\n1 error.\n");
    CHECK(unpack(gzipped(""), "tasks.csv.gz").problems.has_errors());
    CHECK_THAT(unpack(tar_entry(".hidden", "x") + tar_end(), "sets.tar").problems.render(),
               ContainsSubstring("sets.tar: error: the archive holds no files"));
}

TEST_CASE("contents beyond the limit are refused and not held") {
    const std::string text(3'000'000, '0');
    CHECK(unpack(text, "large.txt", 1U << 20U).problems.render() ==
          "large.txt: error: more than 1 MiB of contents; fleetsim reads no more\n1 error.\n");
    CHECK(!unpack(text, "large.txt", 3U << 20U).problems.has_errors());
}

TEST_CASE("a file that is not there or is a directory is an error without a line") {
    namespace fs = std::filesystem;
    CHECK(read_file("no-such-file.csv").problems.render() == "no-such-file.csv: error: no such file\n1 error.\n");
    const std::string folder = fs::temp_directory_path().string();
    CHECK(read_file(folder).problems.render() == folder + ": error: this is a directory, expected a file\n1 error.\n");
}

TEST_CASE("an instance is named as its file") {
    CHECK(stem_of("New.tar.gz/class1/class1_20_3_0.vbp") == "class1_20_3_0");
    CHECK(stem_of("openb_pod_list_default.csv.gz") == "openb_pod_list_default");
    CHECK(stem_of("data/v1.dev.txt.gz") == "v1.dev");
    CHECK(stem_of("plain") == "plain");
    CHECK(stem_of(".hidden") == ".hidden");
}

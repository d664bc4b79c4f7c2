#include <filesystem>
#include <string>
#include <vector>

#include <fleetsim/import/items_files.hpp>

#include "catch.hpp"
#include "import/made_archives.hpp"

using namespace fleetsim;
using namespace fleetsim::import;

namespace {

std::string problems_of(const std::string& text) {
    scenario::Diagnostics diagnostics("set.txt");
    CHECK(!parse_items({"set.txt", text}, diagnostics));
    std::string messages;
    for (const auto& found : diagnostics.sorted()) {
        messages +=
            std::to_string(found.place.line) + ":" + std::to_string(found.place.column) + " " + found.message + "\n";
    }
    return messages;
}

packing::Items items(const std::string& text) {
    scenario::Diagnostics diagnostics("set.txt");
    auto read = parse_items({"folder/set.txt", text}, diagnostics);
    INFO(diagnostics.render());
    REQUIRE(read);
    return *read;
}

}  // namespace

TEST_CASE("an instance of one dimension is the number of items and the capacity and the sizes") {
    const packing::Items read = items("3\n10\n4\n 7\r\n3\n");
    CHECK(read.name == "set");
    CHECK(read.capacity == std::vector<std::int32_t>{10});
    CHECK(read.sizes == std::vector<std::int32_t>{4, 7, 3});
    // Line ends mean no more than blanks.
    CHECK(items("3 10 4 7 3").sizes == read.sizes);
}

TEST_CASE("an instance of vectors lists types which come out item by item") {
    const packing::Items read = items("2\n10 20\n2\n4 5 2\n6 0 1\n");
    CHECK(read.capacity == std::vector<std::int32_t>{10, 20});
    CHECK(read.sizes == std::vector<std::int32_t>{4, 5, 4, 5, 6, 0});
    CHECK(items("1\n10\n2\n4 2\n6 1\n").sizes == std::vector<std::int32_t>{4, 4, 6});
}

TEST_CASE("a single item that fills its bin is an instance of one dimension") {
    CHECK(items("1\n10\n10\n").sizes == std::vector<std::int32_t>{10});
}

TEST_CASE("each item larger than the bin is named") {
    CHECK(problems_of("4\n10\n11\n10\n12\n1\n") ==
          "3:1 item 1 is larger than the bin: 11 of 10\n5:1 item 3 is larger than the bin: 12 of 10\n");
    CHECK(problems_of("2\n10 20\n2\n4 25 2\n11 21 1\n") ==
          "4:3 type 1 is larger than the bin: 25 of 20 in dimension 2\n"
          "5:1 type 2 is larger than the bin: 11 of 10 in dimension 1, 21 of 20 in dimension 2\n");
}

TEST_CASE("what is wrong with an instance is told at its place") {
    struct Row {
        const char* text;
        const char* messages;
    };
    const Row rows[] = {
        {"3\n10\n4\n7\n", "4:1 the file ends before the size of item 3\n"},
        {"3\n10\n4\n7\n3\n5\n", "6:1 expected the end of the file, found \"5\"\n"},
        {"0\n10\n", "1:1 expected the number of items, 1 or more, found \"0\"\n"},
        {"1\n0\n5\n", "2:1 expected the capacity of a bin, 1 or more, found \"0\"\n"},
        {"2\n10\n-1\n-2\n",
         "3:1 expected the size of item 1, 0 or more, found \"-1\"\n4:1 expected the size of item 2, 0 or more, found "
         "\"-2\"\n"},
        {"2\n10\n4294967297\n3\n", "3:1 expected the size of item 1, at most 2147483647, found \"4294967297\"\n"},
        {"2\n10\n99999999999999999999\n3\n",
         "3:1 expected the size of item 1, at most 2147483647, found \"99999999999999999999\"\n"},
        {"2\n10\nnan\n3\n", "3:1 expected the size of item 1, a whole number, found \"nan\"\n"},
        {"2\n10\n2.5\n3\n", "3:1 expected the size of item 1, a whole number, found \"2.5\"\n"},
        {"4294967297\n10\n", "1:1 expected the number of items, at most 50000000, found \"4294967297\"\n"},
        {"2\n10 20\n1\n4 5 2000000000\n", "4:5 more than 50000000 sizes in one instance\n"},
        {"2\n10 20\n1\n4 5\n", "4:1 expected 3 numbers for type 1, found 2\n"},
        {"2\n10 20\n1\n4 5 0\n", "0:0 the instance has no items\n"},
        {"2\n10 20 30\n1\n4 5 6 1\n", "2:1 expected 2 capacities, found 3\n"},
        {"2\n10 20\n2\n4 5 1 1\n6 7 1\n", "4:1 expected 3 numbers for type 1, found 4\n"},
        {"2\n10\n\x03\n", "3:1 this is not text (byte 0x03); expected whole numbers between blanks\n"},
    };
    for (const Row& row : rows) {
        INFO(row.text);
        CHECK(problems_of(row.text) == row.messages);
    }
}

TEST_CASE("a little below 0 is let through where published instances have it") {
    // 2 % of 100, and nothing in one dimension.
    CHECK(items("2\n100 100\n1\n51 -2 1\n").sizes == std::vector<std::int32_t>{51, -2});
    CHECK(problems_of("2\n100 100\n1\n51 -3 1\n") ==
          "4:4 expected the size of type 1 in dimension 2, -2 or more, found \"-3\"\n");
    const std::vector<TextFile> files{{"a/one.vbp", "2\n100 100\n1\n51 -2 1\n"}, {"a/two.vbp", "1\n2\n1\n"}};
    CHECK(parse_items(files, "a.tar").problems.render() ==
          "a.tar: warning: 1 instance with sizes a little below 0, which give room back to their bin; the first is "
          "one\n1 warning.\n");
}

TEST_CASE("an archive holds one instance a file and each is named as its file") {
    const std::vector<TextFile> files{{"s.tar/x/one.txt", "1\n10\n5\n"}, {"s.tar/y/two.txt", "1\n10\n6\n"}};
    const ItemsReading reading = parse_items(files, "s.tar");
    REQUIRE(reading.instances.size() == 2);
    CHECK(reading.instances[0].name == "one");
    CHECK(reading.instances[1].name == "two");
    CHECK(!reading.problems.has_errors());
}

TEST_CASE("instances of the same name in two folders are told apart by their folders") {
    const std::vector<TextFile> files{{"s.tar/x/one.txt", "1\n10\n5\n"}, {"s.tar/y/one.txt", "1\n10\n6\n"}};
    const ItemsReading reading = parse_items(files, "s.tar");
    REQUIRE(reading.instances.size() == 2);
    CHECK(reading.instances[0].name == "s.tar/x/one.txt");
    CHECK(reading.instances[1].name == "s.tar/y/one.txt");
}

TEST_CASE("one wrong instance spoils the archive and all wrong ones are told") {
    const std::vector<TextFile> files{
        {"s.tar/one.txt", "1\n10\n11\n"}, {"s.tar/two.txt", "1\n10\n6\n"}, {"s.tar/three.txt", ""}};
    const ItemsReading reading = parse_items(files, "s.tar");
    CHECK(reading.instances.empty());
    CHECK(reading.problems.render() ==
          "s.tar/one.txt:3:1: error: item 1 is larger than the bin: 11 of 10\n"
          "    3 | 11\n"
          "      | ^~\n"
          "1 error.\n"
          "s.tar/three.txt:1:1: error: the file ends before the number of items\n"
          "    1 | \n"
          "      | ^\n"
          "1 error.\n");
}

TEST_CASE("instances are told from other files by their first line") {
    CHECK(looks_like_items("3\n10\n"));
    CHECK(looks_like_items("\n 3 10\n"));
    CHECK(looks_like_items("-3\n10\n"));
    CHECK(!looks_like_items("name,cpu\n"));
    CHECK(!looks_like_items("fleetsim: 1\n"));
    CHECK(!looks_like_items("300 g,|,\n"));
    CHECK(!looks_like_items(""));
}

TEST_CASE("the shared archives hold as many instances as their description says") {
    const std::filesystem::path folder = std::filesystem::path(FLEETSIM_SHARED_DATA_DIR) / "placement";
    if (!std::filesystem::exists(folder)) {
        WARN("left out: there is no " << folder.string());
        return;
    }
    struct Row {
        const char* file;
        std::size_t instances;
    };
    for (const Row& row : {Row{"vbp/New.tar.gz", 756},
                           {"vbp/Panigrahy.tar.gz", 1134},
                           {"vbp/Triplet.tar.gz", 168},
                           {"bpp1d/instances.tar.gz", 1080}}) {
        const ItemsReading reading = read_items(folder / row.file);
        INFO(row.file << "\n" << reading.problems.render());
        CHECK(reading.instances.size() == row.instances);
    }
}

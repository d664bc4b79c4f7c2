#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <fleetsim/ecs/fargate_size.hpp>

#include "catch.hpp"

using namespace fleetsim::ecs;

TEST_CASE("Fargate has a grid of sizes and nothing between them") {
    struct Row {
        FargateSize size;
        bool valid;
    };
    for (const Row& row : {
             Row{{256, 512}, true},       Row{{256, 1024}, true},     Row{{256, 1536}, false},
             Row{{256, 2048}, true},      Row{{256, 3072}, false},    Row{{512, 4096}, true},
             Row{{512, 512}, false},      Row{{1024, 1024}, false},   Row{{1024, 8192}, true},
             Row{{768, 2048}, false},     Row{{2048, 16384}, true},   Row{{2048, 16385}, false},
             Row{{4096, 30720}, true},    Row{{4096, 31744}, false},  Row{{8192, 18432}, false},
             Row{{8192, 20480}, true},    Row{{16384, 122880}, true}, Row{{16384, 36864}, false},
             Row{{32768, 122880}, false}, Row{{0, 0}, false},
         }) {
        CAPTURE(row.size.cpu_units, row.size.memory_mib);
        CHECK(is_fargate_size(row.size) == row.valid);
    }
}

TEST_CASE("the nearest size of Fargate holds both the CPU and the memory") {
    struct Row {
        FargateSize wanted;
        std::optional<FargateSize> nearest;
    };
    for (const Row& row : {
             Row{{256, 3072}, FargateSize{512, 3072}},
             Row{{256, 1536}, FargateSize{256, 2048}},
             Row{{1024, 1024}, FargateSize{1024, 2048}},
             Row{{8192, 18432}, FargateSize{8192, 20480}},
             Row{{4096, 31744}, FargateSize{8192, 32768}},
             Row{{1, 1}, FargateSize{256, 512}},
             Row{{257, 100}, FargateSize{512, 1024}},
             Row{{512, 4096}, FargateSize{512, 4096}},
             Row{{16384, 122880}, FargateSize{16384, 122880}},
             Row{{16384, 122881}, std::nullopt},
             Row{{16385, 1024}, std::nullopt},
         }) {
        CAPTURE(row.wanted.cpu_units, row.wanted.memory_mib);
        CHECK(nearest_fargate_size(row.wanted) == row.nearest);
    }
}

TEST_CASE("no smaller size of Fargate than the nearest would do") {
    const std::vector<FargateSize> sizes = fargate_sizes();
    for (std::int32_t cpu_units = 1; cpu_units < 17'000; cpu_units += 127) {
        for (std::int32_t memory_mib = 1; memory_mib < 125'000; memory_mib += 511) {
            std::optional<FargateSize> first;
            for (const FargateSize size : sizes) {
                if (!first && size.cpu_units >= cpu_units && size.memory_mib >= memory_mib) first = size;
            }
            REQUIRE(nearest_fargate_size({cpu_units, memory_mib}) == first);
        }
    }
}

TEST_CASE("the sizes of Fargate are those that AWS publishes") {
    const auto path = std::filesystem::path{FLEETSIM_SHARED_DATA_DIR} / "fargate-sizes.csv";
    if (!std::filesystem::exists(path)) {
        WARN("not read, since it is not there: " << path.string());
        return;
    }
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    REQUIRE(line == "cpu_units,memory_mib");
    std::vector<FargateSize> published;
    while (std::getline(file, line)) {
        std::istringstream fields(line);
        FargateSize size;
        char comma = 0;
        REQUIRE(fields >> size.cpu_units >> comma >> size.memory_mib);
        published.push_back(size);
    }
    const auto order = [](FargateSize one, FargateSize other) {
        return one.cpu_units != other.cpu_units ? one.cpu_units < other.cpu_units : one.memory_mib < other.memory_mib;
    };
    std::sort(published.begin(), published.end(), order);
    CHECK(published.size() == 74);
    CHECK(fargate_sizes() == published);
    CHECK(std::all_of(published.begin(), published.end(), is_fargate_size));
}

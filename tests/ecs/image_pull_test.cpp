#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include <fleetsim/ecs/image_pull.hpp>

#include "catch.hpp"
#include "des/aborts.hpp"

using namespace fleetsim;
using namespace fleetsim::ecs;
using namespace std::chrono_literals;
using des::Duration;
using des::Time;

namespace {

constexpr std::int64_t mib = std::int64_t{1} << 20;
constexpr ImageId none{};

/// Two applications on one runtime, which is built on a system; and one image of its own.
struct Shelf {
    Images images;
    ImageId system = images.add({30 * mib, 80 * mib, none});
    ImageId runtime = images.add({60 * mib, 200 * mib, system});
    ImageId shop = images.add({15 * mib, 40 * mib, runtime});
    ImageId search = images.add({300 * mib, 700 * mib, runtime});
    ImageId proxy = images.add({45 * mib, 100 * mib, none});
};

}  // namespace

TEST_CASE("layers that a cached image consists of are not downloaded again") {
    const Shelf shelf;
    const Layers system{shelf.system, 30 * mib, 80 * mib};
    const Layers runtime{shelf.runtime, 60 * mib, 200 * mib};
    const Layers shop{shelf.shop, 15 * mib, 40 * mib};
    struct Row {
        const char* what;
        ImageId wanted;
        std::vector<ImageId> cached;
        std::vector<Layers> missing;
    };
    for (const Row& row : {
             Row{"nothing is there", shelf.shop, {}, {system, runtime, shop}},
             Row{"it is there itself", shelf.shop, {shelf.shop}, {}},
             Row{"its sister is", shelf.shop, {shelf.search}, {shop}},
             Row{"its base's base is", shelf.shop, {shelf.system}, {runtime, shop}},
             Row{"a stranger is", shelf.shop, {shelf.proxy}, {system, runtime, shop}},
             Row{"a base comes with what is built on it", shelf.system, {shelf.proxy, shelf.search}, {}},
             Row{"no base", shelf.proxy, {shelf.shop}, {{shelf.proxy, 45 * mib, 100 * mib}}},
         }) {
        INFO(row.what);
        std::vector<CachedImage> cache;
        for (const ImageId image : row.cached) cache.push_back({.image = image});
        CHECK(missing_layers(shelf.images, row.wanted, cache) == row.missing);
        const bool listed = std::find(row.cached.begin(), row.cached.end(), row.wanted) != row.cached.end();
        CHECK((find_cached(cache, row.wanted) != nullptr) == listed);
    }
}

TEST_CASE("an image that is its own base is noticed") {
    Images images;
    const ImageId a = images.add({1, 1, ImageId{1}});
    const ImageId b = images.add({1, 1, a});
    const ImageId c = images.add({1, 1, b});
    const ImageId d = images.add({1, 1, none});
    const ImageId e = images.add({1, 1, ImageId{4}});
    CHECK(based_on_itself(images, a));
    CHECK(based_on_itself(images, b));
    CHECK_FALSE(based_on_itself(images, c));
    CHECK_FALSE(based_on_itself(images, d));
    CHECK(based_on_itself(images, e));
    CHECK(test::aborts([&] { (void)missing_layers(images, c, {}); }));
}

TEST_CASE("a pull takes its manifest and its download and its unpacking") {
    const Shelf shelf;
    const PullTimes times;
    const auto whole = [&](ImageId image) { return missing_layers(shelf.images, image, {}); };
    struct Row {
        const char* what;
        std::vector<Layers> missing;
        std::int64_t bytes_per_second;
        Duration takes;
    };
    for (const Row& row : {
             Row{"nothing is missing", {}, mib, 500ms},
             Row{"45 MiB on Fargate and 100 MiB unpacked", whole(shelf.proxy), fargate_pull_bytes_per_second,
                 500ms + 750ms + 350ms},
             Row{"105 MiB on an instance and 320 MiB unpacked", whole(shelf.shop), instance_pull_bytes_per_second,
                 500ms + 700ms + 1120ms},
             Row{"one byte of three a second", {{shelf.proxy, 1, 0}}, 3, 500ms + 333'333'334ns},
             Row{"one byte to unpack", {{shelf.proxy, 0, 1}}, 3, 500ms + 4ns},
         }) {
        INFO(row.what);
        CHECK(pull_time(times, row.missing, row.bytes_per_second) == row.takes);
    }
    CHECK(unpack_time(times, 100 * mib) == 350ms);
    // Ten tebibytes do not overflow.
    CHECK(unpack_time(times, 10 * mib * mib) == 104'857 * 350ms + 210ms);
}

TEST_CASE("the pull behavior says when the registry is asked and what happens if it is silent") {
    const CachedImage pulled{};
    const CachedImage baked{.pulled_by_agent = false};
    struct Row {
        PullBehavior behavior;
        const CachedImage* cached;
        PullPlan answered;
        PullPlan silent;
    };
    using enum PullBehavior;
    const PullPlan pull{ImageSource::registry, 0s};
    const PullPlan cached{ImageSource::cache, 300ms};
    const PullPlan fails{ImageSource::none, 60s};
    const PullPlan fallback{ImageSource::cache, 60s + 300ms};
    for (const Row& row : {
             Row{default_, nullptr, pull, fails},
             Row{default_, &pulled, pull, fallback},
             Row{default_, &baked, pull, fallback},
             Row{always, nullptr, pull, fails},
             Row{always, &pulled, pull, fails},
             Row{once, nullptr, pull, fails},
             Row{once, &pulled, cached, cached},
             Row{once, &baked, pull, fails},
             Row{prefer_cached, nullptr, pull, fails},
             Row{prefer_cached, &pulled, cached, cached},
             Row{prefer_cached, &baked, cached, cached},
         }) {
        INFO(pull_behavior_names[static_cast<std::size_t>(row.behavior)]);
        CAPTURE(row.cached == &pulled, row.cached == &baked);
        CHECK(plan_pull(row.behavior, row.cached, true) == row.answered);
        CHECK(plan_pull(row.behavior, row.cached, false) == row.silent);
    }
}

TEST_CASE("cleanup removes at most five old images that nobody refers to and the least recently used first") {
    const auto image = [](std::uint32_t id, Duration pulled, Duration used, std::uint32_t containers = 0,
                          bool by_agent = true) {
        return CachedImage{ImageId{id}, Time{pulled}, Time{used}, containers, by_agent};
    };
    struct Row {
        const char* what;
        std::vector<CachedImage> cache;
        std::vector<std::uint32_t> removed;
    };
    for (const Row& row : {
             Row{"none", {}, {}},
             Row{"pulled exactly an hour ago", {image(1, 1h, 1h)}, {}},
             Row{"a moment longer ago", {image(1, 1h - 1ns, 90min)}, {1}},
             Row{"in use", {image(1, 0s, 0s, 1)}, {}},
             Row{"of the machine image", {image(1, 0s, 0s, 0, false)}, {}},
             Row{"the first five by their last use",
                 {image(1, 0s, 7min), image(2, 0s, 1min), image(3, 0s, 5min), image(4, 0s, 3min), image(5, 90min, 0s),
                  image(6, 0s, 2min), image(7, 0s, 4min)},
                 {2, 6, 4, 7, 3}},
             Row{"equals by their number", {image(3, 0s, 1min), image(1, 0s, 1min), image(2, 0s, 1min)}, {1, 2, 3}},
         }) {
        INFO(row.what);
        std::vector<ImageId> removed;
        for (const std::uint32_t id : row.removed) removed.push_back(ImageId{id});
        CHECK(images_to_remove({}, PullBehavior::default_, row.cache, Time{2h}) == removed);
        CHECK(images_to_remove({}, PullBehavior::prefer_cached, row.cache, Time{2h}).empty());
    }
}

#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/id.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/wide_integer.hpp>

namespace fleetsim::ecs {

using ImageId = des::Id<struct ImageTag>;

/// A container image: layers of its own on top of those of another image.
struct Image {
    std::int64_t own_compressed_bytes = 0;    ///< What is downloaded.
    std::int64_t own_uncompressed_bytes = 0;  ///< What it becomes on the disk.
    ImageId base{};
};

/// All images of a scenario. No image is its own base, directly or by others.
using Images = des::Table<ImageId, Image>;

/// The layers that an image adds to its base: they are present or missing together.
struct Layers {
    ImageId of{};
    std::int64_t compressed_bytes = 0;
    std::int64_t uncompressed_bytes = 0;
    friend bool operator==(const Layers&, const Layers&) = default;
};

/// An image on an instance.
struct CachedImage {
    ImageId image{};
    des::Time pulled_at{};
    des::Time last_used{};         ///< When a task with it last started.
    std::uint32_t containers = 0;  ///< That refer to it; stopped ones do until they are removed.
    bool pulled_by_agent = true;   ///< False: it came with the machine image.
};

/// A stopped container is removed, and its image no longer referred to, after this time.
///
/// Source: Amazon ECS Developer Guide, "Automated task and image cleanup".
inline constexpr std::chrono::hours stopped_container_stays{3};

/// Is the image among its own bases? The other functions stop at such an image, so whoever reads images asks first.
[[nodiscard]] inline bool based_on_itself(const Images& images, ImageId image) {
    ImageId at = images[image].base;
    for (std::size_t steps = 0; at.exists() && steps < images.size(); ++steps) {
        if (at == image) return true;
        at = images[at].base;
    }
    return false;
}

/// Does `image` consist of the layers of `part`, among others?
[[nodiscard]] inline bool contains_layers(const Images& images, ImageId image, ImageId part) {
    std::size_t steps = 0;
    for (; image.exists(); image = images[image].base) {
        FLEETSIM_CHECK(steps++ < images.size());
        if (image == part) return true;
    }
    return false;
}

/// The image in an instance's cache; null if it is not.
[[nodiscard]] inline const CachedImage* find_cached(std::span<const CachedImage> cache, ImageId image) {
    const auto found =
        std::find_if(cache.begin(), cache.end(), [&](const auto& cached) { return cached.image == image; });
    return found == cache.end() ? nullptr : &*found;
}

/// What is to be downloaded before an image can be used, the base first: layers that no cached image consists of.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS container agent configuration" (`ECS_IMAGE_PULL_BEHAVIOR`): layers
/// that are present are not downloaded again.
[[nodiscard]] inline std::vector<Layers> missing_layers(const Images& images, ImageId image,
                                                        std::span<const CachedImage> cache) {
    std::vector<Layers> missing;
    for (; image.exists(); image = images[image].base) {
        FLEETSIM_CHECK(missing.size() < images.size());
        const bool present = std::any_of(cache.begin(), cache.end(), [&](const CachedImage& cached) {
            return contains_layers(images, cached.image, image);
        });
        // Whoever has these layers has those below them.
        if (present) break;
        missing.push_back({image, images[image].own_compressed_bytes, images[image].own_uncompressed_bytes});
    }
    std::reverse(missing.begin(), missing.end());
    return missing;
}

/// How long the parts of a pull take. All are model decisions within what was measured.
struct PullTimes {
    des::Duration manifest = std::chrono::milliseconds{500};        ///< To sign in and to learn of the layers.
    des::Duration unpack_100_mib = std::chrono::milliseconds{350};  ///< For each 100 MiB on the disk.
    des::Duration cached_start = std::chrono::milliseconds{300};    ///< With an image that is used as it is.
    des::Duration manifest_timeout = std::chrono::minutes{1};       ///< Until a silent registry is given up.
};

/// Bytes a second of a pull on Fargate with up to one vCPU, and of all pulls of an instance together unless its network
/// is slower. Model decisions.
inline constexpr std::int64_t fargate_pull_bytes_per_second = 60 * (std::int64_t{1} << 20);
inline constexpr std::int64_t instance_pull_bytes_per_second = 150 * (std::int64_t{1} << 20);

/// Time to unpack layers of this size, rounded up to whole nanoseconds.
[[nodiscard]] constexpr des::Duration unpack_time(const PullTimes& times, std::int64_t uncompressed_bytes) {
    constexpr std::int64_t unit = 100 * (std::int64_t{1} << 20);
    const des::Int128 scaled = des::Int128{uncompressed_bytes} * times.unpack_100_mib.count();
    return des::Duration{static_cast<std::int64_t>((scaled + unit - 1) / unit)};
}

/// Time of a pull that has the bandwidth for itself. On Fargate, which keeps no images, `missing` is the whole image.
[[nodiscard]] inline des::Duration pull_time(const PullTimes& times, std::span<const Layers> missing,
                                             std::int64_t bytes_per_second) {
    FLEETSIM_CHECK(bytes_per_second > 0);
    des::Int128 bytes = 0;
    des::Duration unpacking{0};
    for (const Layers& layers : missing) {
        bytes += layers.compressed_bytes;
        unpacking += unpack_time(times, layers.uncompressed_bytes);
    }
    const des::Int128 download = (bytes * std::nano::den + bytes_per_second - 1) / bytes_per_second;
    return times.manifest + des::Duration{static_cast<std::int64_t>(download)} + unpacking;
}

/// When the agent of an instance pulls an image, and when it uses the one that it has.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS container agent configuration" (`ECS_IMAGE_PULL_BEHAVIOR`).
enum class PullBehavior : std::uint8_t { default_, always, once, prefer_cached };

inline constexpr std::array<std::string_view, 4> pull_behavior_names{"default", "always", "once", "prefer-cached"};

enum class ImageSource : std::uint8_t {
    cache,
    registry,
    none,  ///< The task stops with `CannotPullContainerError`.
};

struct PullPlan {
    ImageSource from = ImageSource::cache;
    /// Until the container can be created, or the task stops. Of a pull, this is told by a `PullQueue`.
    des::Duration takes{0};
    friend bool operator==(const PullPlan&, const PullPlan&) = default;
};

/// Where the image of a task that starts comes from; `cached` is null when the instance does not have it. `once` trusts
/// an image that the agent has pulled before, `prefer_cached` also one that came with the machine image.
///
/// Source: Amazon ECS Developer Guide, "Amazon ECS container agent configuration" (`ECS_IMAGE_PULL_BEHAVIOR`). That a
/// silent registry costs one time-out, without further attempts, is a model decision.
[[nodiscard]] constexpr PullPlan plan_pull(PullBehavior behavior, const CachedImage* cached, bool registry_answers,
                                           const PullTimes& times = {}) {
    const bool trusted = cached != nullptr && (behavior == PullBehavior::prefer_cached ||
                                               (behavior == PullBehavior::once && cached->pulled_by_agent));
    if (trusted) return {ImageSource::cache, times.cached_start};
    if (registry_answers) return {ImageSource::registry, des::Duration{0}};
    if (behavior == PullBehavior::default_ && cached != nullptr) {
        return {ImageSource::cache, times.manifest_timeout + times.cached_start};
    }
    return {ImageSource::none, times.manifest_timeout};
}

/// How an instance gets rid of images, with the agent's defaults.
///
/// Source: Amazon ECS Developer Guide, "Automated task and image cleanup".
struct ImageCleanup {
    des::Duration interval = std::chrono::minutes{30};
    des::Duration minimum_age = std::chrono::hours{1};  ///< Since its pull.
    std::uint32_t images_per_cycle = 5;
};

/// The images that one cleanup removes: those that no container refers to and that are old enough, the least recently
/// used first. Those that the agent has not pulled stay, and with `prefer_cached` all do. Of images used at one instant
/// the one with the lowest id is first.
///
/// Source: Amazon ECS Developer Guide, "Automated task and image cleanup".
[[nodiscard]] inline std::vector<ImageId> images_to_remove(const ImageCleanup& cleanup, PullBehavior behavior,
                                                           std::span<const CachedImage> cache, des::Time now) {
    std::vector<CachedImage> candidates;
    if (behavior == PullBehavior::prefer_cached) return {};
    for (const CachedImage& cached : cache) {
        if (cached.containers > 0 || !cached.pulled_by_agent) continue;
        if (now - cached.pulled_at > cleanup.minimum_age) candidates.push_back(cached);
    }
    std::sort(candidates.begin(), candidates.end(), [](const CachedImage& one, const CachedImage& other) {
        return one.last_used != other.last_used ? one.last_used < other.last_used : one.image < other.image;
    });
    candidates.resize(std::min<std::size_t>(candidates.size(), cleanup.images_per_cycle));
    std::vector<ImageId> removed;
    for (const CachedImage& cached : candidates) removed.push_back(cached.image);
    return removed;
}

}  // namespace fleetsim::ecs

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/time.hpp>
#include <fleetsim/des/wide_integer.hpp>
#include <fleetsim/ecs/image_pull.hpp>

namespace fleetsim::ecs {

/// The image pulls of one instance. A pull asks the registry for the manifest, downloads what is missing and unpacks it
/// once all of it is there. Downloads share the bandwidth evenly, and those that need the same layers share one
/// download and one unpacking.
///
/// Not a byte is lost: what an instant's rounding leaves over is used by the next, so that downloads that keep the
/// instance busy end at the first nanosecond by which the bandwidth has carried them. A pull that has begun ends, even
/// if its task is stopped. That layers of one image count as one download is a model decision.
///
/// Cost: each step is linear in the pulls under way; memory is of these alone.
class PullQueue {
public:
    explicit PullQueue(std::int64_t bytes_per_second, PullTimes times = {})
        : bytes_per_second_(bytes_per_second), times_(times) {
        FLEETSIM_CHECK(bytes_per_second > 0);
    }

    /// Begins a pull of the layers that the instance's cache lacks, the base first. `pull` is any number that the
    /// caller knows it by. Time never runs backwards from call to call.
    void start(des::Time now, std::uint64_t pull, std::span<const Layers> missing) {
        advance(now);
        Pull begun{pull, now + times_.manifest, {}, {}};
        for (const Layers& layers : missing) {
            begun.layers.push_back(layers.of);
            const auto found = std::find_if(downloads_.begin(), downloads_.end(),
                                            [&](const Download& one) { return one.layers == layers.of; });
            if (found != downloads_.end()) {
                ++found->pulls;
                continue;
            }
            FLEETSIM_CHECK(layers.compressed_bytes >= 0 && layers.uncompressed_bytes >= 0);
            downloads_.push_back({layers.of, des::Int128{layers.compressed_bytes} * std::nano::den,
                                  unpack_time(times_, layers.uncompressed_bytes)});
        }
        pulls_.push_back(std::move(begun));
        settle();
    }

    /// When the next pull is done if none is started before; absent when none is under way.
    [[nodiscard]] std::optional<des::Time> next_done() const {
        if (pulls_.empty()) return std::nullopt;
        PullQueue ahead = *this;
        for (auto step = ahead.next_step(); step; step = ahead.next_step()) {
            // Another pull may still overtake one that has long to unpack.
            if (const auto done = ahead.first_done(); done && *done <= *step) break;
            ahead.serve(*step);
            ahead.settle();
        }
        return ahead.first_done();
    }

    /// Takes out the pulls that are done by `now`, in the order in which they became so.
    [[nodiscard]] std::vector<std::uint64_t> take_done(des::Time now) {
        advance(now);
        const auto rest = std::stable_partition(pulls_.begin(), pulls_.end(),
                                                [&](const Pull& pull) { return !pull.done_at || *pull.done_at > now; });
        std::stable_sort(rest, pulls_.end(),
                         [](const Pull& one, const Pull& other) { return *one.done_at < *other.done_at; });
        std::vector<std::uint64_t> done;
        for (auto pull = rest; pull != pulls_.end(); ++pull) {
            done.push_back(pull->id);
            for (const ImageId layers : pull->layers) --download_of(layers).pulls;
        }
        pulls_.erase(rest, pulls_.end());
        std::erase_if(downloads_, [](const Download& one) { return one.pulls == 0; });
        return done;
    }

    [[nodiscard]] std::size_t size() const { return pulls_.size(); }

private:
    struct Download {
        ImageId layers;
        des::Int128 left;  ///< In billionths of a byte, since bandwidth times nanoseconds is a whole number of these.
        des::Duration unpacking;
        std::uint32_t pulls = 1;
        bool begun = false;
        std::optional<des::Time> unpacked_at{};
    };
    struct Pull {
        std::uint64_t id;
        des::Time manifest_at;
        std::vector<ImageId> layers;
        std::optional<des::Time> done_at;
        bool begun = false;
    };

    [[nodiscard]] Download& download_of(ImageId layers) {
        const auto found = std::find_if(downloads_.begin(), downloads_.end(),
                                        [&](const Download& one) { return one.layers == layers; });
        FLEETSIM_CHECK(found != downloads_.end());
        return *found;
    }

    [[nodiscard]] static bool active(const Download& one) { return one.begun && one.left > 0; }

    [[nodiscard]] std::int64_t active_downloads() const {
        return std::count_if(downloads_.begin(), downloads_.end(), active);
    }

    [[nodiscard]] std::optional<des::Time> first_done() const {
        std::optional<des::Time> first;
        for (const Pull& pull : pulls_) {
            if (pull.done_at && (!first || *pull.done_at < *first)) first = pull.done_at;
        }
        return first;
    }

    /// When the next manifest or the end of a download comes.
    [[nodiscard]] std::optional<des::Time> next_step() const {
        std::optional<des::Time> next;
        const auto also = [&next](des::Time at) { next = next ? std::min(*next, at) : at; };
        for (const Pull& pull : pulls_) {
            if (!pull.begun) also(pull.manifest_at);
        }
        const std::int64_t sharing = active_downloads();
        for (const Download& one : downloads_) {
            if (!active(one)) continue;
            const des::Int128 needed = std::max(one.left * sharing - left_over_, des::Int128{0});
            const des::Int128 wait = (needed + bytes_per_second_ - 1) / bytes_per_second_;
            also(now_ + des::Duration{static_cast<std::int64_t>(wait)});
        }
        return next;
    }

    void advance(des::Time to) {
        FLEETSIM_CHECK(to >= now_);
        for (auto step = next_step(); step && *step <= to; step = next_step()) {
            serve(*step);
            settle();
        }
        serve(to);
    }

    /// Lets downloads go on until `to`; none ends before.
    void serve(des::Time to) {
        const std::int64_t sharing = active_downloads();
        const des::Int128 carried = des::Int128{(to - now_).count()} * bytes_per_second_ + left_over_;
        now_ = to;
        left_over_ = 0;
        if (sharing == 0) return;
        left_over_ = carried % sharing;
        for (Download& one : downloads_) {
            if (!active(one)) continue;
            one.left -= carried / sharing;
            if (one.left > 0) continue;
            left_over_ -= one.left;
            one.left = 0;
        }
        if (active_downloads() == 0) left_over_ = 0;
    }

    /// Begins the downloads whose manifests are here, and unpacks what is complete.
    void settle() {
        for (Pull& pull : pulls_) {
            if (pull.begun || pull.manifest_at > now_) continue;
            pull.begun = true;
            for (const ImageId layers : pull.layers) download_of(layers).begun = true;
        }
        for (Pull& pull : pulls_) {
            if (!pull.begun || pull.done_at) continue;
            const bool complete = std::all_of(pull.layers.begin(), pull.layers.end(),
                                              [&](ImageId layers) { return download_of(layers).left == 0; });
            if (!complete) continue;
            des::Time at = now_;
            for (const ImageId layers : pull.layers) {
                Download& one = download_of(layers);
                if (!one.unpacked_at) one.unpacked_at = at + one.unpacking;
                at = std::max(at, *one.unpacked_at);
            }
            pull.done_at = at;
        }
    }

    std::int64_t bytes_per_second_;
    PullTimes times_;
    des::Time now_{};
    des::Int128 left_over_ = 0;
    std::vector<Pull> pulls_;
    std::vector<Download> downloads_;
};

}  // namespace fleetsim::ecs

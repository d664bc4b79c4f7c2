#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <fleetsim/ecs/image_pull.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Docker's own limit is of 127 layers.
constexpr std::size_t most_bases = 127;
constexpr std::int64_t bytes_per_mib = std::int64_t{1} << 20U;

/// A name with what registries and tags bring with them: `example.com/web:1.2`.
[[nodiscard]] bool is_image_name(std::string text) {
    constexpr std::string_view others = "./:@";
    std::erase_if(text, [&](char c) { return others.find(c) != std::string_view::npos; });
    return is_name(text);
}

/// Whole MiB, in bytes; far beyond any image or network.
[[nodiscard]] Parsed<std::int64_t> parse_size_bytes(std::string_view text) {
    constexpr std::int64_t most_mib = std::int64_t{1} << 20U;
    auto parsed = SizeMib{}(text);
    if (!parsed.value) return parsed;
    if (*parsed.value > most_mib) return Parsed<std::int64_t>::bad("a size from 1MiB to 1TiB");
    *parsed.value *= bytes_per_mib;
    return parsed;
}

/// `150MiB/s`, in bytes a second.
[[nodiscard]] Parsed<std::int64_t> parse_bandwidth(std::string_view text) {
    constexpr std::string_view a_second = "/s";
    constexpr std::string_view expected = "a bandwidth such as 150MiB/s";
    if (text.ends_with(a_second)) {
        auto parsed = parse_size_bytes(text.substr(0, text.size() - a_second.size()));
        return parsed.value ? parsed : Parsed<std::int64_t>::bad(std::string(expected));
    }
    const bool is_size = parse_size_mib(text).value && text.ends_with('B');
    return Parsed<std::int64_t>::bad(std::string(expected), is_size ? fmt::format("did you mean {}/s?", text) : "");
}

void read_image(Reading& reading, const Field& field, ecs::Image& image) {
    MapReader map(reading.diagnostics, field);
    if (!map.is_mapping()) return;
    const bool size_good = map.require("size", image.own_compressed_bytes, parse_size_bytes);
    // Layers of usual images unpack to two or three times what is downloaded: a model decision.
    image.own_uncompressed_bytes = image.own_compressed_bytes / 2 * 5;
    const bool unpacked_good = map.read("uncompressed_size", image.own_uncompressed_bytes, parse_size_bytes);
    if (size_good && unpacked_good && image.own_uncompressed_bytes < image.own_compressed_bytes) {
        reading.diagnostics.error(map.place_of("uncompressed_size"),
                                  "uncompressed_size is smaller than size: layers grow when they are unpacked");
    }
    if (const auto base = map.find("base")) {
        image.base = reading.image_names.resolve(reading.diagnostics, *base).value_or(ecs::ImageId::none());
    }
    map.finish();
}

/// The image's bases down to itself, for people: `web → python → web`.
[[nodiscard]] std::string circle_text(const sim::Scenario& scenario, ecs::ImageId image) {
    constexpr std::size_t shown = 10;
    std::string text = scenario.image_names[image];
    std::size_t count = 0;
    for (ecs::ImageId at = scenario.images[image].base; at != image; at = scenario.images[at].base) {
        if (count++ < shown) text += " → " + scenario.image_names[at];
    }
    return text + (count > shown ? " → … → " : " → ") + scenario.image_names[image];
}

/// What is wrong is cut open, so that whoever follows the bases comes to an end.
void check_bases(Reading& reading, const std::vector<Field>& fields) {
    sim::Scenario& scenario = reading.scenario;
    for (std::size_t i = 0; i < scenario.images.size(); ++i) {
        const ecs::ImageId id{static_cast<std::uint32_t>(i)};
        if (!ecs::based_on_itself(scenario.images, id)) continue;
        reading.diagnostics.error(fields[i].key_at,
                                  fmt::format("images are based on one another: {}", circle_text(scenario, id)));
        scenario.images[id].base = ecs::ImageId::none();
    }
    for (std::size_t i = 0; i < scenario.images.size(); ++i) {
        std::size_t bases = 0;
        ecs::ImageId at{static_cast<std::uint32_t>(i)};
        while ((at = scenario.images[at].base).exists() && bases <= most_bases) ++bases;
        if (bases <= most_bases) continue;
        reading.diagnostics.error(fields[i].key_at,
                                  fmt::format("{}: more than {} images below it", fields[i].name, most_bases));
    }
}

}  // namespace

void read_images(Reading& reading, MapReader& top) {
    const auto section = top.find("images");
    if (!section) return;
    MapReader map(reading.diagnostics, *section);
    if (!map.is_mapping()) reading.image_names.give_up();
    if (map.size() > most_entries) {
        reading.diagnostics.error(section->key_at, fmt::format("images: more than {} entries", most_entries));
        reading.image_names.give_up();
        return;
    }
    std::vector<Field> fields = map.all();
    for (Field& field : fields) {
        if (!is_image_name(field.name)) {
            reading.diagnostics.error(field.key_at, fmt::format("{} is not an image's name: expected letters, digits "
                                                                "and - _ . : / @",
                                                                in_quotes(field.name)));
        }
        reading.image_names.declare(field.name, reading.scenario.images.add({}));
        static_cast<void>(reading.scenario.image_names.add(field.name));
        field.name = called("image", field.name);
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        read_image(reading, fields[i], reading.scenario.images[{static_cast<std::uint32_t>(i)}]);
    }
    check_bases(reading, fields);
}

void read_image_settings(sim::AutoScalingGroup& group, MapReader& map) {
    map.read("image_pull_behavior", group.image_pull_behavior, named<ecs::PullBehavior>(ecs::pull_behavior_names));
    map.read("image_pull_bandwidth", group.pull_bytes_per_second, parse_bandwidth);
}

}  // namespace fleetsim::scenario

#include <string>
#include <utility>
#include <vector>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

namespace {

/// Instances of a pool that nobody says more of: more than most groups ask for.
constexpr std::int32_t usual_depth = 1'000;
/// Of a pool's instances that EC2 takes back at a time.
constexpr double usual_reclaimed_share = 0.5;

/// Waves so often that an instance, which each takes with this probability, is taken as often as its class says.
[[nodiscard]] double reclaims_per_hour(cloud::InterruptionFrequency frequency, double reclaimed_share) {
    return cloud::interruptions_per_hour(frequency) / reclaimed_share;
}

[[nodiscard]] Parsed<double> parse_share_above_zero(std::string_view text) {
    auto parsed = parse_share(text);
    if (!parsed.value || *parsed.value > 0) return parsed;
    return Parsed<double>::bad("a share above 0%");
}

/// What becomes of the pool's instances: how often EC2 takes some back, and how many.
void read_reclaims(Reading& reading, sim::SpotPool& pool, const SpotPoolNotes& notes, MapReader& map) {
    constexpr NumberIn any_number{0, 1e6};
    auto frequency = notes.facts.value_or(cloud::usual_spot_facts).interruption_frequency;
    double per_day = 0;
    bool good = map.read("reclaimed_share", pool.reclaimed_share, parse_share_above_zero);
    good = map.read("reclaims_per_day", per_day, any_number) && good;
    good = map.read("interruption_frequency", frequency,
                    one_of<cloud::InterruptionFrequency>(cloud::interruption_frequency_names,
                                                         cloud::interruption_frequency)) &&
           good;
    const bool by_day = map.find("reclaims_per_day").has_value();
    if (by_day && map.find("interruption_frequency")) {
        reading.diagnostics.error(map.place_of("interruption_frequency"),
                                  "interruption_frequency: the pool has reclaims_per_day", "keep one of them");
    }
    if (good) pool.reclaims_per_hour = by_day ? per_day / 24 : reclaims_per_hour(frequency, pool.reclaimed_share);
}

[[nodiscard]] std::string name_of(const Reading& reading, const sim::SpotPool& pool) {
    return fmt::format("{}/{}", pool.instance_type, reading.scenario.zones[pool.zone]);
}

struct Given {
    bool price = false;
    bool depth = false;
    bool reclaims = false;
};

[[nodiscard]] Given read_pool(Reading& reading, sim::SpotPoolId id, const Field& field) {
    sim::SpotPool& pool = reading.scenario.spot_pools[id];
    MapReader map(reading.diagnostics, {called("Spot pool", field.name), field.value, field.key_at});
    if (!map.is_mapping()) return {};
    const auto price = map.find("price");
    if (price) {
        if (auto profile = read_profile(reading, *price, plain_numbers)) pool.price_usd_per_hour = std::move(*profile);
    }
    map.read("depth", pool.depth, IntegerIn{0, most_instances});
    map.read("recovers_after", pool.recovers_after, DurationIn{{}, longest_duration, BareNumber::seconds});
    read_reclaims(reading, pool, reading.spot_pool_notes[id], map);
    map.finish();
    return {price.has_value(), map.find("depth").has_value(),
            map.find("reclaims_per_day") || map.find("interruption_frequency")};
}

void note_silence(Reading& reading, sim::SpotPoolId id, const Given& given) {
    const std::string name = name_of(reading, reading.scenario.spot_pools[id]);
    Silences& silent = reading.silences;
    if (!given.depth) silent.spot_depth.add(name);
    if (!reading.spot_pool_notes[id].facts && !(given.price && given.reclaims)) {
        silent.spot_facts.add(name);
        return;
    }
    if (!given.price) silent.spot_price.add(name);
    if (!given.reclaims) silent.spot_reclaims.add(name);
}

void report_unknown(Reading& reading, const Field& field) {
    if (!reading.zones_known || !reading.types_known || !reading.group_names.complete()) return;
    std::vector<std::string> names;
    for (const auto& [name, id] : reading.spot_pools) names.push_back(name);
    std::string hint = nearest_hint(reading.diagnostics, field.name, names);
    if (hint.empty()) hint = "a pool is an instance type and a zone, such as c5.large/us-east-1a";
    if (names.empty()) hint = "no Auto Scaling group buys Spot Instances";
    reading.diagnostics.error(
        field.key_at, fmt::format("no Auto Scaling group buys Spot Instances of the pool {}", in_quotes(field.name)),
        std::move(hint));
}

}  // namespace

sim::SpotPoolId spot_pool_of(Reading& reading, const sim::InstanceOption& option, sim::ZoneId zone) {
    sim::SpotPool pool;
    pool.instance_type = option.type.name;
    pool.zone = zone;
    const auto [entry, is_new] =
        reading.spot_pools.emplace(name_of(reading, pool), reading.scenario.spot_pools.next_id());
    if (!is_new) return entry->second;
    SpotPoolNotes notes;
    notes.facts = cloud::catalogue().spot_facts(option.type.name, reading.scenario.region);
    const cloud::SpotFacts facts = notes.facts.value_or(cloud::usual_spot_facts);
    pool.price_usd_per_hour = traffic::constant(option.price_usd_per_hour * (100 - facts.savings_percent) / 100);
    pool.depth = usual_depth;
    pool.reclaimed_share = usual_reclaimed_share;
    pool.reclaims_per_hour = reclaims_per_hour(facts.interruption_frequency, pool.reclaimed_share);
    static_cast<void>(reading.scenario.spot_pools.add(std::move(pool)));
    static_cast<void>(reading.spot_pool_notes.add(notes));
    return entry->second;
}

void read_spot_pools(Reading& reading, MapReader& top) {
    std::vector<Given> given(reading.scenario.spot_pools.size());
    if (const auto section = top.find("spot_pools")) {
        MapReader map(reading.diagnostics, *section);
        if (map.size() > most_entries) {
            reading.diagnostics.error(section->key_at, fmt::format("spot_pools: more than {} entries", most_entries));
            return;
        }
        for (const Field& field : map.all()) {
            const auto pool = reading.spot_pools.find(field.name);
            if (pool == reading.spot_pools.end()) {
                report_unknown(reading, field);
            } else {
                given[pool->second.value] = read_pool(reading, pool->second, field);
            }
        }
    }
    for (const sim::SpotPoolId id : des::ids_of(reading.scenario.spot_pools)) {
        note_silence(reading, id, given[id.value]);
    }
}

}  // namespace fleetsim::scenario

#include <cstddef>

#include <fleetsim/scenario/reading.hpp>

namespace fleetsim::scenario {

std::optional<traffic::RateProfile> read_profile(Reading& reading, const Field& field, const ProfileNumbers& numbers) {
    // A daily wave takes 288 a day.
    constexpr std::size_t most_pieces = 5'000'000;
    if (reading.profile_pieces > most_pieces) return std::nullopt;
    // A wave needs some duration; when the scenario's own is wrong, this one is only checked.
    const des::Duration duration = reading.duration_known ? reading.scenario.duration : std::chrono::hours{24};
    auto profile =
        read_profile(reading.diagnostics, field, {reading.scenario.start, duration, reading.folder}, numbers);
    if (is_diurnal(field) && !reading.start_given) reading.silences.start_used = true;
    if (!profile) return std::nullopt;
    reading.profile_pieces += profile->pieces().size();
    if (reading.profile_pieces > most_pieces) {
        reading.diagnostics.error(field.at(), fmt::format("what changes over time in the whole scenario has more than "
                                                          "{} steps",
                                                          most_pieces));
    }
    return profile;
}

}  // namespace fleetsim::scenario

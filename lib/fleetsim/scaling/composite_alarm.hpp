#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fleetsim/scaling/alarm.hpp>
#include <fleetsim/scaling/expression_error.hpp>

/// The rule of a composite alarm, which looks at the states of other alarms.
///
///     ALARM(cpu-high) AND NOT ALARM("deployment in progress")
///     AT_LEAST(2, ALARM, (zone-a, zone-b, zone-c)) OR INSUFFICIENT_DATA(heartbeat)
///
/// | part | holds if |
/// |---|---|
/// | `ALARM(name)`, `OK(name)`, `INSUFFICIENT_DATA(name)` | the alarm is in that state |
/// | `AT_LEAST(n, STATE, (name, …))` | at least so many of the alarms are in that state; `50%` of them; `NOT STATE` |
/// | `TRUE`, `FALSE` | always, never |
///
/// Parts are joined by `AND`, `OR` and `NOT`, and grouped by parentheses. A name with blanks, parentheses or commas is
/// written in double quotes, in which `\"` is a quote and `\\` a backslash.
///
/// Source: Amazon CloudWatch User Guide, "Composite alarms"; Amazon CloudWatch API Reference, PutCompositeAlarm.
///
/// The guide leaves these open, and the model decides:
/// - `NOT` binds tighter than `AND`, and `AND` tighter than `OR`.
/// - Words are written in capitals.
/// - A percentage of `AT_LEAST` that is no whole number of alarms is rounded up.
///
/// Left out: actions and their suppression (a composite alarm cannot drive Auto Scaling), the limit of 500 elements.
/// An ARN is a name like any other.
namespace fleetsim::scaling {

struct ParsedAlarmRule;

/// A checked rule.
class AlarmRule {
public:
    [[nodiscard]] static ParsedAlarmRule parse(std::string_view text);

    /// The alarms it looks at, in the order in which they first occur.
    [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

    /// The rule as it was written.
    [[nodiscard]] const std::string& text() const { return text_; }

    /// Does it hold when the alarms are in these states, given in the order of `names`?
    [[nodiscard]] bool holds(std::span<const AlarmState> states) const;

    /// Does it hold? `state_of` gives the state of the alarm with a name.
    template <class Lookup>
    [[nodiscard]] bool evaluate(const Lookup& state_of) const {
        std::vector<AlarmState> states;
        states.reserve(names_.size());
        for (const std::string& name : names_) states.push_back(state_of(name));
        return holds(states);
    }

private:
    friend class AlarmRuleParser;

    /// What takes its operands from the top of a stack, and leaves its answer there.
    enum class Operation : std::uint8_t { constant, at_least, negation, both, either };
    struct Step {
        Operation operation = Operation::constant;
        bool value = false;  ///< Of a constant.
        // Of `at_least`, as which a single alarm's state is told too.
        AlarmState state = AlarmState::alarm;
        bool in_state = true;      ///< Or in any other.
        std::uint32_t first = 0;   ///< Of the alarms in `listed_`.
        std::uint32_t count = 0;   ///< Of these alarms.
        std::uint32_t needed = 0;  ///< Of them in the state.
    };

    AlarmRule() = default;

    [[nodiscard]] bool enough(const Step& step, std::span<const AlarmState> states) const;

    std::string text_;
    std::vector<std::string> names_;
    std::vector<std::uint32_t> listed_;  ///< Places in `names_`.
    std::vector<Step> steps_;
};

/// A rule, or else what is wrong.
struct ParsedAlarmRule {
    std::optional<AlarmRule> rule;
    ExpressionError error;  ///< Empty if there is a rule.
};

/// Bytes of the longest rule. Source: Amazon CloudWatch API Reference, PutCompositeAlarm.
inline constexpr std::size_t longest_alarm_rule = 10240;

/// Alarms that one rule can look at. Source: Amazon CloudWatch User Guide, "Composite alarms".
inline constexpr std::size_t most_underlying_alarms = 100;

/// Parentheses that may be open at once. Far more than anybody writes, and little enough for any stack.
inline constexpr std::size_t deepest_alarm_rule = 64;

/// The composite alarm's state: ALARM if the rule holds, and OK otherwise.
template <class Lookup>
[[nodiscard]] AlarmState evaluate(const AlarmRule& rule, const Lookup& state_of) {
    return rule.evaluate(state_of) ? AlarmState::alarm : AlarmState::ok;
}

}  // namespace fleetsim::scaling

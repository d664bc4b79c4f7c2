#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include <fleetsim/des/check.hpp>
#include <fleetsim/des/nearest_name.hpp>
#include <fleetsim/scaling/composite_alarm.hpp>
#include <fleetsim/scaling/expression_scanner.hpp>

namespace fleetsim::scaling {

namespace {

using detail::shown;

constexpr std::array<std::string_view, 6> part_names{"ALARM", "OK", "INSUFFICIENT_DATA", "AT_LEAST", "TRUE", "FALSE"};

constexpr std::string_view part_hint = "such as ALARM(cpu-high)";

[[nodiscard]] std::optional<AlarmState> state_called(std::string_view word) {
    const auto found = std::find(alarm_state_names.begin(), alarm_state_names.end(), word);
    if (found == alarm_state_names.end()) return std::nullopt;
    return static_cast<AlarmState>(found - alarm_state_names.begin());
}

template <class Names>
[[nodiscard]] std::string nearest(std::string_view word, const Names& names) {
    return des::did_you_mean(des::nearest_names(word, names));
}

[[nodiscard]] std::string connective_hint(std::string_view word) {
    return nearest(word, std::array<std::string_view, 2>{"AND", "OR"});
}

}  // namespace

/// Reads a rule, one function a rule of the grammar. Each returns false once reading has failed.
class AlarmRuleParser {
public:
    explicit AlarmRuleParser(std::string_view text) : in_(text) {}

    [[nodiscard]] ParsedAlarmRule run() {
        if (!whole()) return {std::nullopt, in_.error().value_or(ExpressionError{})};
        rule_.text_ = in_.text();
        return {std::move(rule_), {}};
    }

private:
    using Operation = AlarmRule::Operation;
    using Step = AlarmRule::Step;

    bool whole();
    bool any();
    bool all();
    bool negation();
    bool part();
    bool parenthesis();
    bool state_of_one(AlarmState state);
    bool at_least();
    bool needed(std::size_t& number, bool& percent);
    bool condition(Step& step);
    bool names();
    bool name();
    bool quoted_name();
    bool take_name(std::size_t at, const std::string& name);

    void add(Operation operation) { rule_.steps_.push_back({.operation = operation}); }
    void add_constant(bool value) { rule_.steps_.push_back({.value = value}); }

    bool close(std::size_t open, std::string_view or_else, std::string hint = {}) {
        if (in_.take(')')) return true;
        return in_.fail_expecting(fmt::format("{}\")\" for the ( at character {}", or_else, open + 1), std::move(hint));
    }

    detail::ExpressionScanner in_;
    AlarmRule rule_;
    std::size_t depth_ = 0;
};

bool AlarmRuleParser::whole() {
    if (in_.text().size() > longest_alarm_rule) {
        return in_.fail(longest_alarm_rule,
                        fmt::format("the rule has {} characters, more than {}", in_.text().size(), longest_alarm_rule));
    }
    in_.skip_blanks();
    if (in_.at_end()) return in_.fail(0, "the rule is empty", std::string(part_hint));
    if (!any()) return false;
    in_.skip_blanks();
    if (in_.at_end()) return true;
    if (in_.rest().front() == ')') return in_.fail(in_.at(), "there is no ( for this )");
    return in_.fail_expecting("AND, OR or the end", connective_hint(in_.word()));
}

bool AlarmRuleParser::any() {
    if (!all()) return false;
    while (in_.take_word("OR")) {
        if (!all()) return false;
        add(Operation::either);
    }
    return true;
}

bool AlarmRuleParser::all() {
    if (!negation()) return false;
    while (in_.take_word("AND")) {
        if (!negation()) return false;
        add(Operation::both);
    }
    return true;
}

bool AlarmRuleParser::negation() {
    bool negated = false;
    while (in_.take_word("NOT")) negated = !negated;
    if (!part()) return false;
    if (negated) add(Operation::negation);
    return true;
}

bool AlarmRuleParser::part() {
    in_.skip_blanks();
    if (in_.rest().starts_with('(')) return parenthesis();
    const std::size_t start = in_.at();
    const std::string_view word = in_.word();
    const auto found = std::find(part_names.begin(), part_names.end(), word);
    if (found == part_names.end()) {
        const bool connective = word == "AND" || word == "OR";
        if (word.empty() || connective) return in_.fail_expecting("an alarm's state", std::string(part_hint));
        std::string hint = nearest(word, part_names);
        if (hint.empty()) hint = part_hint;
        return in_.fail(start, "unknown function " + shown(word), std::move(hint));
    }
    in_.skip(word.size());
    if (word == "TRUE" || word == "FALSE") {
        add_constant(word == "TRUE");
        return true;
    }
    const std::optional<AlarmState> state = state_called(word);
    return state ? state_of_one(*state) : at_least();
}

bool AlarmRuleParser::parenthesis() {
    const std::size_t open = in_.at();
    if (++depth_ > deepest_alarm_rule) {
        return in_.fail(open, fmt::format("parentheses are nested more than {} deep", deepest_alarm_rule));
    }
    in_.skip(1);
    if (!any()) return false;
    in_.skip_blanks();
    if (!close(open, "AND, OR or ", connective_hint(in_.word()))) return false;
    --depth_;
    return true;
}

bool AlarmRuleParser::state_of_one(AlarmState state) {
    if (!in_.take('(')) {
        return in_.fail_expecting(fmt::format("\"(\" after {}", scaling::name(state)), std::string(part_hint));
    }
    const std::size_t open = in_.at() - 1;
    const auto first = static_cast<std::uint32_t>(rule_.listed_.size());
    if (!name() || !close(open, "", "put a name with blanks or commas in double quotes")) return false;
    rule_.steps_.push_back({.operation = Operation::at_least, .state = state, .first = first, .count = 1, .needed = 1});
    return true;
}

bool AlarmRuleParser::at_least() {
    const std::string hint = "such as AT_LEAST(2, ALARM, (a, b, c))";
    if (!in_.take('(')) return in_.fail_expecting("\"(\" after AT_LEAST", hint);
    const std::size_t open = in_.at() - 1;
    in_.skip_blanks();
    const std::size_t number_at = in_.at();
    std::size_t number = 0;
    bool percent = false;
    Step step{.operation = Operation::at_least, .first = static_cast<std::uint32_t>(rule_.listed_.size())};
    if (!needed(number, percent)) return false;
    if (!in_.take(',')) return in_.fail_expecting("\",\" after the number", hint);
    if (!condition(step)) return false;
    if (!in_.take(',')) return in_.fail_expecting("\",\" after the state", hint);
    if (!names() || !close(open, "")) return false;

    const std::size_t count = rule_.listed_.size() - step.first;
    const std::size_t most = percent ? 100 : count;
    if (number < 1 || number > most) {
        return in_.fail(number_at, fmt::format("AT_LEAST wants 1 to {}{} here", most, percent ? "%" : ""));
    }
    step.count = static_cast<std::uint32_t>(count);
    step.needed = static_cast<std::uint32_t>(percent ? (number * count + 99) / 100 : number);
    rule_.steps_.push_back(step);
    return true;
}

bool AlarmRuleParser::needed(std::size_t& number, bool& percent) {
    const std::string_view digits = in_.word();
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (digits.empty() || error == std::errc::invalid_argument || end != digits.data() + digits.size()) {
        return in_.fail_expecting("how many alarms", "a number such as 2, or a percentage such as 50%");
    }
    // A number that no variable holds is too large for any list of alarms.
    if (error != std::errc{}) number = longest_alarm_rule;
    in_.skip(digits.size());
    percent = in_.take('%');
    return true;
}

bool AlarmRuleParser::condition(Step& step) {
    step.in_state = !in_.take_word("NOT");
    in_.skip_blanks();
    const std::string_view word = in_.word();
    const std::optional<AlarmState> state = state_called(word);
    if (!state) return in_.fail_expecting("ALARM, OK or INSUFFICIENT_DATA", nearest(word, alarm_state_names));
    step.state = *state;
    in_.skip(word.size());
    return true;
}

bool AlarmRuleParser::names() {
    if (!in_.take('(')) return in_.fail_expecting("\"(\" before the alarms' names", "a list is (a, b)");
    const std::size_t open = in_.at() - 1;
    do {
        if (!name()) return false;
    } while (in_.take(','));
    return close(open, "\",\" or ", "put a name with blanks in double quotes");
}

bool AlarmRuleParser::name() {
    in_.skip_blanks();
    if (in_.rest().starts_with('"')) return quoted_name();
    const std::size_t start = in_.at();
    const std::string_view bare = in_.rest().substr(0, in_.rest().find_first_of(" \t\r\n(),\""));
    if (bare.empty()) return in_.fail_expecting("an alarm's name");
    in_.skip(bare.size());
    return take_name(start, std::string(bare));
}

bool AlarmRuleParser::quoted_name() {
    const std::size_t open = in_.at();
    std::string name;
    in_.skip(1);
    while (!in_.rest().starts_with('"')) {
        if (in_.rest().starts_with("\\\"") || in_.rest().starts_with("\\\\")) in_.skip(1);
        if (in_.at_end()) return in_.fail(open, "the quote is never closed");
        name += in_.rest().front();
        in_.skip(1);
    }
    in_.skip(1);
    if (name.empty()) return in_.fail(open, "an alarm's name is empty");
    return take_name(open + 1, name);
}

bool AlarmRuleParser::take_name(std::size_t at, const std::string& name) {
    if (std::any_of(name.begin(), name.end(), detail::is_control)) {
        return in_.fail(at, "a control character in the alarm's name " + shown(name));
    }
    std::vector<std::string>& names = rule_.names_;
    const auto found = std::find(names.begin(), names.end(), name);
    rule_.listed_.push_back(static_cast<std::uint32_t>(found - names.begin()));
    if (found != names.end()) return true;
    if (names.size() == most_underlying_alarms) {
        return in_.fail(at, fmt::format("the rule looks at more than {} alarms", most_underlying_alarms));
    }
    names.push_back(name);
    return true;
}

ParsedAlarmRule AlarmRule::parse(std::string_view text) { return AlarmRuleParser(text).run(); }

bool AlarmRule::enough(const Step& step, std::span<const AlarmState> states) const {
    std::uint32_t found = 0;
    for (std::uint32_t i = step.first; i < step.first + step.count; ++i) {
        if ((states[listed_[i]] == step.state) == step.in_state) ++found;
    }
    return found >= step.needed;
}

bool AlarmRule::holds(std::span<const AlarmState> states) const {
    FLEETSIM_CHECK(states.size() == names_.size() && !steps_.empty());
    std::vector<bool> stack;
    const auto take = [&] {
        const bool top = stack.back();
        stack.pop_back();
        return top;
    };
    for (const Step& step : steps_) {
        switch (step.operation) {
            case Operation::constant: stack.push_back(step.value); break;
            case Operation::at_least: stack.push_back(enough(step, states)); break;
            case Operation::negation: stack.push_back(!take()); break;
            case Operation::both: {
                const bool right = take();
                stack.push_back(take() && right);
                break;
            }
            case Operation::either: {
                const bool right = take();
                stack.push_back(take() || right);
                break;
            }
        }
    }
    return take();
}

}  // namespace fleetsim::scaling

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

#include <fleetsim/cloud/catalogue.hpp>
#include <fleetsim/des/check.hpp>

namespace fleetsim::cloud {

namespace {

constexpr unsigned char embedded[] = {
#include <fleetsim/cloud/data/ec2_instance_types.csv.inc>
};

constexpr unsigned char embedded_spot[] = {
#include <fleetsim/cloud/data/ec2_spot.csv.inc>
};

template <std::size_t N>
std::string_view text_of(const unsigned char (&bytes)[N]) {
    return {reinterpret_cast<const char*>(bytes), N};
}

/// The columns before the regions, in the order in which `read_type` reads them.
constexpr std::array<std::string_view, 11> fact_columns{"instance_type",
                                                        "arch",
                                                        "vcpu",
                                                        "memory_mib",
                                                        "gpus",
                                                        "gpu_name",
                                                        "max_enis",
                                                        "awsvpc_tasks",
                                                        "awsvpc_tasks_trunking",
                                                        "burstable",
                                                        "current_generation"};

/// Cuts off and returns what comes before the next `separator`, or everything when there is none.
std::string_view cut(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
}

template <class Number>
std::optional<Number> number(std::string_view text) {
    if (text.empty()) return std::nullopt;
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    FLEETSIM_CHECK(error == std::errc{} && end == text.data() + text.size());
    return value;
}

bool truth(std::string_view text) {
    FLEETSIM_CHECK(text == "true" || text == "false");
    return text == "true";
}

std::int32_t required(std::optional<std::int32_t> value) {
    FLEETSIM_CHECK(value.has_value() && *value >= 0);
    return *value;
}

/// `savings/class`: 59/0.
SpotFacts spot_facts_of(std::string_view field) {
    SpotFacts facts;
    facts.savings_percent = required(number<std::int32_t>(cut(field, '/')));
    const std::int32_t frequency = required(number<std::int32_t>(field));
    FLEETSIM_CHECK(facts.savings_percent <= 100);
    FLEETSIM_CHECK(static_cast<std::size_t>(frequency) < interruption_frequency_names.size());
    facts.interruption_frequency = static_cast<InterruptionFrequency>(frequency);
    return facts;
}

}  // namespace

Catalogue::Catalogue(std::string_view csv, std::string_view spot_csv) {
    std::string_view header = cut(csv, '\n');
    for (const std::string_view column : fact_columns) FLEETSIM_CHECK(cut(header, ',') == column);
    while (!header.empty()) regions_.emplace_back(cut(header, ','));

    const auto lines = static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n'));
    types_.reserve(lines);
    prices_.reserve(lines * regions_.size());
    while (!csv.empty()) read_type(cut(csv, '\n'));

    by_name_.resize(types_.size());
    for (std::uint32_t i = 0; i < by_name_.size(); ++i) by_name_[i] = i;
    std::sort(by_name_.begin(), by_name_.end(),
              [this](std::uint32_t a, std::uint32_t b) { return types_[a].name < types_[b].name; });
    const auto twin = std::adjacent_find(by_name_.begin(), by_name_.end(), [this](std::uint32_t a, std::uint32_t b) {
        return types_[a].name == types_[b].name;
    });
    FLEETSIM_CHECK(twin == by_name_.end());

    spot_.resize(prices_.size());
    header = cut(spot_csv, '\n');
    std::vector<std::size_t> columns;
    if (!header.empty()) FLEETSIM_CHECK(cut(header, ',') == fact_columns.front());
    while (!header.empty()) {
        const auto column = region_column(cut(header, ','));
        FLEETSIM_CHECK(column.has_value());
        columns.push_back(*column);
    }
    while (!spot_csv.empty()) read_spot_type(cut(spot_csv, '\n'), columns);
}

void Catalogue::read_type(std::string_view line) {
    const auto commas = static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
    FLEETSIM_CHECK(commas + 1 == fact_columns.size() + regions_.size());

    InstanceType type;
    type.name = cut(line, ',');
    type.architecture = cut(line, ',');
    type.vcpu = required(number<std::int32_t>(cut(line, ',')));
    type.memory_mib = required(number<std::int32_t>(cut(line, ',')));
    type.gpus = required(number<std::int32_t>(cut(line, ',')));
    type.gpu_name = cut(line, ',');
    type.max_enis = number<std::int32_t>(cut(line, ',')).value_or(0);
    type.awsvpc_tasks = number<std::int32_t>(cut(line, ',')).value_or(awsvpc_tasks_by_interfaces(type.max_enis));
    type.awsvpc_tasks_trunking = number<std::int32_t>(cut(line, ',')).value_or(0);
    type.burstable = truth(cut(line, ','));
    type.current_generation = truth(cut(line, ','));
    types_.push_back(std::move(type));
    for (std::size_t i = 0; i < regions_.size(); ++i) prices_.push_back(number<double>(cut(line, ',')));
}

void Catalogue::read_spot_type(std::string_view line, std::span<const std::size_t> columns) {
    FLEETSIM_CHECK(static_cast<std::size_t>(std::count(line.begin(), line.end(), ',')) == columns.size());
    const auto row = position(cut(line, ','));
    FLEETSIM_CHECK(row.has_value());
    for (const std::size_t column : columns) {
        const std::string_view field = cut(line, ',');
        if (!field.empty()) spot_[*row * regions_.size() + column] = spot_facts_of(field);
    }
}

std::vector<std::string_view> Catalogue::type_names() const {
    std::vector<std::string_view> names;
    names.reserve(types_.size());
    for (const InstanceType& type : types_) names.emplace_back(type.name);
    return names;
}

std::optional<std::size_t> Catalogue::position(std::string_view type) const {
    const auto at =
        std::lower_bound(by_name_.begin(), by_name_.end(), type,
                         [this](std::uint32_t i, std::string_view wanted) { return types_[i].name < wanted; });
    if (at == by_name_.end() || types_[*at].name != type) return std::nullopt;
    return *at;
}

const InstanceType* Catalogue::find(std::string_view type) const {
    const auto at = position(type);
    return at ? &types_[*at] : nullptr;
}

std::optional<std::size_t> Catalogue::region_column(std::string_view region) const {
    const auto column = std::find(regions_.begin(), regions_.end(), region);
    if (column == regions_.end()) return std::nullopt;
    return static_cast<std::size_t>(column - regions_.begin());
}

std::optional<std::size_t> Catalogue::cell(std::string_view type, std::string_view region) const {
    const auto row = position(type);
    const auto column = region_column(region);
    if (!row || !column) return std::nullopt;
    return *row * regions_.size() + *column;
}

std::optional<double> Catalogue::price_usd_per_hour(std::string_view type, std::string_view region) const {
    const auto at = cell(type, region);
    return at ? prices_[*at] : std::nullopt;
}

std::optional<SpotFacts> Catalogue::spot_facts(std::string_view type, std::string_view region) const {
    const auto at = cell(type, region);
    return at ? spot_[*at] : std::nullopt;
}

const Catalogue& catalogue() {
    static const Catalogue built_in{text_of(embedded), text_of(embedded_spot)};
    return built_in;
}

}  // namespace fleetsim::cloud

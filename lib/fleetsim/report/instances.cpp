#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include <fleetsim/report/csv.hpp>
#include <fleetsim/report/format.hpp>
#include <fleetsim/report/instances.hpp>

namespace fleetsim::report {
namespace {

double memory_gib(const cloud::InstanceType& type) { return type.memory_mib / 1024.0; }

std::optional<double> number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
    return value;
}

bool fits(const cloud::InstanceType& type, const InstanceQuery& query) {
    return type.name.find(query.name_part) != std::string::npos && query.vcpu.contains(type.vcpu) &&
           query.memory_gib.contains(memory_gib(type)) && query.gpus.contains(type.gpus) &&
           (query.architecture.empty() || query.architecture == type.architecture);
}

/// What rows are sorted by; the price settles equals.
std::pair<double, double> sort_key(const InstanceRow& row, InstanceOrder order) {
    switch (order) {
        case InstanceOrder::vcpu: return {row.type.vcpu, row.price_usd_per_hour};
        case InstanceOrder::memory: return {row.type.memory_mib, row.price_usd_per_hour};
        case InstanceOrder::gpu: return {row.type.gpus, row.price_usd_per_hour};
        default: return {row.price_usd_per_hour, 0};
    }
}

std::string gpu_text(const cloud::InstanceType& type) {
    return type.gpus == 0 ? "–" : fmt::format("{} {}", type.gpus, type.gpu_name);
}

}  // namespace

std::optional<Bounds> parse_bounds(std::string_view text) {
    const std::size_t colon = text.find(':');
    Bounds bounds;
    const std::string_view low = text.substr(0, colon);
    const std::string_view high = colon == text.npos ? low : text.substr(colon + 1);
    if (low.empty() && high.empty()) return std::nullopt;
    if (!low.empty()) {
        const auto value = number(low);
        if (!value) return std::nullopt;
        bounds.min = *value;
    }
    if (!high.empty()) {
        const auto value = number(high);
        if (!value) return std::nullopt;
        bounds.max = *value;
    }
    if (bounds.min > bounds.max) return std::nullopt;
    return bounds;
}

std::vector<InstanceRow> select(const cloud::Catalogue& catalogue, const InstanceQuery& query) {
    std::vector<InstanceRow> rows;
    for (const cloud::InstanceType& type : catalogue.types()) {
        if (!fits(type, query)) continue;
        const auto price = catalogue.price_usd_per_hour(type.name, query.region);
        if (price) rows.push_back({type, *price});
    }
    // The catalogue is ordered by name, family first.
    if (query.order != InstanceOrder::name) {
        std::stable_sort(rows.begin(), rows.end(), [&query](const InstanceRow& a, const InstanceRow& b) {
            return sort_key(a, query.order) < sort_key(b, query.order);
        });
    }
    return rows;
}

std::string instances_text(const std::vector<InstanceRow>& rows, const InstanceQuery& query,
                           std::size_t types_in_catalogue) {
    using Align = Table::Align;
    Table table{
        {Align::left, Align::right, Align::right, Align::left, Align::right, Align::right, Align::right, Align::left}};
    table.row({"type", "vcpu", "memory", "gpu", "interfaces", "$/hour", "$/vcpu", "arch"});
    for (const auto& [type, price] : rows) {
        table.row({type.name, fmt::to_string(type.vcpu),
                   fmt::format("{} GiB", std::round(memory_gib(type) * 100) / 100), gpu_text(type),
                   type.max_enis == 0 ? "–" : fmt::to_string(type.max_enis), fmt::format("{:.4f}", price),
                   type.vcpu == 0 ? "–" : fmt::format("{:.4f}", price / type.vcpu), type.architecture});
    }
    return table.text() + fmt::format("\n{} of {} types: {}, on demand, Linux, prices of {}.\n", rows.size(),
                                      types_in_catalogue, query.region, cloud::price_date(query.region));
}

nlohmann::ordered_json instances_json(const std::vector<InstanceRow>& rows, const InstanceQuery& query) {
    using Json = nlohmann::ordered_json;
    Json json;
    json["schema"] = 1;
    json["region"] = query.region;
    json["price_date"] = cloud::price_date(query.region);
    json["types"] = Json::array();
    for (const auto& [type, price] : rows) {
        Json entry;
        entry["instance_type"] = type.name;
        entry["architecture"] = type.architecture;
        entry["vcpu"] = type.vcpu;
        entry["memory_mib"] = type.memory_mib;
        entry["gpus"] = type.gpus;
        if (type.gpus > 0) entry["gpu_name"] = type.gpu_name;
        if (type.max_enis > 0) entry["max_enis"] = type.max_enis;
        entry["usd_per_hour"] = price;
        json["types"].push_back(std::move(entry));
    }
    return json;
}

std::string instances_csv(const std::vector<InstanceRow>& rows) {
    std::string out = "instance_type,architecture,vcpu,memory_mib,gpus,gpu_name,max_enis,usd_per_hour\n";
    for (const auto& [type, price] : rows) {
        out += fmt::format("{},{},{},{},{},{},{},{}\n", csv_field(type.name), csv_field(type.architecture), type.vcpu,
                           type.memory_mib, type.gpus, csv_field(type.gpu_name),
                           type.max_enis > 0 ? fmt::to_string(type.max_enis) : std::string{}, price);
    }
    return out;
}

}  // namespace fleetsim::report

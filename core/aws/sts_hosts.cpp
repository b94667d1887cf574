#include "core/aws/sts_hosts.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace arngate::aws {
namespace {

/// Of an operator's text in a message.
constexpr std::size_t max_quoted_bytes = 63;

constexpr std::string_view gov_partition = "aws-us-gov";
constexpr std::string_view global_region_label = "global";
/// What stands for the region of a host that only the configuration knows.
constexpr std::string_view extra_host_label = "extra";

using Table = std::vector<StsHost>;

void add(Table& table, std::string_view service, std::string_view region, std::string_view suffix) {
    std::string name;
    name.reserve(service.size() + region.size() + suffix.size() + 2);
    name += service;
    name += '.';
    name += region;
    name += '.';
    name += suffix;
    table.push_back({.name = std::move(name), .region = std::string(region)});
}

void add_plain_and_dual_stack(Table& table, const Partition& partition, std::string_view region) {
    add(table, "sts", region, partition.dns_suffix);
    if (partition.accepts_dual_stack) {
        add(table, "sts", region, partition.dual_stack_suffix);
    }
}

void add_all_variants(Table& table, const Partition& partition, std::string_view region) {
    add_plain_and_dual_stack(table, partition, region);
    if (partition.id != gov_partition) {  // there the plain host is the FIPS host
        add(table, "sts-fips", region, partition.dns_suffix);
    }
    if (partition.accepts_dual_stack) {
        add(table, "sts-fips", region, partition.dual_stack_suffix);
    }
}

bool is_aws_global(const Partition& partition, std::string_view region) {
    return partition.id == "aws" && region == partition.implicit_global_region;
}

void add_listed_regions(Table& table, const Partition& partition) {
    for (const std::string_view region : partition.regions) {
        if (!is_aws_global(partition, region)) {  // its one host is not made of the pseudo region's name
            add_all_variants(table, partition, region);
        }
    }
}

const Partition* sibling(const Partition& partition) {
    if (partition.id == "aws") {
        return find_partition(gov_partition);
    }
    return partition.id == gov_partition ? find_partition("aws") : nullptr;
}

/// An operator's text, shortened and without bytes that could disturb a terminal.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text.substr(0, max_quoted_bytes)) {
        out += c > 0x20 && c < 0x7F ? c : '?';
    }
    return out + (text.size() > max_quoted_bytes ? "…\"" : "\"");
}

std::optional<std::string> problem_of_region(std::string_view region) {
    if (!is_lower_label(region)) {
        return "region " + quoted(region) +
               " is not a region name: lower-case letters, digits and inner hyphens, at most 63";
    }
    return std::nullopt;
}

std::optional<std::string> problem_of_extra_region(const Partition& partition, std::string_view region) {
    if (auto problem = problem_of_region(region)) {
        return problem;
    }
    const Partition* owner = partition_of_region(region);
    if (owner != nullptr && owner != &partition) {
        return "region " + quoted(region) + " belongs to partition " + std::string(owner->id) + ", not to " +
               std::string(partition.id);
    }
    return std::nullopt;
}

}  // namespace

std::expected<StsHostTable, std::string> StsHostTable::build(const StsHostOptions& options) {
    const Partition* partition = find_partition(options.partition);
    if (partition == nullptr) {
        std::string known;
        for (const Partition& each : partitions()) {
            known += known.empty() ? "" : ", ";
            known += each.id;
        }
        return std::unexpected("partition " + quoted(options.partition) + " is not known; known are " + known);
    }

    Table table;
    if (partition->id == "aws") {
        table.push_back({.name = "sts.amazonaws.com", .region = std::string(global_region_label)});
    }
    add_listed_regions(table, *partition);
    if (options.accept_sibling_partition) {
        if (const Partition* other = sibling(*partition)) {
            add_listed_regions(table, *other);
        }
    }
    for (const std::string& region : options.extra_regions) {
        if (auto problem = problem_of_extra_region(*partition, region)) {
            return std::unexpected(*std::move(problem));
        }
        if (!is_aws_global(*partition, region)) {
            add_all_variants(table, *partition, region);
        }
    }
    if (!options.own_region.empty()) {
        if (auto problem = problem_of_region(options.own_region)) {
            return std::unexpected(*std::move(problem));
        }
        if (!is_aws_global(*partition, options.own_region)) {
            add_plain_and_dual_stack(table, *partition, options.own_region);
        }
    }
    for (const std::string& host : options.extra_hosts) {
        if (!is_dotted_host(host)) {
            return std::unexpected(
                "host " + quoted(host) +
                " is not a whole host name: lower-case labels parted by dots, no scheme, port or address"
            );
        }
        table.push_back({.name = host, .region = std::string(extra_host_label)});
    }

    StsHostTable out;
    out.hosts_.reserve(table.size());
    for (StsHost& host : table) {
        std::string key = host.name;
        out.hosts_.try_emplace(std::move(key), std::move(host));  // the first, most specific, entry of a name stays
    }
    return out;
}

const StsHost* StsHostTable::find(std::string_view host) const noexcept {
    const auto found = hosts_.find(host);
    return found == hosts_.end() ? nullptr : &found->second;
}

std::vector<std::string_view> StsHostTable::names() const {
    std::vector<std::string_view> out;
    out.reserve(hosts_.size());
    for (const auto& [name, host] : hosts_) {
        out.push_back(name);
    }
    std::ranges::sort(out);
    return out;
}

}  // namespace arngate::aws

#include "daemon/mapping_chain.hpp"

#include "config/mounted_file.hpp"
#include "core/base/log.hpp"
#include "core/mapping/username_template.hpp"
#include "daemon/core_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace arngate {

namespace {

/// Those of the configuration file that may match. Says so if a feature gate holds some of them back.
mapping::SourceRules mounted_file_rules(const config::Settings& settings) {
    const mapping::SourceRules& all = settings.mapping.mounted_file;
    mapping::SourceRules rules = config::effective_rules(all, settings);
    if (const std::size_t held_back = all.roles.size() - rules.roles.size(); held_back > 0) {
        log::warning(
            "entries with sso match nobody while the feature gate SSORoleMatch is off", {{"entries", held_back}}
        );
    }
    return rules;
}

}  // namespace

std::expected<std::vector<mapping::SourceRules>, std::string> mapping_sources(const config::Settings& settings) {
    std::vector<mapping::SourceRules> sources;
    for (const std::string& mode : settings.server.backend_mode) {
        if (mode != "MountedFile") {
            return std::unexpected(fmt::format(
                "server.backendMode names {}, which this version cannot read: move its entries to mapRoles, mapUsers "
                "and mapAccounts of the configuration file and use MountedFile",
                mode
            ));
        }
        sources.push_back(mounted_file_rules(settings));
    }
    return sources;
}

std::shared_ptr<const mapping::Table> build_table(
    std::vector<mapping::SourceRules> sources, const config::Settings& settings, std::uint64_t generation
) {
    std::vector<mapping::TableWarning> warnings;
    auto table = mapping::Table::build(std::move(sources), table_options(settings), warnings, generation);
    for (const mapping::TableWarning& warning : warnings) {
        log::warning(warning.message, {{"file", warning.origin.file}, {"line", warning.origin.line}});
    }
    return table;
}

bool asks_node_names(const std::vector<mapping::SourceRules>& sources) {
    const auto asks = [](const std::string& text) { return mapping::UsernameTemplate(text).asks_node_name(); };
    const auto entry_asks = [&asks](const mapping::Rule& rule) {
        return asks(rule.username) || std::ranges::any_of(rule.groups, asks);
    };
    return std::ranges::any_of(sources, [&entry_asks](const mapping::SourceRules& source) {
        return std::ranges::any_of(source.roles, entry_asks) || std::ranges::any_of(source.users, entry_asks);
    });
}

void log_mapping(const std::vector<mapping::SourceRules>& sources) {
    for (const mapping::SourceRules& source : sources) {
        log::info(fmt::format("starting mapper \"{}\"", source.source));
        for (const mapping::Rule& role : source.roles) {
            const std::span<const std::string> groups(role.groups);
            if (!role.arn_like.empty()) {
                log::info(
                    "mapping IAM roles", {{"rolelike", role.arn_like}, {"username", role.username}, {"groups", groups}}
                );
                continue;
            }
            if (role.sso.empty()) {
                log::info("mapping IAM role", {{"role", role.arn}, {"username", role.username}, {"groups", groups}});
                continue;
            }
            const mapping::SsoRole& sso = role.sso.front();
            log::info(
                "mapping IAM role",
                {{"sso", fmt::format("{}/{}/{}", sso.partition, sso.account_id, sso.permission_set_name)},
                 {"username", role.username},
                 {"groups", groups}}
            );
        }
        for (const mapping::Rule& user : source.users) {
            log::info(
                "mapping IAM user",
                {{"user", user.arn}, {"username", user.username}, {"groups", std::span<const std::string>(user.groups)}}
            );
        }
        for (const std::string& account : source.accounts) {
            log::info("mapping IAM Account", {{"accountID", account}});
        }
    }
}

}  // namespace arngate

#include "daemon/mapping_chain.hpp"

#include "core/base/log.hpp"
#include "daemon/core_options.hpp"

#include <fmt/format.h>

#include <span>
#include <utility>

namespace arngate {

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
        sources.push_back(settings.mapping.mounted_file);
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

void log_mapping(const std::vector<mapping::SourceRules>& sources) {
    for (const mapping::SourceRules& source : sources) {
        log::info(fmt::format("starting mapper \"{}\"", source.source));
        for (const mapping::Rule& role : source.roles) {
            const std::span<const std::string> groups(role.groups);
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

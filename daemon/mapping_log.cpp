#include "daemon/mapping_log.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <ranges>
#include <span>
#include <utility>

namespace arngate {

namespace {

using config::SourceStatus;

/// Lines about entries in one go; the rest is counted.
constexpr std::size_t most_lines = 50;

}  // namespace

void log_mapping(const mapping::SourceRules& source) {
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

void log_reload(const mapping::Table& table, const config::MappingDiff& diff, std::span<const std::string> sources) {
    log::info(
        "mapping reloaded",
        {{"generation", table.generation()},
         {"entries", table.entries()},
         {"sources", sources},
         {"added", diff.added},
         {"removed", diff.removed},
         {"changed", diff.changed},
         {"examples", std::span<const std::string>(diff.examples)}}
    );
}

void log_problems(const config::Problems& problems, log::Level level) {
    for (const config::Problem& problem : problems | std::views::take(most_lines)) {
        log::write(level, problem.text());
    }
    if (problems.size() > most_lines) {
        log::write(level, "there are more lines of this kind", {{"more", problems.size() - most_lines}});
    }
}

void log_source_status(
    const std::string& name, const config::SourceState& state, const config::Problems& problems, const InForce& in_force
) {
    switch (state.status()) {
        case SourceStatus::stale:
        case SourceStatus::failed:
            log_problems(problems, log::Level::error);
            log::error(
                "a source of mappings was not reloaded, what it said before stays in use",
                {{"source", name}, {"entries", state.entries()}, {"generation", in_force.generation}}
            );
            return;
        case SourceStatus::grace:
            log_problems(problems, log::Level::error);
            log::warning(
                "a source of mappings is empty or gone, what it said before stays in use for the grace period",
                {{"source", name},
                 {"entries", state.entries()},
                 {"error", state.last_error()},
                 {"graceSeconds", std::chrono::floor<std::chrono::seconds>(in_force.grace).count()}}
            );
            return;
        case SourceStatus::missing:
            log::warning("a source of mappings has no document", {{"source", name}});
            return;
        case SourceStatus::synced:
            log::info("a source of mappings was read", {{"source", name}, {"entries", state.entries()}});
            return;
        case SourceStatus::starting:
        case SourceStatus::restored:
            return;
    }
}

void TableWarningLog::write(const std::vector<mapping::TableWarning>& warnings) {
    std::set<std::string, std::less<>> seen;
    std::size_t lines = 0;
    std::size_t more = 0;
    for (const mapping::TableWarning& warning : warnings) {
        if (seen.size() >= most_lines) {
            ++more;
            continue;
        }
        const auto [text, is_new] = seen.insert(
            fmt::format("{}:{}:{} {}", warning.origin.file, warning.origin.line, warning.origin.column, warning.message)
        );
        if (is_new && !seen_before_.contains(*text)) {
            ++lines;
            log::warning(warning.message, {{"file", warning.origin.file}, {"line", warning.origin.line}});
        }
    }
    if (lines > 0 && more > 0) {
        log::warning("there are more lines of this kind", {{"more", more}});
    }
    seen_before_ = std::move(seen);
}

}  // namespace arngate

#pragma once

#include "config/document.hpp"
#include "config/report.hpp"
#include "core/mapping/rule.hpp"

#include <map>
#include <string>
#include <vector>

namespace arngate::config {

/// Reserved username prefixes by the current name of the backend.
using ReservedPrefixes = std::map<std::string, std::vector<std::string>>;

enum class RolePaths : bool { keep, strip };

/// `server.mapRoles`, `mapUsers` and `mapAccounts` of a configuration document, with the lenient types of the Go
/// server: numbers become text, a text of groups is split at commas, a single entry is a list of one. Roles keep their
/// letter case, users are lower-cased; both come out canonical. Every entry that is wrong becomes a problem; doubtful
/// ones (no username, the same ARN or pattern again, account ids that are not 12 digits) a warning. Patterns
/// (`rolearnLike`) that are too broad, or more of one beginning than a look-up tries, are problems. With
/// `RolePaths::strip` two roles that differ in their paths alone are a problem: they would become one. Leaves nothing
/// in the document of the entries that it has read.
[[nodiscard]] mapping::SourceRules read_rules(Node& root, RolePaths paths, Report& report);

/// `server.reservedPrefixConfig`; a later item for the same backend replaces the earlier one.
[[nodiscard]] ReservedPrefixes read_reserved_prefixes(const Node& root, Report& report);

/// Warns of each account id that is not 12 digits, or is a number that lost its zero.
void warn_of_account_ids(const Node& accounts, char separator, const std::string& key, Report& report);

}  // namespace arngate::config

#pragma once

#include "config/problem.hpp"
#include "core/mapping/rule.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace arngate::config {

/// The `data` of a ConfigMap.
using ConfigMapData = std::map<std::string, std::string, std::less<>>;

/// What an API server lets a ConfigMap hold (core/v1 ConfigMap: 1 MiB); larger values are refused unread.
inline constexpr std::size_t max_config_map_value_bytes = 1024U * 1024;

struct ConfigMapDocument {
    /// Of the source EKSConfigMap, without reserved prefixes. Good entries are here whatever is wrong with others;
    /// origins are "kube-system/aws-auth mapRoles" with the line inside that value.
    mapping::SourceRules rules;
    Problems problems;         ///< each part and each entry that was left out, or lost a field
    std::size_t rejected = 0;  ///< entries left out of parts that could be read
    /// Whether a part is no list of YAML, or too large, and counts as empty.
    bool has_unreadable_part = false;
    Problems warnings;  ///< what is taken as it stands and still looks wrong: unknown keys, odd account ids
};

/// The mapping in ConfigMap kube-system/aws-auth: `mapRoles`, `mapUsers` and `mapAccounts`, each a text of YAML or
/// JSON. These keys are exact; letter case of the keys inside entries does not matter, unknown ones are ignored, the
/// last of equal ones counts, and of spellings that differ in letter case the one with most lower-case letters. Entries
/// whose username or a group is not text are left out. ARNs are not checked. Pure; never throws on what the texts hold.
[[nodiscard]] ConfigMapDocument read_config_map(const ConfigMapData& data);

}  // namespace arngate::config

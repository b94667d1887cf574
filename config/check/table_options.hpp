#pragma once

#include "config/settings.hpp"
#include "core/mapping/table.hpp"

#include <optional>

namespace arngate::config::check {

/// How a server with these settings builds its table; without settings, one of the profile's defaults.
[[nodiscard]] inline mapping::TableOptions table_options(const std::optional<Settings>& settings, Profile profile) {
    mapping::TableOptions options;
    const bool is_reference = profile == Profile::reference;
    const bool after_all = settings ? settings->mapping.accounts_after_all : !is_reference;
    options.accounts = after_all ? mapping::AccountOrder::after_all : mapping::AccountOrder::in_chain;
    options.strip_role_paths = settings ? settings->mapping.strip_role_paths : !is_reference;
    return options;
}

}  // namespace arngate::config::check

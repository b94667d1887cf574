#pragma once

#include "config/check/finding.hpp"
#include "config/check/kind.hpp"
#include "config/load.hpp"
#include "config/settings.hpp"
#include "core/mapping/rule.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace arngate::config::check {

struct Input {
    std::string name;  ///< of the file, as findings have it
    std::string text;
};

/// How documents are read. Flags and variables count for a configuration file as they do for the server.
struct ReadOptions {
    std::optional<Kind> kind;  ///< nothing: each file's is guessed
    std::vector<Override> overrides;
    Profile default_profile = Profile::arngate;
};

/// What the server's readers made of one file.
struct Reading {
    std::vector<Finding> findings;
    /// One for each mapping in the file; origins name the file. Nothing is here of a document that the server refuses.
    std::vector<mapping::SourceRules> sources;
    std::optional<Settings> settings;  ///< of a configuration that may be loaded
};

[[nodiscard]] Reading read(const Input& input, const ReadOptions& options);

}  // namespace arngate::config::check

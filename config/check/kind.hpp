#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace arngate::config::check {

/// What a file holds.
enum class Kind : std::uint8_t {
    configuration,        ///< of arngate itself
    manifests,            ///< Kubernetes objects, see read_manifests
    config_map_data,      ///< the `data` of a ConfigMap alone
    dynamic_file,         ///< of the source DynamicFile
    dynamic_file_strict,  ///< the same with server.dynamicfileUserIDStrict
};

/// The words of `--kind`, blank-separated, without "auto".
inline constexpr std::string_view kind_words = "config manifest configmap-data dynamic-file dynamic-file-strict";
/// The kind of a word of kind_words.
[[nodiscard]] std::optional<Kind> find_kind(std::string_view word) noexcept;

/// The kind by the file's extension and by the outermost keys of its text, which need not be well-formed. Nothing if it
/// looks like none. Reads the text once, without building anything of it.
[[nodiscard]] std::optional<Kind> guess_kind(std::string_view file, std::string_view text);

/// Whether the name says a format that configurations have: .yaml, .yml, .json, .toml, .env or .dotenv.
[[nodiscard]] bool has_configuration_format(std::string_view file);
/// Whether a text that may as well be another program's is a configuration of ours: it looks like one, in a file of
/// this name, and names the cluster, backends or a mapping. Other programs have a section "server" or "cache", too.
[[nodiscard]] bool is_own_configuration(std::string_view file, std::string_view text);

}  // namespace arngate::config::check

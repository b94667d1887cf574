#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The names of mapping sources, `server.backendMode`.
namespace arngate::config {

/// Whether it is the current name of a backend. Letter case matters, and old names do not count.
[[nodiscard]] bool is_backend_name(std::string_view name) noexcept;
/// The current name for a name or an old name (File, ConfigMap); empty for any other text.
[[nodiscard]] std::string_view current_backend_name(std::string_view name) noexcept;
/// "one of MountedFile, EKSConfigMap, CRD, DynamicFile"
[[nodiscard]] std::string backend_names_text();

struct BackendFault {
    std::size_t index = 0;  ///< of the name in the list; 0 for an empty list
    std::string found;
    std::string expected;
    std::string advice;
    bool warning = false;  ///< an old name, which is understood
};

/// An empty list, an unknown name, a name twice. A backend under its old and its current name is worth a warning alone,
/// as the Go server takes such a list; `named_once` makes one backend of the two.
[[nodiscard]] std::vector<BackendFault> check_backend_modes(std::span<const std::string> modes);

/// The current names of backends that check_backend_modes finds nothing wrong with, each where it stands first.
[[nodiscard]] std::vector<std::string> named_once(std::span<const std::string> modes);

}  // namespace arngate::config

#include "config/backends.hpp"

#include "config/problem.hpp"
#include "config/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace arngate::config {
namespace {

struct Backend {
    std::string_view name;
    std::string_view old_name;
};

constexpr std::array<Backend, 4> backends{{
    {"MountedFile", "File"},
    {"EKSConfigMap", "ConfigMap"},
    {"CRD", ""},
    {"DynamicFile", ""},
}};

constexpr std::array<std::string_view, 4> names{backends[0].name, backends[1].name, backends[2].name, backends[3].name};

}  // namespace

bool is_backend_name(std::string_view name) noexcept {
    return std::ranges::find(names, name) != names.end();
}

std::string_view current_backend_name(std::string_view name) noexcept {
    if (name.empty())
        return {};
    for (const Backend& backend : backends) {
        if (name == backend.name || name == backend.old_name)
            return backend.name;
    }
    return {};
}

std::string backend_names_text() {
    return fmt::format("one of {}", fmt::join(names, ", "));
}

std::vector<BackendFault> check_backend_modes(std::span<const std::string> modes) {
    std::vector<BackendFault> faults;
    if (modes.empty()) {
        faults.push_back({0, "an empty list", "at least one of MountedFile, EKSConfigMap, CRD, DynamicFile", {}, false}
        );
    }
    for (std::size_t i = 0; i < modes.size(); ++i) {
        const std::string& mode = modes[i];
        const std::string_view current = current_backend_name(mode);
        if (current.empty()) {
            const std::string_view nearest = nearest_word(mode, names);
            std::string advice = nearest.empty() ? std::string() : fmt::format("Did you mean {}?", nearest);
            if (mode.find(',') != std::string::npos)
                advice = "In a file, separate names by blanks or write a list.";
            faults.push_back({i, quote(mode), backend_names_text(), std::move(advice), false});
        } else if (std::ranges::find(modes.first(i), mode) != modes.first(i).end()) {
            faults.push_back({i, quote(mode) + " again", "each name once", {}, false});
        } else if (std::ranges::find(modes.first(i), current, current_backend_name) != modes.first(i).end()) {
            faults.push_back({i, quote(mode) + " again under its other name", {}, "It is asked once.", true});
        } else if (mode != current) {
            faults.push_back(
                {i, fmt::format("the old name {}", quote(mode)), {}, fmt::format("Write {}.", current), true}
            );
        }
    }
    return faults;
}

std::vector<std::string> named_once(std::span<const std::string> modes) {
    std::vector<std::string> once;
    for (const std::string& mode : modes) {
        const std::string_view current = current_backend_name(mode);
        if (std::ranges::find(once, current) == once.end())
            once.emplace_back(current);
    }
    return once;
}

}  // namespace arngate::config

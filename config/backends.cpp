#include "config/backends.hpp"

#include "config/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace arngate::config {
namespace {

struct Backend {
    std::string_view name;
    std::string_view old_name;
    bool served;
};

constexpr std::array<Backend, 4> backends{{
    {"MountedFile", "File", true},
    {"EKSConfigMap", "ConfigMap", false},
    {"CRD", "", false},
    {"DynamicFile", "", false},
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

std::string served_backends_text() {
    std::vector<std::string_view> served;
    for (const Backend& backend : backends) {
        if (backend.served)
            served.push_back(backend.name);
    }
    return fmt::format("{}", fmt::join(served, ", "));
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
        } else if (mode != current) {
            faults.push_back(
                {i, fmt::format("the old name {}", quote(mode)), {}, fmt::format("Write {}.", current), true}
            );
        }
    }
    return faults;
}

Problems unsupported_backends(const Settings& settings) {
    Problems problems;
    const auto refuse = [&](std::string key, std::string found, std::string expected, std::string advice) {
        Problem problem;
        problem.key = std::move(key);
        problem.found = std::move(found);
        problem.expected = std::move(expected);
        problem.advice = std::move(advice);
        problems.push_back(std::move(problem));
    };
    for (const std::string& mode : settings.server.backend_mode) {
        const auto backend = std::ranges::find(backends, std::string_view(mode), &Backend::name);
        if (backend != backends.end() && backend->served)
            continue;
        refuse(
            "server.backendMode",
            quote(mode),
            fmt::format("only {}", served_backends_text()),
            "This version does not serve other backends yet."
        );
    }
    if (!settings.server.dynamic_backend_mode_path.empty()) {
        refuse(
            "server.dynamicBackendModePath",
            quote(settings.server.dynamic_backend_mode_path),
            "no such key",
            "This version does not change backends at run time."
        );
    }
    return problems;
}

}  // namespace arngate::config

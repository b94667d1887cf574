#include "config/sources/backend_mode_document.hpp"

#include "config/backends.hpp"
#include "config/document.hpp"
#include "config/report.hpp"
#include "core/base/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace arngate::config {
namespace {

class Reader {
public:
    explicit Reader(const std::string& file) : report_(file) {}

    std::expected<BackendModeDocument, Problems> read(std::string_view text) {
        BackendModeDocument document;
        std::optional<std::string> modes;
        if (text.size() > max_backend_mode_bytes) {
            wrong({}, "more than 64 KiB", "a file of 64 KiB at most");
        } else {
            modes = read_members(text, document);
        }
        if (modes)
            read_modes(*modes, document.modes);
        if (report_.failed())
            return std::unexpected(report_.take_problems());
        return document;
    }

private:
    void wrong(std::string key, std::string found, std::string expected, std::string advice = {}) {
        report_.problem({}, {std::move(key), std::move(found), std::move(expected), std::move(advice)});
    }

    std::optional<std::string> read_members(std::string_view text, BackendModeDocument& document) {
        const simdjson::padded_string padded(text);
        simdjson::dom::parser parser;
        simdjson::dom::object object;
        auto error = parser.allocate(padded.size(), max_document_depth);
        if (error == simdjson::SUCCESS)
            error = parser.parse(padded).get(object);
        if (error != simdjson::SUCCESS) {
            wrong({}, "text that is not one JSON object", "one JSON object", simdjson::error_message(error));
            return std::nullopt;
        }
        const std::optional<std::string> modes = read_text(object, "backendMode");
        document.version = read_text(object, "Version").value_or(std::string());
        document.last_updated = read_text(object, "LastUpdatedDateTime").value_or(std::string());
        if (!modes && !report_.failed())
            wrong("backendMode", "nothing", backend_names_text());
        return modes;
    }

    /// Nothing if it is missing, null or wrong.
    std::optional<std::string> read_text(const simdjson::dom::object& object, std::string_view name) {
        std::optional<std::string> found;
        bool seen = false;
        for (const auto& [key, value] : object) {
            if (!text::iequals(key, name))
                continue;
            if (std::exchange(seen, true)) {
                wrong(std::string(name), "the key twice", "each key once, in any letter case");
                return std::nullopt;
            }
            std::string_view text;
            if (value.is_null())
                continue;
            if (value.get(text) != simdjson::SUCCESS) {
                wrong(std::string(name), "another value", "text");
                return std::nullopt;
            }
            found = text;
        }
        return found;
    }

    void read_modes(std::string_view written, std::vector<std::string>& modes) {
        for (const std::string_view name : text::split(written, ' ')) {
            const std::string_view current = current_backend_name(name);
            if (current.empty()) {
                wrong(
                    "backendMode",
                    name.empty() ? std::string("an empty name") : quote(name),
                    backend_names_text(),
                    "Put one blank between names."
                );
            } else if (std::ranges::find(modes, current) == modes.end()) {
                modes.emplace_back(current);
            }
        }
    }

    Report report_;
};

}  // namespace

std::expected<BackendModeDocument, Problems> read_backend_modes(const std::string& file, std::string_view text) {
    return Reader(file).read(text);
}

}  // namespace arngate::config

#include "core/base/text.hpp"
#include "core/token/mint.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <chrono>
#include <iterator>

namespace arngate::token {
namespace {

constexpr std::string_view default_api_version = "client.authentication.k8s.io/v1beta1";

/// The apiVersion to answer with: kubectl's own, empty if it told of none, the default if what it told is not an
/// ExecCredential. As Go's encoding/json reads it: letter case of keys does not matter, the last of several keys wins,
/// and null leaves what was there.
std::string api_version(std::string_view exec_info) {
    using Type = simdjson::dom::element_type;
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    if (parser.parse(simdjson::padded_string(exec_info)).get(document) != simdjson::SUCCESS) {
        return std::string(default_api_version);
    }
    if (document.is_null()) {
        return {};
    }
    simdjson::dom::object object;
    if (document.get(object) != simdjson::SUCCESS) {
        return std::string(default_api_version);
    }
    std::string version;
    for (const auto& [key, value] : object) {
        const bool is_version = text::iequals(key, "apiVersion");
        const bool is_text = is_version || text::iequals(key, "kind");
        if (value.is_null() || !(is_text || text::iequals(key, "spec"))) {
            continue;
        }
        if (value.type() != (is_text ? Type::STRING : Type::OBJECT)) {
            return std::string(default_api_version);
        }
        if (is_version) {
            version = std::string_view(value);
        }
    }
    return version;
}

/// JSON text as Go's encoding/json writes it, which also escapes what HTML would read.
void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
                    fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

std::string rfc3339(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto day = std::chrono::floor<std::chrono::days>(seconds);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(seconds - day);
    return fmt::format(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()),
        static_cast<unsigned>(date.day()),
        clock.hours().count(),
        clock.minutes().count(),
        clock.seconds().count()
    );
}

}  // namespace

std::string exec_credential(const MintedToken& token, std::optional<std::string_view> exec_info) {
    const std::string version = exec_info.has_value() ? api_version(*exec_info) : std::string(default_api_version);
    std::string out;
    out.reserve(token.token.size() * 2 + version.size() + 256);
    out += R"({"kind":"ExecCredential",)";
    if (!version.empty()) {
        out += R"("apiVersion":)";
        append_json_string(out, version);
        out += ',';
    }
    out += R"("spec":{"interactive":false},"status":{"expirationTimestamp":")";
    out += rfc3339(token.expires_at);
    out += R"(","token":)";
    append_json_string(out, token.token.expose());
    out += "}}";
    return out;
}

}  // namespace arngate::token

#include "core/aws/sigv4.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"
#include "core/token/mint.hpp"

#include <simdjson.h>

namespace arngate::token {
namespace {

constexpr std::string_view default_api_version = "client.authentication.k8s.io/v1beta1";

/// Whether Go's decoder would refuse the object for its member "interactive".
bool has_odd_interactive(simdjson::dom::object spec) {
    for (const auto& [key, value] : spec) {
        if (text::iequals(key, "interactive") && !value.is_null() && !value.is_bool()) {
            return true;
        }
    }
    return false;
}

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
        if (!is_text && has_odd_interactive(value)) {
            return std::string(default_api_version);
        }
        if (is_version) {
            version = std::string_view(value);
        }
    }
    return version;
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
    out += aws::iso_date(token.expires_at);
    out += R"(","token":)";
    append_json_string(out, token.token.expose());
    out += "}}";
    return out;
}

}  // namespace arngate::token

#include "core/token/exec_credential.hpp"

#include "core/aws/sigv4.hpp"
#include "core/base/json_text.hpp"
#include "core/base/text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>

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

/// `clusterID` of spec.cluster.config, where kubectl puts what the cluster of the kubeconfig has under the extension
/// client.authentication.k8s.io/exec, if the user says provideClusterInfo.
std::string cluster_id_of(simdjson::dom::object spec) {
    simdjson::dom::object cluster;
    simdjson::dom::object config;
    std::string_view id;
    if (spec["cluster"].get(cluster) != simdjson::SUCCESS || cluster["config"].get(config) != simdjson::SUCCESS ||
        config["clusterID"].get(id) != simdjson::SUCCESS) {
        return {};
    }
    return std::string(id);
}

/// Nothing where Go's decoder would refuse the document.
std::optional<ExecInfo> read_object(simdjson::dom::object object) {
    using Type = simdjson::dom::element_type;
    ExecInfo info;
    for (const auto& [key, value] : object) {
        const bool is_version = text::iequals(key, "apiVersion");
        const bool is_text = is_version || text::iequals(key, "kind");
        if (value.is_null() || !(is_text || text::iequals(key, "spec"))) {
            continue;
        }
        if (value.type() != (is_text ? Type::STRING : Type::OBJECT)) {
            return std::nullopt;
        }
        if (!is_text && has_odd_interactive(value)) {
            return std::nullopt;
        }
        if (is_version) {
            info.api_version = std::string_view(value);
        } else if (!is_text) {
            info.cluster_id = cluster_id_of(value);
        }
    }
    return info;
}

}  // namespace

ExecInfo read_exec_info(std::optional<std::string_view> variable) {
    ExecInfo none{.api_version = std::string(default_api_version), .cluster_id = {}};
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::object object;
    if (!variable || parser.parse(simdjson::padded_string(*variable)).get(document) != simdjson::SUCCESS) {
        return none;
    }
    if (document.is_null()) {
        return {};
    }
    return document.get(object) == simdjson::SUCCESS ? read_object(object).value_or(none) : none;
}

bool is_known_exec_version(std::string_view api_version) noexcept {
    constexpr std::array<std::string_view, 4> known{
        "",
        "client.authentication.k8s.io/v1",
        "client.authentication.k8s.io/v1beta1",
        "client.authentication.k8s.io/v1alpha1"
    };
    return std::ranges::find(known, api_version) != known.end();
}

Secret exec_credential(const MintedToken& token, std::string_view api_version) {
    std::string out;
    out.reserve((token.token.size() * 2) + (api_version.size() * 6) + 256);  // never moved, so that one wipe is enough
    out += R"({"kind":"ExecCredential",)";
    if (!api_version.empty()) {
        out += R"("apiVersion":)";
        append_json_string(out, api_version);
        out += ',';
    }
    out += R"("spec":{"interactive":false},"status":{"expirationTimestamp":")";
    out += aws::iso_date(token.expires_at);
    out += R"(","token":)";
    append_json_string(out, token.token.expose());
    out += "}}";
    Secret document(out);
    wipe(out);
    return document;
}

}  // namespace arngate::token

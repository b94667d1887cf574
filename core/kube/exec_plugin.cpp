#include "core/kube/exec_plugin.hpp"

#include "core/base/child_process.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace arngate::kube {

namespace {

using Text = std::expected<std::string_view, std::string>;

/// Ours, then the plugin's own, then what it is told; a later value replaces an earlier one.
std::vector<std::string> environment_for(const ExecPlugin& plugin) {
    std::vector<std::string> all;
    const auto put = [&](const std::string& name, const std::string& value) {
        const std::string start = name + "=";
        std::erase_if(all, [&](const std::string& entry) { return entry.starts_with(start); });
        all.push_back(start + value);
    };
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        all.emplace_back(*entry);
    }
    for (const auto& [name, value] : plugin.environment) {
        put(name, value);
    }
    const std::string cluster = plugin.cluster_json.empty() ? "" : R"(,"cluster":)" + plugin.cluster_json;
    put("KUBERNETES_EXEC_INFO",
        fmt::format(
            R"({{"kind":"ExecCredential","apiVersion":"{}","spec":{{"interactive":false{}}}}})",
            plugin.api_version,
            cluster
        ));
    return all;
}

/// A text member; empty when it is missing or null.
Text text_of(const simdjson::dom::object& object, std::string_view name) {
    simdjson::dom::element value;
    std::string_view text;
    if (object[name].get(value) != simdjson::SUCCESS || value.is_null()) {
        return text;
    }
    if (value.get_string().get(text) != simdjson::SUCCESS) {
        return std::unexpected(fmt::format("the credential plugin gave a {} that is not text", name));
    }
    return text;
}

bool is_header_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

}  // namespace

std::expected<ExecLogin, std::string> parse_exec_credential(std::string_view json, std::string_view api_version) {
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    if (parser.parse(json.data(), json.size(), true).get_object().get(root) != simdjson::SUCCESS) {
        return std::unexpected("the credential plugin printed something that is not a JSON object");
    }
    const Text kind = text_of(root, "kind");
    const Text version = text_of(root, "apiVersion");
    if (!kind || !version || *kind != "ExecCredential") {
        return std::unexpected("the credential plugin printed something that is not an ExecCredential");
    }
    if (*version != api_version) {
        return std::unexpected(fmt::format("the credential plugin answered in another apiVersion than {}", api_version)
        );
    }
    simdjson::dom::object status;
    if (root["status"].get_object().get(status) != simdjson::SUCCESS) {
        return std::unexpected("the credential plugin gave no status");
    }
    const Text token = text_of(status, "token");
    const Text certificate = text_of(status, "clientCertificateData");
    const Text key = text_of(status, "clientKeyData");
    for (const Text* text : {&token, &certificate, &key}) {
        if (!*text) {
            return std::unexpected(text->error());
        }
    }
    if (token->empty() && certificate->empty()) {
        return std::unexpected("the credential plugin gave neither a token nor a certificate");
    }
    if (certificate->empty() != key->empty()) {
        return std::unexpected("the credential plugin gave a certificate without its key, or a key alone");
    }
    if (!is_header_text(*token)) {
        return std::unexpected("the credential plugin gave a token that cannot be sent");
    }
    ExecLogin login;
    login.token = Secret(*token);
    login.certificate_pem = *certificate;
    login.key_pem = Secret(*key);
    return login;
}

std::expected<ExecLogin, std::string> run_exec_plugin(const ExecPlugin& plugin, std::chrono::milliseconds limit) {
    std::vector<std::string> words{plugin.command};
    words.insert(words.end(), plugin.args.begin(), plugin.args.end());
    const auto answer = run_program(
        words,
        {.limit = limit,
         .max_output_bytes = max_exec_answer_bytes,
         .errors = ChildStream::shared,
         .environment = environment_for(plugin)}
    );
    if (answer) {
        return parse_exec_credential(answer->expose(), plugin.api_version);
    }
    std::string text =
        fmt::format("the credential plugin of the kubeconfig ({}) {}", plugin.command, answer.error().what);
    if (answer.error().is_missing && !plugin.install_hint.empty()) {
        text += "; " + plugin.install_hint;
    }
    return std::unexpected(std::move(text));
}

}  // namespace arngate::kube

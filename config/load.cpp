#include "config/load.hpp"

#include "config/backends.hpp"
#include "config/bindings.hpp"
#include "config/document.hpp"
#include "config/environment_name.hpp"
#include "config/feature_gates.hpp"
#include "config/given.hpp"
#include "config/partitions.hpp"
#include "config/report.hpp"
#include "config/rules.hpp"
#include "config/schema.hpp"
#include "config/unknown_keys.hpp"
#include "config/value.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace arngate::config {
namespace {

/// One run of `load`.
class Loader {
public:
    Loader(const LoadRequest& request, Node root)
        : request_(request), root_(std::move(root)), report_(request.file), given_(request, root_, report_) {}

    std::expected<Loaded, Problems> run() {
        check_override_keys();
        check_keys(root_, request_.purpose, report_);
        settings_.profile = profile();
        read_feature_gates();
        read_partitions(root_, report_);
        for (const Key& key : schema())
            read(key);
        if (request_.purpose == Purpose::server)
            read_server();
        check_timeouts();
        if (report_.failed())
            return std::unexpected(report_.take_problems());
        return Loaded{std::move(settings_), report_.take_warnings(), std::move(values_)};
    }

private:
    [[nodiscard]] bool is_read(const Key& key) const {
        if (key.obsolete || key.flag_only || key.type == ValueType::object_list)
            return false;
        if (key.path == "compat" || key.path == "server.mapAccounts")
            return false;
        return request_.purpose != Purpose::client || !is_server_key(key);
    }

    /// The value as given, or the default; nothing if there is none, or the one given is wrong.
    std::optional<Value> value_of(const Key& key) {
        auto value = parsed_value_of(key);
        if (!key.secret)
            values_[key.path] = value;
        return value;
    }

    std::optional<Value> parsed_value_of(const Key& key) {
        const auto place = given_.find(key);
        if (!place)
            return default_of(key);
        auto value = parse_value(key, place->node);
        if (value)
            return *std::move(value);
        WrongValue& wrong = value.error();
        Report::Text text{
            std::string(key.path), std::move(wrong.found), std::move(wrong.expected), std::move(wrong.advice)
        };
        if (key.path == "log-format") {  // the Go server goes on with text, and so do existing command lines
            text.advice = "Lines are written as text.";
            given_.warn(*place, wrong.at, std::move(text));
            return default_of(key);
        }
        given_.complain(*place, wrong.at, std::move(text));
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Value> default_of(const Key& key) const {
        std::string_view text = key.default_text;
        if (settings_.profile == Profile::reference && !key.reference_default.empty())
            text = key.reference_default;
        if (text.empty())
            return std::nullopt;
        auto value = parse_value(key, text_node(std::string(text)));
        if (!value)
            return std::nullopt;
        return *std::move(value);
    }

    Profile profile() {
        const Key& key = *find_key("compat");
        const auto value = given_.find(key) ? value_of(key) : std::nullopt;
        const Profile profile = !value                                         ? request_.default_profile
                                : std::get<std::string>(*value) == "reference" ? Profile::reference
                                                                               : Profile::arngate;
        values_[key.path] = profile == Profile::reference ? "reference" : "arngate";
        return profile;
    }

    void read_feature_gates() {
        const Override* override = given_.find_override("feature-gates");
        std::vector<std::string> items;
        if (override != nullptr) {
            for (const std::string& value : override->values) {
                for (std::string& item : split_list(value, ','))
                    items.push_back(std::move(item));
            }
        }
        auto gates = resolve_feature_gates(settings_.profile, items);
        if (gates) {
            settings_.feature_gates = *std::move(gates);
        } else {
            FeatureGateError& error = gates.error();
            report_.problem_from(
                override == nullptr ? std::string() : override->source,
                {"feature-gates", std::move(error.found), std::move(error.expected), {}}
            );
        }
    }

    void read(const Key& key) {
        const Binding* binding = find_binding(key.path);
        if (binding == nullptr || !is_read(key))
            return;
        if (const auto value = value_of(key))
            binding->apply(settings_, *value);
    }

    void check_override_keys() {
        for (const Override& override : request_.overrides) {
            const Key* key = find_key(override.key);
            if (key == nullptr) {
                report_.problem_from(override.source, {override.key, "an unknown key", "a key of the schema", {}});
            } else if (override.values.empty()) {
                report_.problem_from(override.source, {override.key, "nothing", expected_text(*key), {}});
            }
        }
    }

    void read_server() {
        if (settings_.cluster_id.empty()) {
            const Key& key = *find_key("clusterID");
            given_.complain_at(
                "clusterID",
                "nothing",
                "the identifier of the cluster",
                fmt::format("Set it in the file, by {} or by {}.", key.flag, text::split(key.environment, ' ').front())
            );
        }
        read_backends();
        read_metrics();
        const RolePaths paths = settings_.mapping.strip_role_paths ? RolePaths::strip : RolePaths::keep;
        settings_.mapping.mounted_file = read_rules(root_, paths, report_);
        settings_.server.reserved_prefixes = read_reserved_prefixes(root_, report_);
        if (const auto own = settings_.server.reserved_prefixes.find(settings_.mapping.mounted_file.source);
            own != settings_.server.reserved_prefixes.end()) {
            settings_.mapping.mounted_file.reserved_prefixes = own->second;
        }
        const Key& scrubbed = *find_key("server.scrubbedAccounts");
        if (const auto accounts = given_.find(scrubbed)) {
            warn_of_account_ids(accounts->node, scrubbed.separator, std::string(scrubbed.path), report_);
        }
        const TlsSettings& tls = settings_.server.tls;
        check_pair("server.tls.certFile", tls.cert_file, "server.tls.keyFile", tls.key_file);
        check_pair("server.tls.clientCertFile", tls.client_cert_file, "server.tls.clientKeyFile", tls.client_key_file);
        if (settings_.limits.body_bytes < settings_.limits.token_bytes + 1024) {
            given_.complain_at(
                given_.has("limits.tokenBytes") ? "limits.tokenBytes" : "limits.bodyBytes",
                fmt::format(
                    "a token of {} bytes and a body of {}", settings_.limits.token_bytes, settings_.limits.body_bytes
                ),
                "limits.bodyBytes at least 1 KiB more than limits.tokenBytes",
                {}
            );
        }
    }

    void read_backends() {
        std::vector<std::string>& modes = settings_.server.backend_mode;
        const auto place = given_.find(*find_key("server.backendMode"));
        bool good = true;
        for (BackendFault& fault : check_backend_modes(modes)) {
            Report::Text text{
                "server.backendMode", std::move(fault.found), std::move(fault.expected), std::move(fault.advice)
            };
            Position at;
            if (place) {
                const auto& items = place->node.items;
                at = fault.index < items.size() ? items[fault.index].at : place->node.at;
            }
            const Given where = place.value_or(Given{});
            if (fault.warning) {
                given_.warn(where, at, std::move(text));
            } else {
                given_.complain(where, at, std::move(text));
                good = false;
            }
        }
        if (!good)
            return;
        modes = named_once(modes);
        const bool dynamic = std::ranges::find(modes, "DynamicFile") != modes.end();
        const std::string& path = settings_.server.dynamic_file_path;
        if (dynamic && path.empty()) {
            given_.complain_at(
                "server.dynamicfilepath", "nothing", "the path of the file that the backend DynamicFile reads", {}
            );
        } else if (!dynamic && !path.empty()) {
            given_.complain_at(
                "server.dynamicfilepath",
                quote(path),
                "DynamicFile in server.backendMode",
                "Add the backend, or delete this key."
            );
        }
    }

    void read_metrics() {
        const Key& address_key = *find_key("server.metricsAddress");
        const Key& port_key = *find_key("server.metricsPort");
        const bool port_given = given_.has(port_key.path);
        const auto address = value_of(address_key);
        const auto port = value_of(port_key);
        if (address && port) {
            settings_.server.metrics = ListenSettings{
                std::get<std::string>(*address), static_cast<std::uint16_t>(std::get<std::int64_t>(*port))
            };
        }
        if (!port_given && given_.has(address_key.path)) {
            given_.complain_at(
                "server.metricsAddress", "an address without a port", "server.metricsPort beside it", {}
            );
        }
    }

    void check_pair(std::string_view first, const std::string& a, std::string_view second, const std::string& b) {
        if (a.empty() == b.empty())
            return;
        const std::string_view given_one = a.empty() ? second : first;
        given_.complain_at(
            given_one, quote(a.empty() ? b : a), fmt::format("{} beside it", a.empty() ? first : second), {}
        );
    }

    /// A longer whole bounds its parts; parts that nobody set follow it.
    void check_timeouts() {
        StsSettings& sts = settings_.sts;
        bound("sts.attemptTimeout", sts.attempt_timeout, "sts.reviewTimeout", sts.review_timeout);
        bound("sts.connectTimeout", sts.connect_timeout, "sts.attemptTimeout", sts.attempt_timeout);
    }
    void bound(
        std::string_view part_path,
        std::chrono::milliseconds& part,
        std::string_view whole_path,
        std::chrono::milliseconds whole
    ) {
        if (part <= whole)
            return;
        if (given_.has(part_path)) {
            given_.complain_at(
                part_path,
                fmt::format("{} ms", part.count()),
                fmt::format("at most {}, which is {} ms", whole_path, whole.count()),
                {}
            );
        } else {
            part = whole;
        }
    }

    const LoadRequest& request_;
    Node root_;
    Report report_;
    GivenValues given_;
    Settings settings_;
    EffectiveValues values_;
};

}  // namespace

std::expected<Loaded, Problems> load(const LoadRequest& request) {
    Node root;
    if (!request.file.empty()) {
        auto document = read_document(request.file);
        if (!document) {
            for (Problem& problem : document.error())
                problem.of_document = true;
            return std::unexpected(std::move(document.error()));
        }
        root = *std::move(document);
    }
    return Loader(request, std::move(root)).run();
}

std::expected<Loaded, Problems> load_text(
    const LoadRequest& request, std::string text, const PlaceInFile& place_in_file
) {
    auto document = parse_document(request.file, text, place_in_file);
    text = std::string();  // not while a large mapping is there as values and as entries
    if (!document) {
        for (Problem& problem : document.error())
            problem.of_document = true;
        return std::unexpected(std::move(document.error()));
    }
    return Loader(request, *std::move(document)).run();
}

std::vector<const Key*> keys_that_need_a_restart(const EffectiveValues& running, const EffectiveValues& fresh) {
    std::vector<const Key*> changed;
    for (const Key& key : schema()) {
        const auto before = running.find(key.path);
        const auto after = fresh.find(key.path);
        if (key.reloadable || before == running.end() || after == fresh.end() || before->second == after->second)
            continue;
        changed.push_back(&key);
    }
    return changed;
}

std::vector<Override> overrides_from_environment(const std::function<const char*(const char*)>& getenv) {
    std::vector<Override> overrides;
    for (const Key& key : schema()) {
        if (key.environment.empty())
            continue;
        for (const std::string_view variable : text::split(key.environment, ' ')) {
            const std::string name(variable);
            const char* value = getenv(name.c_str());
            if (value == nullptr || *value == '\0' || is_service_link(value))
                continue;
            overrides.push_back({std::string(key.path), {value}, name});
        }
    }
    return overrides;
}

}  // namespace arngate::config

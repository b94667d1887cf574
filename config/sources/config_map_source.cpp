#include "config/sources/config_map_source.hpp"

#include "config/sources/config_map_document.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::config {
namespace {

constexpr std::string_view object_name = "aws-auth";
/// An object of the largest size, with all of it escaped twice over.
constexpr std::size_t max_list_bytes = 16UL * 1024 * 1024;

/// The values of `data`; those of other keys are not ours.
ConfigMapData data_of(const simdjson::dom::object& config_map) {
    ConfigMapData data;
    for (const std::string_view key : {"mapRoles", "mapUsers", "mapAccounts"}) {
        std::string_view value;
        if (config_map["data"][key].get_string().get(value) == simdjson::SUCCESS) {
            data.emplace(key, value);
        }
    }
    return data;
}

KubeDocument followed() {
    return {
        .source = "EKSConfigMap",
        .name = "kube-system/aws-auth",
        .collection =
            {.path = "/api/v1/namespaces/kube-system/configmaps",
             .query = "fieldSelector=metadata.name%3Daws-auth",
             .rights = "configmaps in namespace kube-system"},
        .max_list_bytes = max_list_bytes,
    };
}

class ConfigMapSource final : public KubeSource {
public:
    explicit ConfigMapSource(KubeSourceOptions options) : KubeSource(std::move(options), followed()) {}

private:
    void list_began() override { listed_.reset(); }
    void listed(const kube::Object& object) override {
        if (object.name == object_name) {
            listed_ = version_and_data(object);
        }
    }
    void list_ended(std::string_view) override {
        const bool is_new = listed_ != known_;
        known_ = std::exchange(listed_, std::nullopt);
        reporter().confirmed(is_new);
    }
    void changed(const kube::Object& object) override {
        if (object.name == object_name) {
            auto now = version_and_data(object);
            const bool is_new = now != known_;
            known_ = std::move(now);
            reporter().confirmed(is_new);
        }
    }
    void removed(const kube::Object& object) override {
        if (object.name == object_name) {
            const bool is_new = known_.has_value();
            known_.reset();
            reporter().confirmed(is_new);
        }
    }
    struct Known {
        std::string version;
        ConfigMapData data;
        bool operator==(const Known&) const = default;
    };

    static Known version_and_data(const kube::Object& object) {
        return {std::string(object.resource_version), data_of(object.json)};
    }

    [[nodiscard]] std::expected<SourceReading, SourceFailure> read() const override {
        SourceReading reading;
        reading.missing = !known_.has_value();
        ConfigMapDocument document = read_config_map(known_ ? known_->data : ConfigMapData());
        reading.rules = std::move(document.rules);
        reading.rules.reserved_prefixes = options().reserved_prefixes;
        if (!options().sso_roles) {
            std::erase_if(reading.rules.roles, [](const mapping::Rule& rule) { return !rule.sso.empty(); });
        }
        reading.problems = std::move(document.problems);
        const std::size_t errors = reading.problems.size();
        std::ranges::move(document.warnings, std::back_inserter(reading.problems));
        reading.rejected = document.rejected;
        reading.version = known_ ? known_->version : std::string();
        if (!document.has_unreadable_part) {
            return reading;
        }
        SourceFailure failure;
        failure.kind = SourceFailure::Kind::unreadable;
        failure.problems.assign(
            reading.problems.begin(), reading.problems.begin() + static_cast<std::ptrdiff_t>(errors)
        );
        failure.partial = std::move(reading);
        return std::unexpected(std::move(failure));
    }

    std::optional<Known> known_;
    std::optional<Known> listed_;
};

}  // namespace

std::unique_ptr<Source> make_config_map_source(KubeSourceOptions options) {
    return std::make_unique<ConfigMapSource>(std::move(options));
}

}  // namespace arngate::config

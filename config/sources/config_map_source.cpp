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

class ConfigMapSource final : public Source, private kube::ListWatchHandler {
public:
    explicit ConfigMapSource(KubeSourceOptions options)
        : options_(std::move(options)), reporter_("kube-system/aws-auth", [this] { return read(); }) {}

    [[nodiscard]] std::string_view name() const noexcept override { return "EKSConfigMap"; }
    [[nodiscard]] bool is_local() const noexcept override { return false; }

    void start(Report report) override {
        reporter_.start(std::move(report));
        kube::Collection collection;
        collection.path = "/api/v1/namespaces/kube-system/configmaps";
        collection.query = "fieldSelector=metadata.name%3Daws-auth";
        collection.rights = "configmaps in namespace kube-system";
        watch_ = make_list_watch(options_, std::move(collection), max_list_bytes, *this);
        watch_->start();
    }
    void refresh() override {
        reporter_.expect();
        if (watch_ != nullptr) {
            watch_->refresh();
        }
    }
    void stop() override {
        reporter_.stop();
        watch_.reset();
    }

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
        reporter_.confirmed(is_new);
    }
    void watching() override { reporter_.watching(); }
    void changed(const kube::Object& object) override {
        if (object.name == object_name) {
            auto now = version_and_data(object);
            const bool is_new = now != known_;
            known_ = std::move(now);
            reporter_.confirmed(is_new);
        }
    }
    void removed(const kube::Object& object) override {
        if (object.name == object_name) {
            const bool is_new = known_.has_value();
            known_.reset();
            reporter_.confirmed(is_new);
        }
    }
    void failed(Stage stage, const kube::ApiError& error) override {
        if (options_.on_watch_failure) {
            options_.on_watch_failure();
        }
        reporter_.failed(stage, error);
    }

    struct Known {
        std::string version;
        ConfigMapData data;
        bool operator==(const Known&) const = default;
    };

    static Known version_and_data(const kube::Object& object) {
        return {std::string(object.resource_version), data_of(object.json)};
    }

    [[nodiscard]] std::expected<SourceReading, SourceFailure> read() const {
        SourceReading reading;
        reading.missing = !known_.has_value();
        ConfigMapDocument document = read_config_map(known_ ? known_->data : ConfigMapData());
        reading.rules = std::move(document.rules);
        reading.rules.reserved_prefixes = options_.reserved_prefixes;
        if (!options_.sso_roles) {
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

    KubeSourceOptions options_;
    KubeReporter reporter_;
    std::optional<Known> known_;
    std::optional<Known> listed_;
    std::unique_ptr<kube::ListWatch> watch_;
};

}  // namespace

std::unique_ptr<Source> make_config_map_source(KubeSourceOptions options) {
    return std::make_unique<ConfigMapSource>(std::move(options));
}

}  // namespace arngate::config

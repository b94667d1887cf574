#include "config/sources/crd_source.hpp"

#include "config/sources/crd_document.hpp"
#include "config/sources/crd_status_writer.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::config {
namespace {

/// A page of 500 objects with some annotations.
constexpr std::size_t max_list_bytes = 64UL * 1024 * 1024;

KubeDocument followed() {
    return {
        .source = "CRD",
        .name = "iamidentitymappings",
        .collection =
            {.path = "/apis/iamauthenticator.k8s.aws/v1alpha1/iamidentitymappings",
             .query = {},
             .rights = "iamidentitymappings of group iamauthenticator.k8s.aws"},
        .max_list_bytes = max_list_bytes,
    };
}

class CrdSource final : public KubeSource {
public:
    explicit CrdSource(CrdSourceOptions options)
        : KubeSource(std::move(options.kube), followed()),
          settle_(options.settle),
          write_pause_(options.write_pause),
          settled_(this->options().executor) {}

    void start(Report report) override {
        const KubeSourceOptions& kube = options();
        writer_ = std::make_unique<CrdStatusWriter>(
            kube.executor,
            std::make_unique<kube::ApiSession>(kube.executor, kube.access, kube::ApiClientOptions{}, kube.metrics),
            CrdStatusWriterOptions{.pause = write_pause_, .backoff = kube.watch.backoff}
        );
        KubeSource::start(std::move(report));
    }
    void stop() override {
        settled_.cancel();
        KubeSource::stop();
        writer_.reset();
    }

private:
    void list_began() override { listed_.clear(); }
    void listed(const kube::Object& object) override {
        listed_.insert_or_assign(std::string(object.name), read_identity_mapping(object));
    }
    void list_ended(std::string_view resource_version) override {
        version_ = resource_version;
        const bool is_new = !std::ranges::equal(objects_, listed_, [](const auto& a, const auto& b) {
            return a.first == b.first && a.second.reads_like(b.second);
        });
        objects_ = std::exchange(listed_, {});
        for (const auto& [name, object] : objects_) {
            writer_->look_at(name, object);
        }
        settled_.cancel();
        const bool was_waiting = std::exchange(settling_, false);
        reporter().confirmed(is_new || was_waiting);
    }
    void changed(const kube::Object& object) override {
        version_ = object.resource_version;
        IdentityMapping now = read_identity_mapping(object);
        const auto [place, is_new] = objects_.try_emplace(std::string(object.name));
        const bool reads_otherwise = is_new || !place->second.reads_like(now);
        place->second = std::move(now);
        writer_->look_at(place->first, place->second);
        if (reads_otherwise) {
            report_soon();
        }
    }
    void removed(const kube::Object& object) override {
        version_ = object.resource_version;
        writer_->forget(object.name);
        if (const auto found = objects_.find(object.name); found != objects_.end()) {
            objects_.erase(found);
            report_soon();
        }
    }
    void failed(Stage stage, const kube::ApiError& error) override {
        kube::ApiError explained = error;
        if (error.fault == kube::Fault::not_found) {
            explained.detail += "; is the CustomResourceDefinition of IAMIdentityMapping installed";
        }
        KubeSource::failed(stage, explained);
    }

    void report_soon() {
        if (std::exchange(settling_, true)) {
            return;
        }
        settled_.expires_after(settle_);
        settled_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
            // An expiry that was queued already comes even after a cancel, or after the object.
            if (!error && !alive.expired() && std::exchange(settling_, false)) {
                reporter().confirmed(true);
            }
        });
    }

    [[nodiscard]] std::expected<SourceReading, SourceFailure> read() const override {
        CrdDocument document = rules_of(objects_);
        SourceReading reading;
        reading.rules = std::move(document.rules);
        reading.rules.reserved_prefixes = options().reserved_prefixes;
        reading.problems = std::move(document.problems);
        reading.rejected = document.rejected;
        reading.version = version_;
        return reading;
    }

    std::chrono::milliseconds settle_;
    std::chrono::milliseconds write_pause_;
    boost::asio::steady_timer settled_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    bool settling_ = false;
    std::string version_;
    IdentityMappings objects_;
    IdentityMappings listed_;
    std::unique_ptr<CrdStatusWriter> writer_;
};

}  // namespace

std::unique_ptr<Source> make_crd_source(CrdSourceOptions options) {
    return std::make_unique<CrdSource>(std::move(options));
}

}  // namespace arngate::config

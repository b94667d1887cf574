#pragma once

#include "core/base/metrics.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace arngate::pages {

/// Writes what the registry holds as text, away from the loops that answer reviews: it takes half a millisecond, and,
/// since a gauge counts the open descriptors, more with every connection. However many ask, at most one writing waits
/// for its turn. Thread-safe.
class MetricsRenderer {
public:
    /// Takes the text, which others who asked meanwhile take as well; null when it could not be written, which is in
    /// the log. Called where the renderer works.
    using Done = std::move_only_function<void(std::shared_ptr<const std::string>)>;

    /// Works on `where`. `registry` and the renderer must outlive what runs there.
    MetricsRenderer(const MetricsRegistry& registry, boost::asio::any_io_executor where)
        : registry_(registry), where_(std::move(where)) {}
    MetricsRenderer(const MetricsRenderer&) = delete;
    MetricsRenderer& operator=(const MetricsRenderer&) = delete;
    ~MetricsRenderer() = default;

    /// The text is of a moment after this call. When `where` ends before that, `done` is dropped with the renderer.
    void render(Done done);
    /// About how long the next text will be.
    [[nodiscard]] std::size_t expected_bytes() const noexcept { return last_size_; }

private:
    static constexpr std::size_t typical_size = 32 * 1024;

    void run();
    [[nodiscard]] std::shared_ptr<const std::string> write();

    const MetricsRegistry& registry_;
    boost::asio::any_io_executor where_;
    std::mutex mutex_;
    std::vector<Done> waiting_;  ///< guarded by mutex_; `run` is on its way while there is one
    std::atomic<std::size_t> last_size_{typical_size};
};

}  // namespace arngate::pages

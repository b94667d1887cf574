#include "daemon/pages/metrics_renderer.hpp"

#include "core/base/log.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <utility>

namespace arngate::pages {

void MetricsRenderer::render(Done done) {
    const std::scoped_lock lock(mutex_);
    // Asked for before there is somebody who waits: should there be no memory for it, nobody does.
    if (waiting_.empty()) {
        boost::asio::post(where_, [this] { run(); });
    }
    waiting_.push_back(std::move(done));
}

void MetricsRenderer::run() {
    std::vector<Done> served;
    {
        const std::scoped_lock lock(mutex_);
        served.swap(waiting_);
    }
    const std::shared_ptr<const std::string> text = write();
    for (Done& done : served) {
        done(text);
    }
}

std::shared_ptr<const std::string> MetricsRenderer::write() {
    try {
        auto text = std::make_shared<const std::string>(registry_.text());
        last_size_ = text->size();
        return text;
    } catch (const std::exception& e) {
        log::error("the metrics could not be written", {{"error", e.what()}});
        return nullptr;
    }
}

}  // namespace arngate::pages

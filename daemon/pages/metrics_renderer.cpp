#include "daemon/pages/metrics_renderer.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace arngate::pages {

void MetricsRenderer::render(Done done) {
    {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(std::move(done));
        if (waiting_.size() > 1) {
            return;
        }
    }
    boost::asio::post(where_, [this] { run(); });
}

void MetricsRenderer::run() {
    std::vector<Done> served;
    {
        const std::scoped_lock lock(mutex_);
        served.swap(waiting_);
    }
    const auto text = std::make_shared<const std::string>(registry_.text());
    for (Done& done : served) {
        done(text);
    }
}

}  // namespace arngate::pages

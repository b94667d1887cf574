#include "daemon/pages/metrics_page.hpp"

#include <boost/asio/post.hpp>

#include <memory>
#include <string>
#include <utility>

namespace arngate::pages {

bool MetricsPage::handle(const http::Request& /*request*/, http::Response& /*response*/, const http::Defer& defer) {
    renderer_.render([loop = loop_,
                      answer = defer(renderer_.expected_bytes())](std::shared_ptr<const std::string> text) mutable {
        boost::asio::post(loop, [answer = std::move(answer), text = std::move(text)]() mutable {
            if (text == nullptr) {
                return;  // dropped here, on its loop: 500
            }
            http::Response response;
            response.content_type = "text/plain; version=0.0.4; charset=utf-8";
            response.body = *text;
            answer(std::move(response));
        });
    });
    return false;
}

}  // namespace arngate::pages

#pragma once

#include "daemon/http/exchange.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace arngate::http::test {

/// Does by path what a test needs: "/later" waits in `later`, "/later-big" says there that it will be long, "/drop"
/// lets its completion go, "/early" completes before it returns, "/throw" throws, "/big" answers `big_bytes`, "/close"
/// ends the connection; all else is echoed as "METHOD path?query body".
class TestHandler final : public Handler {
public:
    bool handle(const Request& request, Response& response, const Defer& defer) override {
        seen.emplace_back(request.path);
        peer = request.peer;
        response.after_write = [this] { ++written; };
        if (request.path == "/later") {
            later.push_back(defer(0));
            return false;
        }
        if (request.path == "/later-big") {
            later.push_back(defer(big_bytes));
            return false;
        }
        if (request.path == "/drop") {
            static_cast<void>(defer(big_bytes));
            return false;
        }
        if (request.path == "/early") {
            Response early;
            early.body = "early";
            defer(0)(std::move(early));
            return false;
        }
        if (request.path == "/throw") {
            throw std::runtime_error("what a handler must not tell");
        }
        if (request.path == "/big") {
            response.body.assign(big_bytes, 'b');
            return true;
        }
        response.close = request.path == "/close";
        response.body = std::string(request.method) + " " + std::string(request.path) + "?" +
                        std::string(request.query) + " " + std::string(request.body);
        return true;
    }

    /// Answers the oldest that waits.
    void complete(std::string body) {
        Completion completion = std::move(later.front());
        later.erase(later.begin());
        Response response;
        response.body = std::move(body);
        response.after_write = [this] { ++written; };
        completion(std::move(response));
    }

    std::vector<std::string> seen;
    std::vector<Completion> later;
    std::string peer;
    std::size_t big_bytes = 0;
    int written = 0;  ///< answers whose after_write was called
};

}  // namespace arngate::http::test

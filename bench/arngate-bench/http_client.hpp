#pragma once

#include "bench/arngate-bench/answer.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arngate::bench {

/// What every request of a run has in common.
struct RequestShape {
    std::string authority;  ///< of the Host header
    std::string path;
};

/// One connection's HTTP, without the socket: requests in, bytes out, bytes in, answers out. Not thread-safe.
class HttpClient {
public:
    HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    virtual ~HttpClient() = default;

    /// How many more requests may be sent now.
    [[nodiscard]] virtual std::size_t room() const = 0;
    /// POSTs a TokenReview. `body` lives until the answer, `cancel`, or the end of this object. Needs room.
    virtual void send(std::uint32_t ticket, std::string_view body) = 0;
    /// Bytes from the server. False: nothing more can come of this connection; answers complete by then are there.
    [[nodiscard]] virtual bool receive(std::string_view bytes) = 0;
    /// Gives up on an answer. False: this protocol can do so only by closing the connection.
    [[nodiscard]] virtual bool cancel(std::uint32_t ticket) = 0;
    /// The server wants no further requests here.
    [[nodiscard]] virtual bool is_closing() const = 0;

    /// Appends what is to be written now.
    virtual void take_output(std::string& out) = 0;
    /// Answers since the last call.
    [[nodiscard]] std::vector<Answer>& answers() noexcept { return answers_; }

private:
    std::vector<Answer> answers_;
};

[[nodiscard]] std::unique_ptr<HttpClient> make_h1_client(const RequestShape& shape);
/// `streams`: requests at once, within what the server allows.
[[nodiscard]] std::unique_ptr<HttpClient> make_h2_client(const RequestShape& shape, std::size_t streams);

}  // namespace arngate::bench

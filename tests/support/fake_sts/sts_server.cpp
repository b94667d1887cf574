#include "tests/support/fake_sts/sts_server.hpp"

#include "tests/support/fake_sts/answer.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>

#include <fmt/format.h>

#include <array>
#include <random>
#include <thread>
#include <utility>

namespace arngate::fake_sts {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr auto tuple_awaitable = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t max_head_bytes = 64U * 1024;
constexpr std::size_t max_body_bytes = 64U * 1024;
constexpr auto hold_poll = std::chrono::milliseconds(2);

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
using Stream = asio::ssl::stream<tcp::socket>;
using Parser = http::request_parser<http::string_body>;

int choose_http11(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* in, unsigned in_size, void*) {
    static constexpr std::array<unsigned char, 9> ours{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    unsigned char* chosen = nullptr;
    const int result = SSL_select_next_proto(&chosen, out_size, ours.data(), ours.size(), in, in_size);
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

Request view_of(const Parser::value_type& message) {
    Request request;
    request.method = std::string_view(message.method_string().data(), message.method_string().size());
    request.target = std::string_view(message.target().data(), message.target().size());
    for (const auto& field : message) {
        request.headers.emplace_back(
            std::string_view(field.name_string().data(), field.name_string().size()),
            std::string_view(field.value().data(), field.value().size())
        );
    }
    request.body = message.body();
    return request;
}

/// How an answer leaves.
enum class Delivery : std::uint8_t { whole, half_then_close, half_then_reset, reset, byte_by_byte };

struct Answer {
    std::string bytes;
    std::string outcome;
    Delivery delivery = Delivery::whole;
    std::chrono::milliseconds byte_delay{0};
};

Answer refuse(const Refusal& refusal, Format format) {
    const std::string id = make_request_id();
    return {
        .bytes = http_answer(refusal.status, content_type(format), error_body(refusal, format, id), id),
        .outcome = std::string(refusal.code)
    };
}

// A fault that lies in how a proper answer is delivered or dressed.
Answer spoil(const FaultRule::Options& fault, std::string body, Format format) {
    const std::string id = make_request_id();
    Answer answer;
    answer.outcome = name_of(fault.kind);
    int status = 200;
    std::string_view type = content_type(format);
    std::string extra;
    switch (fault.kind) {
        case FaultKind::wrong_content_type:
            type = "text/html";
            break;
        case FaultKind::garbage_json:
            body = R"({"GetCallerIdentityResponse":{"GetCallerIdentityResult":[}} )";
            break;
        case FaultKind::redirect:
            status = 301;
            body.clear();
            extra = "Location: https://localhost/\r\n";
            break;
        case FaultKind::huge_body:
            body.insert(0, fault.bytes, ' ');
            break;
        case FaultKind::reset_before:
            answer.delivery = Delivery::reset;
            break;
        case FaultKind::reset_mid:
            answer.delivery = Delivery::half_then_reset;
            break;
        case FaultKind::half_body:
            answer.delivery = Delivery::half_then_close;
            break;
        case FaultKind::slow_body:
            answer.delivery = Delivery::byte_by_byte;
            answer.byte_delay = fault.delay;
            break;
        case FaultKind::throttle:
        case FaultKind::internal_failure:
        case FaultKind::service_unavailable:
            break;
    }
    answer.bytes = http_answer(status, type, body, id, extra);
    if (answer.delivery == Delivery::half_then_close || answer.delivery == Delivery::half_then_reset) {
        answer.bytes.resize(answer.bytes.size() - body.size() / 2);
    }
    return answer;
}

Answer answer_with_fault(const FaultRule::Options& fault, const Request& request) {
    const Format format = format_for(request);
    switch (fault.kind) {
        case FaultKind::throttle:
            return refuse(throttling(), format);
        case FaultKind::internal_failure:
            return refuse(internal_failure(), format);
        case FaultKind::service_unavailable:
            return refuse(service_unavailable(), format);
        default: {
            const Key somebody{
                .access_key_id = {},
                .secret_access_key = {},
                .session_token = {},
                .expires_at = {},
                .account = "123456789012",
                .arn = "arn:aws:iam::123456789012:user/Somebody",
                .user_id = "AIDASOMEBODYEXAMPLE00"
            };
            return spoil(fault, identity_body(somebody, format, make_request_id()), format);
        }
    }
}

}  // namespace

class StsServer::Loop {
public:
    Loop(const StsServerOptions& options, const StsServerParts& parts, std::uint16_t port)
        : parts_(parts), verify_(options.verify), tls_(asio::ssl::context::tls_server), acceptor_(context_) {
        tls_.set_options(
            asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1
        );
        tls_.use_certificate_chain_file(options.cert_file);
        tls_.use_private_key_file(options.key_file, asio::ssl::context::pem);
        SSL_CTX_set_alpn_select_cb(tls_.native_handle(), choose_http11, nullptr);
        SSL_CTX_set_mode(tls_.native_handle(), SSL_MODE_RELEASE_BUFFERS);

        const tcp::endpoint endpoint(asio::ip::make_address(options.address), port);
        acceptor_.open(endpoint.protocol());
        acceptor_.set_option(tcp::acceptor::reuse_address(true));
        if (options.threads > 1) {
            acceptor_.set_option(ReusePort(true));
        }
        acceptor_.bind(endpoint);
        acceptor_.listen();
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    void start() {
        asio::co_spawn(context_, accept(), asio::detached);
        thread_ = std::thread([this] { context_.run(); });
    }

    void stop() { context_.stop(); }

    void join() {
        if (thread_.joinable()) {
            thread_.join();
        }
    }

private:
    asio::awaitable<void> accept() {
        asio::steady_timer pause(context_);
        for (;;) {
            auto [failure, socket] = co_await acceptor_.async_accept(tuple_awaitable);
            if (failure == asio::error::operation_aborted) {
                co_return;
            }
            if (failure) {  // out of descriptors and the like: do not spin
                pause.expires_after(std::chrono::milliseconds(100));
                co_await pause.async_wait(tuple_awaitable);
                continue;
            }
            asio::co_spawn(context_, serve(std::move(socket)), asio::detached);
        }
    }

    asio::awaitable<void> serve(tcp::socket socket) {
        struct Open {
            Stats& stats;
            explicit Open(Stats& counters) : stats(counters) {
                ++stats.connections;
                ++stats.open;
            }
            Open(const Open&) = delete;
            Open& operator=(const Open&) = delete;
            ~Open() { --stats.open; }
        };
        const Open open(parts_.stats);
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        Stream stream(std::move(socket), tls_);
        auto [handshake_failure] = co_await stream.async_handshake(Stream::server, tuple_awaitable);
        if (handshake_failure) {
            ++parts_.stats.failed_handshakes;
            co_return;
        }
        ++parts_.stats.handshakes;
        if (SSL_session_reused(stream.native_handle()) == 1) {
            ++parts_.stats.resumed_handshakes;
        }
        beast::flat_buffer buffer;
        bool keep = true;
        while (keep) {
            Parser parser;
            parser.header_limit(max_head_bytes);
            parser.body_limit(max_body_bytes);
            auto [failure, size] = co_await http::async_read(stream, buffer, parser, tuple_awaitable);
            static_cast<void>(size);
            if (failure) {
                co_return;
            }
            ++parts_.stats.requests;
            const Request request = view_of(parser.get());
            const AwsApi::Service service =
                parts_.api == nullptr ? AwsApi::Service::none : parts_.api->service_of(request);
            FaultSwitch& faults = service == AwsApi::Service::ec2 ? parts_.api->ec2_faults() : parts_.faults;
            const std::shared_ptr<const FaultPlan> plan = faults.current();
            Answer answer =
                service == AwsApi::Service::none ? decide(request, *plan) : decide_api(request, service, *plan);
            co_await delay(*plan, faults);
            parts_.stats.count_outcome(answer.outcome);
            const bool delivered = co_await deliver(stream, answer);
            keep = delivered && parser.get().keep_alive();
        }
        // No waiting for the peer's close_notify: the answer is complete by its Content-Length.
        stream.next_layer().shutdown(tcp::socket::shutdown_both, ignored);
    }

    Answer decide(const Request& request, const FaultPlan& plan) {
        if (const auto* const fault = plan.decide(parts_.clock.steady())) {
            return answer_with_fault(*fault, request);
        }
        const auto key = verify_ ? parts_.check.verify(request, parts_.clock.wall()) : parts_.check.identify(request);
        const Format format = format_for(request);
        if (!key) {
            return refuse(key.error(), format);
        }
        const Key& known = **key;
        if (known.fault) {
            FaultRule::Options fault;
            fault.kind = *known.fault;
            return answer_with_fault(fault, request);
        }
        const std::string id = make_request_id();
        if (known.answer) {
            const auto& [status, type, body] = *known.answer;
            return {.bytes = http_answer(status, type, body, id), .outcome = "scripted"};
        }
        return {
            .bytes = http_answer(200, content_type(format), identity_body(known, format, id), id), .outcome = "granted"
        };
    }

    Answer decide_api(const Request& request, AwsApi::Service service, const FaultPlan& plan) {
        const auto* const fault = plan.decide(parts_.clock.steady());
        if (fault == nullptr) {
            return dress(parts_.api->answer(request, service, parts_.clock.wall()));
        }
        const bool is_ec2 = service == AwsApi::Service::ec2;
        switch (fault->kind) {
            case FaultKind::throttle:
                return is_ec2 ? dress(AwsApi::ec2_error(request_limit_exceeded())) : refuse(throttling(), Format::xml);
            case FaultKind::internal_failure:
                return is_ec2 ? dress(AwsApi::ec2_error(internal_failure())) : refuse(internal_failure(), Format::xml);
            case FaultKind::service_unavailable:
                return is_ec2 ? dress(AwsApi::ec2_error(service_unavailable()))
                              : refuse(service_unavailable(), Format::xml);
            default:
                return spoil(*fault, parts_.api->answer(request, service, parts_.clock.wall()).body, Format::xml);
        }
    }

    static Answer dress(AwsApi::Answer answer) {
        return {
            .bytes = http_answer(answer.status, content_type(Format::xml), answer.body, make_request_id()),
            .outcome = std::move(answer.outcome)
        };
    }

    asio::awaitable<void> delay(const FaultPlan& plan, FaultSwitch& faults) {
        const std::chrono::microseconds latency = plan.latency.draw(random_);
        if (latency.count() > 0) {
            asio::steady_timer timer(context_, latency);
            co_await timer.async_wait(tuple_awaitable);
        }
        if (!plan.hold) {
            co_return;
        }
        ++parts_.stats.held;
        asio::steady_timer timer(context_);
        while (faults.current()->hold) {
            timer.expires_after(hold_poll);
            co_await timer.async_wait(tuple_awaitable);
        }
        --parts_.stats.held;
    }

    // Whether the connection may go on.
    asio::awaitable<bool> deliver(Stream& stream, Answer& answer) {
        if (answer.delivery == Delivery::reset) {
            reset(stream);
            co_return false;
        }
        if (answer.delivery == Delivery::byte_by_byte) {
            asio::steady_timer timer(context_);
            for (const char& byte : answer.bytes) {
                const asio::const_buffer one(&byte, 1);
                auto [failure, size] = co_await asio::async_write(stream, one, tuple_awaitable);
                if (failure || size != 1) {
                    co_return false;
                }
                timer.expires_after(answer.byte_delay);
                co_await timer.async_wait(tuple_awaitable);
            }
            co_return true;
        }
        const asio::const_buffer all(answer.bytes.data(), answer.bytes.size());
        auto [failure, size] = co_await asio::async_write(stream, all, tuple_awaitable);
        static_cast<void>(size);
        if (answer.delivery == Delivery::half_then_reset) {
            reset(stream);
        }
        co_return !failure && answer.delivery == Delivery::whole;
    }

    static void reset(Stream& stream) {
        boost::system::error_code ignored;
        stream.next_layer().set_option(asio::socket_base::linger(true, 0), ignored);
        stream.next_layer().close(ignored);
    }

    StsServerParts parts_;
    bool verify_;
    asio::io_context context_{1};
    asio::ssl::context tls_;
    tcp::acceptor acceptor_;
    std::mt19937_64 random_{std::random_device{}()};
    std::thread thread_;
};

StsServer::StsServer(const StsServerOptions& options, const StsServerParts& parts) : port_(options.port) {
    for (unsigned i = 0; i < options.threads; ++i) {
        loops_.push_back(std::make_unique<Loop>(options, parts, port_));
        port_ = loops_.front()->port();
    }
}

StsServer::~StsServer() {
    stop();
}

void StsServer::start() {
    for (const auto& loop : loops_) {
        loop->start();
    }
}

void StsServer::stop() {
    for (const auto& loop : loops_) {
        loop->stop();
    }
    for (const auto& loop : loops_) {
        loop->join();
    }
}

}  // namespace arngate::fake_sts

#pragma once

#include "core/net/https_pool.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace arngate::net {

/// Whether the answer's own headers say how long its body is, or the request's method rules a body out (HEAD, CONNECT).
enum class BodyRule : std::uint8_t { as_framed, none };

enum class ReadProgress : std::uint8_t {
    need_more,
    complete,
    malformed,  ///< not an HTTP/1 answer
    too_large,  ///< headers or body above the limit
    cut_short,  ///< the peer ended before the answer did
};

/// Reads one HTTP/1.1 answer out of bytes. Pure: bytes in, progress out; no socket. Bounded by its limits. Interim
/// answers (1xx) are passed over, a few of them.
class ResponseReader {
public:
    ResponseReader(std::size_t max_header_bytes, std::size_t max_body_bytes);

    /// Makes ready for the next answer.
    void start(BodyRule rule);

    /// Where the next bytes go; valid until the next call. Never empty after `need_more`.
    [[nodiscard]] std::span<char> space();
    /// That many bytes were put into `space()`.
    [[nodiscard]] ReadProgress received(std::size_t count);
    /// The peer said that nothing more will come.
    [[nodiscard]] ReadProgress ended();

    /// Whether a byte of the answer has come.
    [[nodiscard]] bool has_begun() const noexcept { return begun_; }
    /// Whether the headers of the final answer have come whole.
    [[nodiscard]] bool has_headers() const;
    /// After `complete`: whether bytes came that are not part of the answer.
    [[nodiscard]] bool has_surplus() const noexcept { return buffer_.size() > 0; }
    /// After `complete`: whether the connection may carry another request.
    [[nodiscard]] bool keep_alive() const;
    /// After `complete`, once.
    [[nodiscard]] HttpResponse take();

private:
    /// Keeps of an answer what HttpResponse holds; Beast's own parser would keep a copy of each header.
    class Parser final : public boost::beast::http::basic_parser<false> {
    public:
        HttpResponse response;

    private:
        using Text = boost::beast::string_view;
        using ErrorCode = boost::beast::error_code;

        void on_request_impl(boost::beast::http::verb, Text, Text, int, ErrorCode&) override {}
        void on_response_impl(int status, Text reason, int version, ErrorCode& error) override;
        void on_field_impl(boost::beast::http::field name, Text name_text, Text value, ErrorCode& error) override;
        void on_header_impl(ErrorCode& /*error*/) override {}
        void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& error) override;
        std::size_t on_body_impl(Text bytes, ErrorCode& error) override;
        void on_chunk_header_impl(std::uint64_t, Text, ErrorCode& /*error*/) override {}
        std::size_t on_chunk_body_impl(std::uint64_t remaining, Text bytes, ErrorCode& error) override;
        void on_finish_impl(ErrorCode& /*error*/) override {}
    };

    void reset_parser();
    [[nodiscard]] ReadProgress parse();
    [[nodiscard]] bool is_interim() const;

    std::uint32_t max_header_bytes_;
    std::size_t max_body_bytes_;
    BodyRule rule_ = BodyRule::as_framed;
    boost::beast::flat_buffer buffer_;
    std::optional<Parser> parser_;
    std::size_t header_bytes_ = 0;
    bool begun_ = false;
    unsigned interim_answers_ = 0;
};

}  // namespace arngate::net

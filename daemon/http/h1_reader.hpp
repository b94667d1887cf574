#pragma once

#include "daemon/http/limits.hpp"
#include "daemon/http/read_scratch.hpp"

#include <boost/beast/core/error.hpp>
#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/optional/optional.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace arngate::http {

/// Cuts requests of HTTP/1.0 and 1.1 out of a stream of bytes. Pure: no socket, no clock. Strict where two readings of
/// one message are possible (RFC 9112, sections 3.2, 6.1, 6.3 and 11.2): such a request is refused.
/// The bytes of a request are wiped once it is consumed.
class H1Reader {
public:
    enum class Outcome : std::uint8_t { need_more, complete, failed };

    H1Reader(const HttpLimits& limits, ReadScratch& scratch) noexcept : limits_(limits), scratch_(scratch) {}
    ~H1Reader();
    H1Reader(const H1Reader&) = delete;
    H1Reader& operator=(const H1Reader&) = delete;

    /// Where the next bytes go; never empty unless a request is complete and not consumed.
    [[nodiscard]] std::span<char> prepare();
    /// So many bytes were put there.
    void commit(std::size_t bytes) noexcept;
    /// Reads on. `complete`: the accessors below are good until `consume`. `failed`: see `failure_status`.
    [[nodiscard]] Outcome parse();
    /// Forgets the complete request; what follows it is the next one.
    void consume() noexcept;
    /// To be called before control goes back to the loop: takes what is left out of the scratch.
    void park();

    [[nodiscard]] std::string_view method() const noexcept { return view(method_); }
    [[nodiscard]] std::string_view target() const noexcept { return view(target_); }
    [[nodiscard]] std::string_view body() const noexcept { return view(body_); }
    [[nodiscard]] bool keep_alive() const { return parser_->keep_alive(); }
    [[nodiscard]] bool is_http11() const noexcept { return version_ == 11; }

    /// 400, 408, 413, 417, 431 or 505.
    [[nodiscard]] unsigned failure_status() const noexcept { return failure_; }
    /// A byte of a request is here that is not complete.
    [[nodiscard]] bool in_request() const noexcept { return begin_ != end_; }
    /// The head is complete, the body is not.
    [[nodiscard]] bool in_body() const noexcept { return head_done_; }
    /// The client waits for "100 Continue" before it sends the body. True once a request.
    [[nodiscard]] bool take_expect_continue() noexcept;

private:
    /// Beast's parser, which reports to the reader. One a request: it cannot be started again.
    class Parser final : public boost::beast::http::basic_parser<true> {
    public:
        explicit Parser(H1Reader& reader) : reader_(reader) {}

    private:
        using ErrorCode = boost::beast::error_code;
        using View = boost::beast::string_view;
        using Verb = boost::beast::http::verb;
        using Field = boost::beast::http::field;

        void on_request_impl(Verb verb, View method, View target, int version, ErrorCode& ec) override;
        void on_response_impl(int status, View reason, int version, ErrorCode& ec) override;
        void on_field_impl(Field field, View name, View value, ErrorCode& ec) override;
        void on_header_impl(ErrorCode& ec) override;
        void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& ec) override;
        std::size_t on_body_impl(View body, ErrorCode& ec) override;
        void on_chunk_header_impl(std::uint64_t size, View extensions, ErrorCode& ec) override;
        std::size_t on_chunk_body_impl(std::uint64_t remain, View body, ErrorCode& ec) override;
        void on_finish_impl(ErrorCode& ec) override;

        void refuse(unsigned status, ErrorCode& ec) noexcept;
        void add_to_body(View piece) noexcept;

        H1Reader& reader_;
        unsigned hosts_ = 0;
        unsigned lengths_ = 0;
        unsigned encodings_ = 0;
    };

    /// A piece of the request, from its first byte: the buffer may move.
    struct Piece {
        std::size_t offset = 0;
        std::size_t size = 0;
    };

    [[nodiscard]] std::string_view view(Piece piece) const noexcept {
        return {base_ + begin_ + piece.offset, piece.size};
    }
    [[nodiscard]] Piece piece_of(std::string_view text) const noexcept {
        return {.offset = static_cast<std::size_t>(text.data() - (base_ + begin_)), .size = text.size()};
    }
    [[nodiscard]] bool is_on_one_line(std::string_view name, std::string_view value) const noexcept;
    void start_message();
    void close_gap() noexcept;
    /// Moves what has come of the request into a buffer of its own of this size.
    void move_into_own(std::size_t size);
    void drop_own() noexcept;
    Outcome fail(unsigned status) noexcept;

    const HttpLimits& limits_;
    ReadScratch& scratch_;
    std::unique_ptr<char[]> own_;  // NOLINT(modernize-avoid-c-arrays)
    std::size_t own_size_ = 0;
    std::size_t own_used_ = 0;  ///< bytes of it that ever held something of a request
    char* base_ = nullptr;      ///< the scratch or `own_`
    std::size_t begin_ = 0;     ///< first byte of the request
    std::size_t cursor_ = 0;    ///< from `begin_`: what the parser has taken
    std::size_t end_ = 0;       ///< after the last byte read

    std::optional<Parser> parser_;
    Piece method_;
    Piece target_;
    Piece body_;
    int version_ = 11;
    unsigned failure_ = 0;
    bool head_done_ = false;
    bool expect_continue_ = false;
};

}  // namespace arngate::http

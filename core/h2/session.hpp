#pragma once

#include "core/h2/callbacks.hpp"

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

/// libnghttp2 with owners, views and member functions, for whoever is one end of an HTTP/2 connection (RFC 9113). What
/// an end does with requests and answers is its own; so is the thread.
namespace arngate::h2 {

struct Freer {
    void operator()(nghttp2_session* session) const noexcept { nghttp2_session_del(session); }
    void operator()(nghttp2_option* options) const noexcept { nghttp2_option_del(options); }
};

/// The state of one end of a connection.
using Session = std::unique_ptr<nghttp2_session, Freer>;
/// How nghttp2 is to behave; any number of sessions may be made with it.
using Options = std::unique_ptr<nghttp2_option, Freer>;

/// Nghttp2's own behaviour, for the caller to change. Throws std::bad_alloc.
[[nodiscard]] Options make_options();

/// The client's end, whose `owner` the callbacks go to. The owner outlives the session, the table need not; null
/// options are nghttp2's own. Throws std::bad_alloc.
template <class Owner>
[[nodiscard]] Session make_client(
    const CallbackTable<Owner>& table, Owner& owner, const nghttp2_option* options = nullptr
) {
    nghttp2_session* made = nullptr;
    check_made(nghttp2_session_client_new2(&made, table.get(), &owner, options));
    return Session(made);
}

/// The server's end; else as `make_client`.
template <class Owner>
[[nodiscard]] Session make_server(
    const CallbackTable<Owner>& table, Owner& owner, const nghttp2_option* options = nullptr
) {
    nghttp2_session* made = nullptr;
    check_made(nghttp2_session_server_new2(&made, table.get(), &owner, options));
    return Session(made);
}

/// Takes what the peer sent; nothing of it is pointed to afterwards. False when nghttp2 cannot go on.
[[nodiscard]] bool receive(nghttp2_session& session, std::string_view bytes) noexcept;

/// The next bytes for the peer, good until the next call on the session; empty when there are none now, nothing when
/// nghttp2 cannot go on.
[[nodiscard]] std::optional<std::string_view> next_output(nghttp2_session& session) noexcept;

/// One header field, which points to both texts. `flags` are of nghttp2_nv_flag: unless they say otherwise, nghttp2
/// copies the texts when it takes the field.
[[nodiscard]] nghttp2_nv field(
    std::string_view name, std::string_view value, std::uint8_t flags = NGHTTP2_NV_FLAG_NONE
) noexcept;

/// A body that lies in memory: nghttp2 takes it from the front of `unsent`, which outlives the stream, and ends the
/// stream when that is empty. What it points to may be given up earlier by making it empty.
[[nodiscard]] nghttp2_data_provider body_of(std::string_view& unsent) noexcept;

}  // namespace arngate::h2

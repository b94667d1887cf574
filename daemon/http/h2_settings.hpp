#pragma once

#include <nghttp2/nghttp2.h>

#include <span>
#include <string>

namespace arngate::http {

/// How nghttp2 is to behave in each session of the server. Made once; outlives every session. Throws std::bad_alloc the
/// first time.
[[nodiscard]] const nghttp2_option* h2_session_options();

/// A SETTINGS frame (RFC 9113, section 6.5) with these, at most 42.
[[nodiscard]] std::string h2_settings_frame(std::span<const nghttp2_settings_entry> settings);

}  // namespace arngate::http

#include "daemon/http/h2_settings.hpp"

#include "core/h2/session.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace arngate::http {
namespace {

/// More acknowledgements than one read can ask for: EventBudget decides when they are too many.
constexpr std::size_t acknowledgements = 10'000;
/// Frames from this type on mean nothing to us. nghttp2 tells of those only which it was told of.
constexpr unsigned first_unknown_type = NGHTTP2_CONTINUATION + 1;
constexpr unsigned last_type = 0xff;

h2::Options make_options() {
    h2::Options made = h2::make_options();
    nghttp2_option* options = made.get();
    nghttp2_option_set_no_auto_window_update(options, 1);
    nghttp2_option_set_no_closed_streams(options, 1);
    nghttp2_option_set_max_outbound_ack(options, acknowledgements);
    for (unsigned type = first_unknown_type; type <= last_type; ++type) {
        nghttp2_option_set_user_recv_extension_type(options, static_cast<std::uint8_t>(type));
    }
    return made;
}

}  // namespace

const nghttp2_option* h2_session_options() {
    static const h2::Options made = make_options();
    return made.get();
}

std::string h2_settings_frame(std::span<const nghttp2_settings_entry> settings) {
    constexpr std::size_t head_bytes = 9;   // RFC 9113, section 4.1
    constexpr std::size_t entry_bytes = 6;  // RFC 9113, section 6.5.1
    std::vector<std::uint8_t> bytes(head_bytes + entry_bytes * settings.size());
    bytes[2] = static_cast<std::uint8_t>(bytes.size() - head_bytes);
    bytes[3] = NGHTTP2_SETTINGS;
    static_cast<void>(nghttp2_pack_settings_payload(
        bytes.data() + head_bytes, bytes.size() - head_bytes, settings.data(), settings.size()
    ));
    return {bytes.begin(), bytes.end()};
}

}  // namespace arngate::http

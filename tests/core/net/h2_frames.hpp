#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// HTTP/2 frames by hand, so that tests can say what nghttp2 would not.
namespace arngate::net::test {

enum class FrameType : std::uint8_t {
    data,
    headers,
    priority,
    rst_stream,
    settings,
    push_promise,
    ping,
    goaway,
    window_update,
    continuation
};

inline constexpr std::uint8_t end_stream = 0x1;
inline constexpr std::uint8_t ack = 0x1;
inline constexpr std::uint8_t end_headers = 0x4;

[[nodiscard]] inline std::string number(std::uint32_t value, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) {
        out.push_back(static_cast<char>((value >> (8U * static_cast<unsigned>(i))) & 0xffU));
    }
    return out;
}

[[nodiscard]] inline std::string frame(
    FrameType type, std::uint8_t flags, std::uint32_t stream, std::string_view payload = {}
) {
    std::string out = number(static_cast<std::uint32_t>(payload.size()), 3);
    out.push_back(static_cast<char>(type));
    out.push_back(static_cast<char>(flags));
    out += number(stream, 4);
    out += payload;
    return out;
}

/// A header field, HPACK: literal without indexing (RFC 7541, section 6.2.2); both shorter than 127 bytes, or the value
/// shorter than 16 KiB.
[[nodiscard]] inline std::string field(std::string_view name, std::string_view value) {
    std::string out(1, '\0');
    out.push_back(static_cast<char>(name.size()));
    out += name;
    if (value.size() < 127) {
        out.push_back(static_cast<char>(value.size()));
    } else {
        out.push_back('\x7f');
        std::size_t rest = value.size() - 127;
        for (; rest >= 128; rest /= 128) {
            out.push_back(static_cast<char>(rest % 128 + 128));
        }
        out.push_back(static_cast<char>(rest));
    }
    out += value;
    return out;
}

inline const std::string status_200 = "\x88";  // of HPACK's static table

[[nodiscard]] inline std::string setting(std::uint16_t name, std::uint32_t value) {
    return number(name, 2) + number(value, 4);
}
/// The server's first frame.
[[nodiscard]] inline std::string settings(std::string_view entries = {}) {
    return frame(FrameType::settings, 0, 0, entries);
}
inline constexpr std::uint16_t max_concurrent_streams = 3;

[[nodiscard]] inline std::string answer_head(std::uint32_t stream, std::string_view more = {}, std::uint8_t flags = 0) {
    return frame(
        FrameType::headers,
        static_cast<std::uint8_t>(end_headers | flags),
        stream,
        status_200 + field("content-type", "application/json") + std::string(more)
    );
}
[[nodiscard]] inline std::string data(std::uint32_t stream, std::string_view text, std::uint8_t flags = end_stream) {
    return frame(FrameType::data, flags, stream, text);
}
[[nodiscard]] inline std::string whole_answer(std::uint32_t stream, std::string_view body = "ok") {
    return answer_head(stream) + data(stream, body);
}
[[nodiscard]] inline std::string rst(std::uint32_t stream, std::uint32_t error) {
    return frame(FrameType::rst_stream, 0, stream, number(error, 4));
}
[[nodiscard]] inline std::string goaway(std::uint32_t last_stream, std::uint32_t error = 0) {
    return frame(FrameType::goaway, 0, 0, number(last_stream, 4) + number(error, 4));
}

struct Frame {
    FrameType type{};
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
};

/// Takes the first whole frame off the front of `bytes`; false when there is none.
[[nodiscard]] inline bool take_frame(std::string& bytes, Frame& out) {
    constexpr std::size_t head_size = 9;
    if (bytes.size() < head_size) {
        return false;
    }
    const auto byte = [&bytes](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]));
    };
    const std::size_t size = byte(0) << 16U | byte(1) << 8U | byte(2);
    if (bytes.size() < head_size + size) {
        return false;
    }
    out.type = static_cast<FrameType>(byte(3));
    out.flags = static_cast<std::uint8_t>(byte(4));
    out.stream = (byte(5) << 24U | byte(6) << 16U | byte(7) << 8U | byte(8)) & 0x7fffffffU;
    out.payload = bytes.substr(head_size, size);
    bytes.erase(0, head_size + size);
    return true;
}

/// The acknowledgement of a PING.
[[nodiscard]] inline std::string frame_of_ack(const Frame& ping) {
    return frame(FrameType::ping, ack, 0, ping.payload);
}

inline constexpr std::string_view preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

}  // namespace arngate::net::test

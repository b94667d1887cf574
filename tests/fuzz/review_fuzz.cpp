// The body that kube-apiserver posts, read strictly and as the Go server reads.

#include "core/review/decode.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace arngate;
using fuzz::check;
using review::Strictness;

struct Read {
    bool accepted = false;
    Reason reason = Reason::none;
    review::ApiVersion version = review::ApiVersion::none;
    std::string token;
    std::vector<std::string> audiences;

    bool operator==(const Read&) const = default;
};

/// What follows the body must not change what is read.
Read read(std::string_view body, Strictness strictness, char padding) {
    std::string buffer(body);
    buffer.append(review::body_padding, padding);
    review::Decoder decoder(strictness);
    const auto decoded = decoder.decode(std::string_view(buffer).substr(0, body.size()));
    Read out;
    if (!decoded) {
        out.reason = decoded.error().reason;
        check(out.reason == Reason::bad_request || out.reason == Reason::unsupported_version);
        return out;
    }
    out.accepted = true;
    out.version = decoded->version;
    out.token = decoded->token;
    out.audiences.assign(decoded->audiences.begin(), decoded->audiences.end());
    check(strictness == Strictness::lenient || out.version != review::ApiVersion::none);
    return out;
}

void append_json(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || c == '"' || c == '\\') {
            out += "\\u00";
            out += hex[byte >> 4];
            out += hex[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

std::string rewritten(const Read& review) {
    std::string out = R"({"apiVersion":")";
    out += review::to_string(review.version);
    out += R"(","kind":"TokenReview","spec":{"token":)";
    append_json(out, review.token);
    out += R"(,"audiences":[)";
    for (const std::string& audience : review.audiences) {
        out += out.ends_with('[') ? "" : ",";
        append_json(out, audience);
    }
    return out + "]}}";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view body = fuzz::text_of(data, size);
    for (const Strictness strictness : {Strictness::strict, Strictness::lenient}) {
        const Read first = read(body, strictness, '\0');
        check(read(body, strictness, '"') == first);
        if (first.accepted && first.version != review::ApiVersion::none) {
            check(read(rewritten(first), strictness, ' ') == first);
        }
    }
    return 0;
}

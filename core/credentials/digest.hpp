#pragma once

#include <string>
#include <string_view>

namespace arngate::credentials {

/// SHA-1 in lower-case hex: the names of files in caches that the AWS tools share. It protects nothing.
[[nodiscard]] std::string sha1_hex(std::string_view bytes);

}  // namespace arngate::credentials

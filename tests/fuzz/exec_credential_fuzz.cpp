// What a credential plugin printed.

#include "core/kube/exec_plugin.hpp"
#include "tests/fuzz/check.hpp"

#include <algorithm>

using namespace arngate;
using fuzz::check;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = fuzz::text_of(data, size);
    for (const char* version : {"client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"}) {
        const auto login = kube::parse_exec_credential(text, version);
        if (!login) {
            check(!login.error().empty());
            continue;
        }
        check(!login->token.empty() || !login->certificate_pem.empty());
        check(login->certificate_pem.empty() == login->key_pem.empty());
        check(std::ranges::all_of(login->token.expose(), [](char c) { return c > 0x20 && c < 0x7f; }));
    }
    return 0;
}

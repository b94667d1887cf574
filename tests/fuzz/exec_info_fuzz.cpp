// What kubectl says in KUBERNETES_EXEC_INFO, and the answer in its version.

#include "core/token/exec_credential.hpp"
#include "tests/fuzz/check.hpp"

#include <simdjson.h>

#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    const token::ExecInfo info = token::read_exec_info(fuzz::text_of(data, size));
    token::MintedToken minted;
    minted.token = Secret("k8s-aws-v1.EXAMPLE");
    const Secret answer = token::exec_credential(minted, info.api_version);
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    check(parser.parse(simdjson::padded_string(answer.expose())).get(document) == simdjson::SUCCESS);
    std::string_view token;
    check(document["status"]["token"].get(token) == simdjson::SUCCESS && token == "k8s-aws-v1.EXAMPLE");
    return 0;
}

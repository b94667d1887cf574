// Prints what the credential chain finds with the environment of this process, as one line of JSON, for tests that hold
// it against another implementation. The keys are made up by the tests.

#include "core/aws/timestamp.hpp"
#include "core/base/clock.hpp"
#include "core/credentials/chain.hpp"
#include "core/credentials/net_transport.hpp"

#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        out += c == '"' || c == '\\' ? "\\" : "";
        out += c == '\n' ? ' ' : c;
    }
    return out + '"';
}

}  // namespace

int main(int count, char** arguments) {
    using namespace arngate;
    const SystemClock clock;
    credentials::NetTransport transport(net::ProxySettings::from_environment());
    credentials::ChainContext context{
        .environment = [](const char* name) -> const char* { return std::getenv(name); },
        .clock = clock,
        .transport = transport
    };
    if (count > 1) {
        // What a person would type at the prompt.
        context.mfa_prompt = [code = std::string(arguments[1])](std::string_view) {
            return std::expected<Secret, std::string>(Secret(code));
        };
    }
    const credentials::Resolution result = credentials::Chain(std::move(context)).resolve();
    std::cout << "{\"region\":" << quoted(result.region);
    if (result.credentials) {
        std::cout << ",\"access_key\":" << quoted(result.credentials->access_key_id)
                  << ",\"secret_key\":" << quoted(result.credentials->secret_access_key.expose())
                  << ",\"token\":" << quoted(result.credentials->session_token.expose())
                  << ",\"source\":" << quoted(result.credentials->source);
    } else {
        std::cout << ",\"error\":" << quoted(result.credentials.error().text());
    }
    std::cout << ",\"trace\":[";
    std::string_view separator;
    for (const credentials::Step& step : result.trace.steps) {
        std::cout << separator << quoted(step.source + ": " + step.said);
        separator = ",";
    }
    std::cout << "]}\n";
    return 0;
}

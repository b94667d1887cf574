#include "core/credentials/process_source.hpp"

#include "core/aws/keys.hpp"
#include "core/credentials/command_words.hpp"
#include "core/credentials/json_document.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

namespace arngate::credentials {

std::expected<aws::Credentials, std::string> parse_process_output(Secret output) {
    constexpr std::size_t max_output_bytes = std::size_t{64} * 1024;
    const auto document = JsonDocument::parse(std::move(output), max_output_bytes);
    if (!document) {
        return std::unexpected(document.error());
    }
    if (document->integer("Version") != 1) {
        return std::unexpected("another Version than 1");
    }
    return aws::check_keys(
        {.access_key_id = document->text("AccessKeyId"),
         .secret_access_key = document->text("SecretAccessKey"),
         .session_token = document->text("SessionToken"),
         .expiration = document->text("Expiration")},
        aws::Completeness::keys_only
    );
}

Found from_process(Means& means, const std::string& profile) {
    const auto command = means.shared.find(profile, "credential_process");
    if (!command) {
        return std::nullopt;
    }
    const auto words = split_command(command->text);
    if (!words) {
        return failed(fmt::format("{}: credential_process has {}", command->place, words.error()));
    }
    auto output = run_program(*words, means.child);
    if (!output) {
        return failed(
            fmt::format("{}: credential_process: the program {}", command->place, output.error().what),
            "run the command by hand"
        );
    }
    auto credentials = parse_process_output(*std::move(output));
    if (!credentials) {
        return failed(
            fmt::format("{}: credential_process printed {}", command->place, credentials.error()),
            "run the command by hand"
        );
    }
    credentials->source = fmt::format("profile {} (credential process)", profile);
    return *std::move(credentials);
}

}  // namespace arngate::credentials

#include "core/sts/assume_role.hpp"

#include "core/aws/keys.hpp"
#include "core/aws/query_error.hpp"
#include "core/aws/xml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace arngate::sts {
namespace {

constexpr std::size_t field_count = 4;
constexpr std::array<std::string_view, field_count> names{
    "AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"
};

std::unexpected<Error> bad_answer(std::string_view action, std::string_view what) {
    return fail(Reason::sts_bad_answer, fmt::format("{} answered 200 with {}", action, what));
}

struct Fields {
    Fields() = default;
    Fields(const Fields&) = delete;
    Fields& operator=(const Fields&) = delete;
    ~Fields() {
        for (std::string& value : values) {
            wipe(value);
        }
    }
    std::array<std::string, field_count> values;
    std::array<bool, field_count> given{};
};

/// False: the document is malformed or says something twice.
bool read_fields(std::string_view body, std::string_view action, Fields& fields) {
    const std::string response = std::string(action) + "Response";
    const std::string result = std::string(action) + "Result";
    const std::array<std::string_view, 3> above{response, result, "Credentials"};
    aws::XmlReader reader(body);
    for (;;) {
        const auto event = reader.next();
        const auto path = reader.path();
        switch (event) {
            case aws::XmlReader::Event::text:
                if (path.size() == above.size() + 1 && aws::is_path(path.first(above.size()), above)) {
                    const auto found = std::ranges::find(names, path.back());
                    if (found != names.end()) {
                        const auto index = static_cast<std::size_t>(found - names.begin());
                        if (std::exchange(fields.given[index], true)) {
                            return false;
                        }
                        fields.values[index] = reader.text();
                    }
                }
                break;
            case aws::XmlReader::Event::start:
            case aws::XmlReader::Event::end:
                break;
            case aws::XmlReader::Event::done:
                return true;
            case aws::XmlReader::Event::malformed:
                return false;
        }
    }
}

Reason reason_of(aws::QueryFailure failure) {
    switch (failure) {
        case aws::QueryFailure::throttled:
            return Reason::sts_throttled;
        case aws::QueryFailure::unavailable:
            return Reason::sts_unavailable;
        case aws::QueryFailure::bad_credentials:
        case aws::QueryFailure::refused:
            break;
    }
    return Reason::sts_denied;
}

}  // namespace

aws::RequestToSign assume_role_request(const AssumeRoleOptions& options) {
    aws::RequestToSign request;
    request.host = options.host;
    request.region = options.region;
    request.service = "sts";
    request.parameters = {
        {"Action", "AssumeRole"},
        {"Version", "2011-06-15"},
        {"RoleArn", options.role_arn},
        {"RoleSessionName", options.session_name},
        {"DurationSeconds", fmt::format("{}", options.duration.count())},
    };
    if (!options.source_arn.empty()) {
        request.headers.emplace_back("x-amz-source-account", options.source_account);
        request.headers.emplace_back("x-amz-source-arn", options.source_arn);
    }
    return request;
}

Result<aws::Credentials> parse_assume_role(int status, std::string_view body, std::string_view action) {
    if (status != 200) {
        const auto error = aws::parse_query_error(body);
        const std::string code = error ? error->code : std::string();
        return fail(
            reason_of(aws::classify_query_failure(status, code)),
            code.empty() ? fmt::format("{} was answered with {}", action, status)
                         : fmt::format("{} was answered with {} ({})", action, status, code)
        );
    }
    Fields fields;
    if (!read_fields(body, action, fields)) {
        return bad_answer(action, "a body that is not XML of the documented form");
    }
    const auto& [key_id, secret, token, expiration] = fields.values;
    auto credentials = aws::check_keys(
        {.access_key_id = key_id, .secret_access_key = secret, .session_token = token, .expiration = expiration},
        aws::Completeness::temporary
    );
    if (!credentials) {
        return bad_answer(action, credentials.error());
    }
    credentials->source = "assumed role";
    return std::move(*credentials);
}

}  // namespace arngate::sts

#include "tests/support/fake_sts/aws_api.hpp"

#include "tests/support/fake_sts/answer.hpp"

#include "core/base/random.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <functional>

namespace arngate::fake_sts {
namespace {

constexpr std::size_t max_instances_per_call = 1000;

template <class T>
using Members = std::vector<std::pair<std::string_view, std::string T::*>>;

template <class T>
std::expected<std::vector<T>, std::string> parse_list(
    const simdjson::dom::element& document, std::string_view name, const Members<T>& members
) {
    std::vector<T> result;
    simdjson::dom::array array;
    const auto found = document[name];
    if (found.error() == simdjson::NO_SUCH_FIELD) {
        return result;
    }
    if (found.get(array) != simdjson::SUCCESS) {
        return std::unexpected(fmt::format("{} is not a list", name));
    }
    for (const auto element : array) {
        simdjson::dom::object object;
        T& entry = result.emplace_back();
        if (element.get(object) != simdjson::SUCCESS) {
            return std::unexpected(fmt::format("{} holds something that is not an object", name));
        }
        for (const auto field : object) {
            const auto member = std::ranges::find(members, field.key, &Members<T>::value_type::first);
            std::string_view text;
            if (member == members.end() || field.value.get(text) != simdjson::SUCCESS) {
                return std::unexpected(fmt::format("{} has a member that is not known or not a text", name));
            }
            std::invoke(member->second, entry) = text;
        }
        if (std::invoke(members.front().second, entry).empty()) {
            return std::unexpected(fmt::format("{} has an entry without {}", name, members.front().first));
        }
    }
    return result;
}

/// "i-" and hex digits; EC2 calls other ids malformed.
bool is_well_formed(std::string_view id) {
    constexpr std::string_view prefix = "i-";
    return id.starts_with(prefix) && (id.size() == 10 || id.size() == 19) &&
           std::ranges::all_of(id.substr(prefix.size()), [](char c) {
               return text::is_digit(c) || (c >= 'a' && c <= 'f');
           });
}

std::string joined(const std::vector<std::string>& ids) {
    std::string out;
    for (const std::string& id : ids) {
        out += out.empty() ? "" : ", ";
        out += id;
    }
    return out;
}

std::string instance_xml(const FakeInstance& instance) {
    return fmt::format(
        R"(                <item>
                    <instanceId>{0}</instanceId>
                    <imageId>ami-0123456789abcdef0</imageId>
                    <instanceState><code>16</code><name>running</name></instanceState>
                    <privateDnsName>{1}</privateDnsName>
                    <dnsName/>
                    <reason/>
                    <networkInterfaceSet>
                        <item>
                            <networkInterfaceId>eni-0123456789abcdef0</networkInterfaceId>
                            <ownerId>{2}</ownerId>
                            <privateDnsName>interface-of-{0}</privateDnsName>
                        </item>
                    </networkInterfaceSet>
                    <tagSet><item><key>Name</key><value>&quot;a &amp; b&quot; &#x1F600;</value></item></tagSet>
                </item>
)",
        instance.instance_id,
        xml_escape(instance.private_dns_name),
        instance.account
    );
}

std::string iso_time(WallTime time) {
    const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
    return {text.data(), size};
}

std::string random_text(std::size_t size) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string out;
    for (std::size_t i = 0; i < size; ++i) {
        out += letters[random_below(letters.size())];
    }
    return out;
}

std::optional<std::chrono::seconds> parse_duration(const std::string* text) {
    if (text == nullptr) {
        return std::chrono::hours(1);
    }
    unsigned seconds = 0;
    const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), seconds);
    if (failure != std::errc() || end != text->data() + text->size() || seconds < 900 || seconds > 43'200) {
        return std::nullopt;
    }
    return std::chrono::seconds(seconds);
}

AwsApi::Answer sts_error(const Refusal& refusal) {
    return {
        .status = refusal.status,
        .outcome = std::string(refusal.code),
        .body = error_body(refusal, Format::xml, make_request_id())
    };
}

bool has_version(const SignedQuery& query, std::string_view action, std::string_view version) {
    const std::string* const has_action = find(query.parameters, "Action");
    const std::string* const has_version = find(query.parameters, "Version");
    return has_action != nullptr && *has_action == action && has_version != nullptr && *has_version == version;
}

/// EC2 has other words than STS for keys that it does not take.
Refusal in_words_of_ec2(Refusal refusal) {
    if (refusal.code == "InvalidClientTokenId" || refusal.code == "SignatureDoesNotMatch") {
        return {401, "AuthFailure", "AWS was not able to validate the provided access credentials"};
    }
    if (refusal.code == "ExpiredToken") {
        return {400, "RequestExpired", "Request has expired."};
    }
    return refusal;
}

}  // namespace

std::expected<FakeResources, std::string> parse_resources(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::object object;
    if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS ||
        document.get(object) != simdjson::SUCCESS) {
        return std::unexpected(R"(the resources are not of the form {"instances":[…],"roles":[…]})");
    }
    for (const auto field : object) {
        if (field.key != "instances" && field.key != "roles") {
            return std::unexpected("the resources have a member that is not known");
        }
    }
    auto instances = parse_list<FakeInstance>(
        document,
        "instances",
        {{"instance_id", &FakeInstance::instance_id},
         {"account", &FakeInstance::account},
         {"private_dns_name", &FakeInstance::private_dns_name}}
    );
    if (!instances) {
        return std::unexpected(std::move(instances.error()));
    }
    auto roles = parse_list<FakeRole>(
        document,
        "roles",
        {{"role_arn", &FakeRole::role_arn},
         {"trusted_account", &FakeRole::trusted_account},
         {"source_arn", &FakeRole::source_arn},
         {"source_account", &FakeRole::source_account}}
    );
    if (!roles) {
        return std::unexpected(std::move(roles.error()));
    }
    return FakeResources{.instances = *std::move(instances), .roles = *std::move(roles)};
}

AwsApi::AwsApi(KeyTable& keys, RegionOfHost region_of_sts, RegionOfHost region_of_ec2)
    : keys_(keys), region_of_sts_(std::move(region_of_sts)), region_of_ec2_(std::move(region_of_ec2)), check_(keys) {}

void AwsApi::add(FakeResources resources) {
    const std::lock_guard lock(mutex_);
    for (FakeInstance& instance : resources.instances) {
        std::string id = instance.instance_id;
        instances_.insert_or_assign(std::move(id), std::move(instance));
    }
    for (FakeRole& role : resources.roles) {
        std::string arn = role.role_arn;
        roles_.insert_or_assign(std::move(arn), std::move(role));
    }
}

AwsApi::Service AwsApi::service_of(const Request& request) const {
    const auto host = single_header(request, "host");
    if (host && !region_of_ec2_(*host).empty()) {
        return Service::ec2;
    }
    return host && single_header(request, "authorization") ? Service::sts : Service::none;
}

AwsApi::Answer AwsApi::answer(const Request& request, Service service, WallTime now) {
    const std::string_view host = single_header(request, "host").value_or("");
    const bool is_ec2 = service == Service::ec2;
    const auto query =
        check_.verify(request, is_ec2 ? "ec2" : "sts", is_ec2 ? region_of_ec2_(host) : region_of_sts_(host), now);
    if (!query) {
        return is_ec2 ? ec2_error(in_words_of_ec2(query.error())) : sts_error(query.error());
    }
    return is_ec2 ? describe(*query) : assume(*query, request, now);
}

AwsApi::Answer AwsApi::ec2_error(const Refusal& refusal) {
    return {
        .status = refusal.status,
        .outcome = std::string(refusal.code),
        .body = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{}</Code><Message>{}</Message>"
            "</Error></Errors><RequestID>{}</RequestID></Response>",
            refusal.code,
            xml_escape(refusal.message),
            make_request_id()
        )
    };
}

/// An account sees its own instances alone. One id that it has no instance of, and it is told about none.
AwsApi::Answer AwsApi::describe(const SignedQuery& query) {
    if (!has_version(query, "DescribeInstances", "2016-11-15")) {
        return ec2_error({400, "InvalidAction", "The action is not valid for this web service."});
    }
    std::vector<std::string> ids;
    for (const Parameter& parameter : query.parameters) {
        if (parameter.name.starts_with("InstanceId.")) {
            ids.push_back(parameter.value);
        } else if (parameter.name != "Action" && parameter.name != "Version") {
            return ec2_error({400, "UnknownParameter", "A parameter is not known."});
        }
    }
    if (ids.empty() || ids.size() > max_instances_per_call) {
        return ec2_error({400, "InvalidParameterValue", "The number of instances is not valid."});
    }
    for (const std::string& id : ids) {
        if (!is_well_formed(id)) {
            return ec2_error({400, "InvalidInstanceID.Malformed", fmt::format("Invalid id: \"{}\"", id)});
        }
    }
    std::map<std::string, std::string> reservations;  // by account
    std::vector<std::string> missing;
    const std::lock_guard lock(mutex_);
    for (const std::string& id : ids) {
        const auto found = instances_.find(id);
        if (found == instances_.end() || found->second.account != query.key->account) {
            missing.push_back(id);
        } else {
            reservations[found->second.account] += instance_xml(found->second);
        }
    }
    if (!missing.empty()) {
        return ec2_error(
            {400,
             "InvalidInstanceID.NotFound",
             missing.size() == 1 ? fmt::format("The instance ID '{}' does not exist", missing.front())
                                 : fmt::format("The instance IDs '{}' do not exist", joined(missing))}
        );
    }
    std::string items;
    for (const auto& [account, instances] : reservations) {
        items += fmt::format(
            "        <item>\n            <reservationId>r-0123456789abcdef0</reservationId>\n            <ownerId>{}"
            "</ownerId>\n            <groupSet/>\n            <instancesSet>\n{}            </instancesSet>\n"
            "        </item>\n",
            account,
            instances
        );
    }
    return {
        .status = 200,
        .outcome = "described",
        .body = fmt::format(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\n"
            "    <requestId>{}</requestId>\n    <reservationSet>\n{}    </reservationSet>\n"
            "</DescribeInstancesResponse>",
            make_request_id(),
            items
        )
    };
}

AwsApi::Answer AwsApi::assume(const SignedQuery& query, const Request& request, WallTime now) {
    if (!has_version(query, "AssumeRole", "2011-06-15")) {
        return sts_error({400, "InvalidAction", "Could not find that operation for version 2011-06-15."});
    }
    const std::string* const role_arn = find(query.parameters, "RoleArn");
    const std::string* const session = find(query.parameters, "RoleSessionName");
    const auto duration = parse_duration(find(query.parameters, "DurationSeconds"));
    if (role_arn == nullptr || session == nullptr || session->size() < 2 || !duration) {
        return sts_error({400, "ValidationError", "A parameter is missing or not valid."});
    }
    const auto has = [&request](std::string_view header, const std::string& wanted) {
        return wanted.empty() || single_header(request, header) == std::optional<std::string_view>(wanted);
    };
    std::optional<FakeRole> role;
    {
        const std::lock_guard lock(mutex_);
        const auto found = roles_.find(*role_arn);
        if (found != roles_.end()) {
            role = found->second;
        }
    }
    if (!role || (!role->trusted_account.empty() && role->trusted_account != query.key->account) ||
        !has("x-amz-source-arn", role->source_arn) || !has("x-amz-source-account", role->source_account)) {
        return sts_error({403, "AccessDenied", "The caller is not authorized to perform: sts:AssumeRole"});
    }
    const auto sections = text::split(*role_arn, ':');
    const std::string_view name = std::string_view(*role_arn).substr(role_arn->rfind('/') + 1);
    const WallTime end = now + *duration;
    const std::string role_id = "AROA" + random_text(17);
    Key key;
    key.access_key_id = "ASIA" + random_text(16);
    key.secret_access_key = random_text(40);
    key.session_token = random_text(320) + "/+==";
    key.expires_at = std::chrono::duration_cast<std::chrono::seconds>(end.time_since_epoch()).count();
    key.account = sections.size() > 4 ? sections[4] : std::string_view();
    key.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", key.account, name, *session);
    key.user_id = fmt::format("{}:{}", role_id, *session);
    Answer answer{
        .status = 200,
        .outcome = "assumed",
        .body = fmt::format(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <AssumeRoleResult>\n"
            "    <AssumedRoleUser>\n      <AssumedRoleId>{}</AssumedRoleId>\n      <Arn>{}</Arn>\n"
            "    </AssumedRoleUser>\n    <Credentials>\n      <AccessKeyId>{}</AccessKeyId>\n"
            "      <SecretAccessKey>{}</SecretAccessKey>\n      <SessionToken>{}</SessionToken>\n"
            "      <Expiration>{}</Expiration>\n    </Credentials>\n  </AssumeRoleResult>\n  <ResponseMetadata>\n"
            "    <RequestId>{}</RequestId>\n  </ResponseMetadata>\n</AssumeRoleResponse>\n",
            xml_escape(key.user_id),
            xml_escape(key.arn),
            key.access_key_id,
            key.secret_access_key,
            key.session_token,
            iso_time(end),
            make_request_id()
        )
    };
    keys_.add({std::move(key)});
    return answer;
}

}  // namespace arngate::fake_sts

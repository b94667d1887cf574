// Edits of ConfigMap aws-auth: one entry more in a list that somebody wrote. The first byte chooses list and entry.

#include "config/aws_auth.hpp"
#include "config/sources/config_map_document.hpp"
#include "tests/fuzz/check.hpp"

#include <cstddef>
#include <string>
#include <utility>

namespace {

using namespace arngate;
using fuzz::check;
using Kind = config::AwsAuthEntry::Kind;

config::AwsAuthEntry entry_of(std::uint8_t choice) {
    config::AwsAuthEntry entry;
    entry.kind = (choice & 1U) == 0 ? Kind::role : Kind::user;
    entry.username = "{{SessionName}}";
    entry.groups = {"system:masters", "yes", "a: b"};
    if (entry.kind == Kind::role && (choice & 2U) != 0) {
        entry.sso = mapping::SsoRole{"Admin", "012345678901", "aws"};
    } else {
        entry.arn =
            entry.kind == Kind::role ? "arn:aws:iam::012345678901:role/New" : "arn:aws:iam::012345678901:user/new";
    }
    return entry;
}

config::Node config_map(const std::string& key, const std::string& value) {
    config::Node data;
    data.kind = config::Node::Kind::map;
    data.members.push_back({"other", {}, config::text_node("kept")});
    data.members.push_back({key, {}, config::text_node(value)});
    config::Node object;
    object.kind = config::Node::Kind::map;
    object.members.push_back({"data", {}, std::move(data)});
    return object;
}

const std::string& value_of(const config::Node& object, const std::string& key) {
    return object.find("data")->value.find(key)->value.text;
}

std::size_t entries_of(const std::string& key, const std::string& text) {
    const auto document = config::read_config_map({{key, text}});
    return document.rules.roles.size() + document.rules.users.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const config::AwsAuthEntry entry = entry_of(data[0]);
    const std::string key = entry.kind == Kind::role ? "mapRoles" : "mapUsers";
    const std::string before(fuzz::text_of(data + 1, size - 1));
    config::Node object = config_map(key, before);

    const auto added = config::add_entry(object, entry);
    check(value_of(object, "other") == "kept");
    if (!added) {
        check(value_of(object, key) == before);
        check(!added.error().text.empty());
        return 0;
    }
    const std::string after = value_of(object, key);
    check(entries_of(key, after) == entries_of(key, before) + 1);
    const auto again = config::add_entry(object, entry);
    check(!again && again.error().why == config::AwsAuthRefusal::Why::duplicate);
    check(value_of(object, key) == after);
    return 0;
}

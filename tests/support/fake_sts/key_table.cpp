#include "tests/support/fake_sts/key_table.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <mutex>
#include <utility>

namespace arngate::fake_sts {
namespace {

// False: not of that form.
bool read_answer(const simdjson::dom::element& element, ScriptedAnswer& answer) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
        return false;
    }
    for (const auto field : object) {
        std::string_view text;
        std::int64_t status = 0;
        if (field.key == "status" && field.value.get(status) == simdjson::SUCCESS && status >= 200 && status <= 599) {
            answer.status = static_cast<int>(status);
        } else if (field.key == "content_type" && field.value.get(text) == simdjson::SUCCESS) {
            answer.content_type = text;
        } else if (field.key == "body" && field.value.get(text) == simdjson::SUCCESS) {
            answer.body = text;
        } else {
            return false;
        }
    }
    return true;
}

std::expected<Key, std::string> parse_key(const simdjson::dom::element& element, std::size_t index) {
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
        return std::unexpected(fmt::format("keys[{}] is not an object", index));
    }
    Key key;
    for (const auto field : object) {
        if (field.key == "expires_at") {
            std::int64_t seconds = 0;
            if (field.value.get(seconds) != simdjson::SUCCESS) {
                return std::unexpected(fmt::format("keys[{}].expires_at is not a whole number", index));
            }
            key.expires_at = seconds;
            continue;
        }
        if (field.key == "answer") {
            if (!read_answer(field.value, key.answer.emplace())) {
                return std::unexpected(fmt::format("keys[{}].answer is not an answer", index));
            }
            continue;
        }
        std::string* const target = field.key == "access_key_id"       ? &key.access_key_id
                                    : field.key == "secret_access_key" ? &key.secret_access_key
                                    : field.key == "session_token"     ? &key.session_token
                                    : field.key == "account"           ? &key.account
                                    : field.key == "arn"               ? &key.arn
                                    : field.key == "user_id"           ? &key.user_id
                                                                       : nullptr;
        std::string_view text;
        if (field.key == "fault" && field.value.get(text) == simdjson::SUCCESS) {
            const auto kind = fault_kind_of(text);
            if (!kind) {
                return std::unexpected(fmt::format("keys[{}].fault: {}", index, kind.error()));
            }
            key.fault = *kind;
            continue;
        }
        if (target == nullptr) {
            return std::unexpected(fmt::format("keys[{}] has a member that is not known: {}", index, field.key));
        }
        if (field.value.get(text) != simdjson::SUCCESS) {
            return std::unexpected(fmt::format("keys[{}].{} is not a text", index, field.key));
        }
        *target = text;
    }
    const std::pair<std::string_view, const std::string*> needed[] = {
        {"access_key_id", &key.access_key_id},
        {"secret_access_key", &key.secret_access_key},
        {"account", &key.account},
        {"arn", &key.arn},
        {"user_id", &key.user_id},
    };
    for (const auto& [name, value] : needed) {
        if (value->empty()) {
            return std::unexpected(fmt::format("keys[{}].{} is missing or empty", index, name));
        }
    }
    return key;
}

}  // namespace

std::expected<std::vector<Key>, std::string> parse_keys(std::string_view json) {
    simdjson::dom::parser parser;
    simdjson::dom::element document;
    simdjson::dom::array array;
    if (parser.parse(json.data(), json.size()).get(document) != simdjson::SUCCESS ||
        document["keys"].get(array) != simdjson::SUCCESS) {
        return std::unexpected(R"(the keys are not of the form {"keys":[…]})");
    }
    std::vector<Key> keys;
    for (const auto element : array) {
        auto key = parse_key(element, keys.size());
        if (!key) {
            return std::unexpected(std::move(key).error());
        }
        keys.push_back(*std::move(key));
    }
    return keys;
}

void KeyTable::add(std::vector<Key> keys) {
    const std::unique_lock lock(mutex_);
    for (Key& key : keys) {
        std::string id = key.access_key_id;
        keys_.insert_or_assign(std::move(id), std::make_shared<const Key>(std::move(key)));
    }
}

std::shared_ptr<const Key> KeyTable::find(std::string_view access_key_id) const {
    const std::shared_lock lock(mutex_);
    const auto found = keys_.find(access_key_id);
    return found == keys_.end() ? nullptr : found->second;
}

std::size_t KeyTable::size() const {
    const std::shared_lock lock(mutex_);
    return keys_.size();
}

}  // namespace arngate::fake_sts

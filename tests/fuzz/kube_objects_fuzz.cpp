// Lists, watch events and IAMIdentityMapping objects of an API server, and the lines of a watch. The first byte chooses
// the limit of the lines.

#include "config/sources/crd_document.hpp"
#include "core/kube/line_buffer.hpp"
#include "core/kube/objects.hpp"
#include "tests/fuzz/check.hpp"

#include <string>
#include <string_view>

namespace {

using namespace arngate;
using fuzz::check;

void read_one(const kube::Object& object) {
    check(!object.name.empty() && !object.resource_version.empty());
    config::IdentityMappings objects;
    objects.emplace(object.name, config::read_identity_mapping(object));
    const config::CrdDocument document = config::rules_of(objects);
    check(document.rules.roles.size() + document.rules.users.size() + document.rejected == 1);
    check(document.rejected == 0 || !document.problems.empty());
    for (const config::Problem& problem : document.problems) {
        check(problem.text().find('\n') == std::string::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view text = fuzz::text_of(data + 1, size - 1);
    simdjson::dom::parser parser;
    if (const auto page = kube::read_list(parser, text)) {
        check(!page->resource_version.empty());
        for (const simdjson::dom::element item : page->items) {
            if (const auto object = kube::read_object(item)) {
                read_one(*object);
            }
        }
    }
    kube::LineBuffer lines(data[0]);
    const kube::LineSink sink = [&](std::string_view line) {
        check(!line.empty() && line.size() <= data[0] && line.find('\n') == std::string_view::npos);
        return true;
    };
    static_cast<void>(lines.feed(text.substr(0, text.size() / 2), sink));
    if (const auto event = kube::read_watch_event(parser, text)) {
        if (event->kind == kube::WatchEvent::Kind::failed) {
            check(event->error.status >= 400 && event->error.status < 600);
        } else {
            check(!event->object.resource_version.empty());
        }
        if (event->kind == kube::WatchEvent::Kind::changed) {
            read_one(event->object);
        }
    }
    return 0;
}

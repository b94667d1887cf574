// Entries put into any YAML: what comes of it reads back, and putting them in again changes nothing.

#include "config/yaml_document.hpp"
#include "config/yaml_writer.hpp"
#include "daemon/client/kubeconfig_edit.hpp"
#include "tests/fuzz/check.hpp"

#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace arngate;
    using fuzz::check;
    const auto document = config::read_yaml(fuzz::text_of(data, size), config::YamlDialect::kubernetes);
    if (!document) {
        return 0;
    }
    client::KubeconfigEntries entries;
    entries.user = "me";
    entries.command = "arngate";
    entries.arguments = {"token", "--cluster-id", "c"};
    entries.profile = "work";
    entries.cluster = "c";
    entries.server = "https://c.example";
    entries.ca_data = "QUJD";
    entries.context = "c";
    const auto edited = client::edit_kubeconfig(*document, entries);
    if (!edited) {
        check(edited.error().size() <= 120);
        return 0;
    }
    const std::string text = config::write_yaml(*edited, config::KeyOrder::as_given);
    const auto read = config::read_yaml(text, config::YamlDialect::kubernetes);
    check(read.has_value());
    const auto again = client::edit_kubeconfig(*read, entries);
    check(again && config::write_yaml(*again, config::KeyOrder::as_given) == text);
    return 0;
}

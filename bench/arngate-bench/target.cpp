#include "bench/arngate-bench/target.hpp"

#include "bench/arngate-bench/files.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <yaml-cpp/yaml.h>

#include <netdb.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <memory>
#include <tuple>

namespace arngate::bench {
namespace {

bool is_printable(std::string_view text) {
    for (const char c : text) {
        if (c <= ' ' || c == '\x7F') {
            return false;
        }
    }
    return true;
}

bool is_loopback(const addrinfo& found) {
    if (found.ai_family == AF_INET) {
        const auto* const address = reinterpret_cast<const sockaddr_in*>(found.ai_addr);
        return (ntohl(address->sin_addr.s_addr) >> 24U) == 127;
    }
    if (found.ai_family == AF_INET6) {
        const auto* const address = reinterpret_cast<const sockaddr_in6*>(found.ai_addr);
        return IN6_IS_ADDR_LOOPBACK(&address->sin6_addr) != 0;
    }
    return false;
}

// The entry of a list of {name: …, KEY: {…}} with this name.
YAML::Node named(const YAML::Node& list, const std::string& name, const char* key) {
    if (list && list.IsSequence()) {
        for (const auto& entry : list) {
            if (entry.IsMap() && entry["name"] && entry["name"].as<std::string>() == name && entry[key]) {
                return entry[key];
            }
        }
    }
    return YAML::Node(YAML::NodeType::Undefined);
}

std::string text_of(const YAML::Node& map, const char* key) {
    return map && map[key] ? map[key].as<std::string>() : std::string();
}

std::expected<std::string, std::string> decode_base64(const std::string& text) {
    const std::unique_ptr<EVP_ENCODE_CTX, decltype(&EVP_ENCODE_CTX_free)> decoder(
        EVP_ENCODE_CTX_new(), &EVP_ENCODE_CTX_free
    );
    std::string bytes(text.size() / 4 * 3 + 3, '\0');
    auto* const out = reinterpret_cast<unsigned char*>(bytes.data());
    const auto* const in = reinterpret_cast<const unsigned char*>(text.data());
    int written = 0;
    int last = 0;
    EVP_DecodeInit(decoder.get());
    if (text.size() > max_file_bytes ||
        EVP_DecodeUpdate(decoder.get(), out, &written, in, static_cast<int>(text.size())) < 0 ||
        EVP_DecodeFinal(decoder.get(), out + written, &last) != 1) {
        return std::unexpected("holds data that is not base64");
    }
    bytes.resize(static_cast<std::size_t>(written + last));
    return bytes;
}

// KEY-data, or the content of the file that KEY names; empty when there is neither.
std::expected<std::string, std::string> pem_of(const YAML::Node& map, const char* key, const std::string& directory) {
    if (const std::string data = text_of(map, fmt::format("{}-data", key).c_str()); !data.empty()) {
        return decode_base64(data);
    }
    const std::string file = text_of(map, key);
    if (file.empty()) {
        return std::string();
    }
    return read_file((std::filesystem::path(directory) / file).string());
}

std::expected<Target, std::string> target_of(const YAML::Node& config, const std::string& directory) {
    const YAML::Node context = named(config["contexts"], text_of(config, "current-context"), "context");
    if (!context) {
        return std::unexpected("has no current context");
    }
    const YAML::Node cluster = named(config["clusters"], text_of(context, "cluster"), "cluster");
    if (!cluster) {
        return std::unexpected("has no cluster for its current context");
    }
    auto target = parse_url(text_of(cluster, "server"));
    if (!target) {
        return target;
    }
    const YAML::Node user = named(config["users"], text_of(context, "user"), "user");
    target->server_name = text_of(cluster, "tls-server-name");
    target->is_insecure = cluster["insecure-skip-tls-verify"] && cluster["insecure-skip-tls-verify"].as<bool>();
    const std::tuple<YAML::Node, const char*, std::string*> parts[] = {
        {cluster, "certificate-authority", &target->authority},
        {user, "client-certificate", &target->client_chain},
        {user, "client-key", &target->client_key},
    };
    for (const auto& [map, key, place] : parts) {
        auto pem = pem_of(map, key, directory);
        if (!pem) {
            return std::unexpected(pem.error());
        }
        *place = *std::move(pem);
    }
    return target;
}

}  // namespace

std::string Target::authority_name() const {
    const bool is_ipv6 = host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", is_ipv6 ? "[" : "", host, is_ipv6 ? "]" : "", port);
}

std::expected<Target, std::string> parse_url(std::string_view url) {
    constexpr std::string_view scheme = "https://";
    if (!url.starts_with(scheme)) {
        return std::unexpected("the target is not a URL of the form https://HOST[:PORT][/PATH]");
    }
    const std::string_view rest = url.substr(scheme.size());
    const auto slash = rest.find('/');
    std::string_view host = rest.substr(0, slash);
    Target target;
    if (slash != std::string_view::npos) {
        target.path = rest.substr(slash);
    }
    const bool has_brackets = host.starts_with('[');
    const auto host_end = has_brackets ? host.find(']') : host.find(':');
    std::string_view port;
    if (has_brackets) {
        if (host_end == std::string_view::npos) {
            return std::unexpected("the target's address has no closing bracket");
        }
        port = host.substr(host_end + 1);
        host = host.substr(1, host_end - 1);
    } else if (host_end != std::string_view::npos) {
        port = host.substr(host_end);
        host = host.substr(0, host_end);
    }
    if (!port.empty()) {
        const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), target.port);
        if (!port.starts_with(':') || error != std::errc() || end != port.data() + port.size() || target.port == 0) {
            return std::unexpected("the target's port is not a number from 1 to 65535");
        }
    }
    if (host.empty() || !is_printable(rest) || host.find('@') != std::string_view::npos ||
        rest.find('#') != std::string_view::npos) {
        return std::unexpected("the target's URL needs a host, and may hold no user, fragment or blank");
    }
    target.host = host;
    return target;
}

std::expected<Target, std::string> parse_kubeconfig(std::string_view yaml, const std::string& directory) {
    try {
        const YAML::Node config = YAML::Load(std::string(yaml));
        if (!config.IsMap()) {
            return std::unexpected("the kubeconfig is not a YAML map");
        }
        auto target = target_of(config, directory);
        return target ? target : std::unexpected("the kubeconfig: " + target.error());
    } catch (const YAML::Exception& failure) {
        return std::unexpected(fmt::format("the kubeconfig is not valid at line {}", failure.mark.line + 1));
    }
}

std::expected<SocketAddress, std::string> resolve(const Target& target, Remote remote) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* list = nullptr;
    if (const int error = ::getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &list);
        error != 0) {
        return std::unexpected(fmt::format("cannot resolve {}: {}", target.host, ::gai_strerror(error)));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> found(list, &::freeaddrinfo);
    if (remote == Remote::refused) {
        for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
            if (!is_loopback(*entry)) {
                return std::unexpected(fmt::format(
                    "{} is not on this machine's loopback; --allow-remote says that its owner agrees to the load",
                    target.host
                ));
            }
        }
    }
    SocketAddress address;
    std::copy_n(
        reinterpret_cast<const char*>(list->ai_addr), list->ai_addrlen, reinterpret_cast<char*>(&address.storage)
    );
    address.length = list->ai_addrlen;
    return address;
}

}  // namespace arngate::bench

#pragma once

#include "core/base/secret.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace arngate::net {

/// Where the metadata service of an EC2 instance listens, of AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://ADDRESS",
/// "http://ADDRESS:PORT" with an optional slash behind it, the address an IP address (IPv6 in brackets) or "localhost".
/// Names are not resolved: the service answers anybody who asks, so only an address may say where it is. Empty: the
/// link-local address that every instance has. Fails with a text that does not show what was given.
[[nodiscard]] std::expected<boost::asio::ip::tcp::endpoint, std::string> metadata_endpoint(std::string_view url);

/// A session of IMDSv2, good for a minute: questions that follow each other. All calls block; errors say what went
/// wrong and show nothing of what the service sent.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
class MetadataSession {
public:
    /// `limit` is for this request and for each that follows, everything included.
    [[nodiscard]] static std::expected<MetadataSession, std::string> open(
        const boost::asio::ip::tcp::endpoint& service, std::chrono::milliseconds limit
    );

    /// What the service says at /latest/meta-data/`path`, not checked but for its length. `path` goes out as it is: the
    /// caller vouches for its characters. The text may be a secret, which is then the caller's to wipe.
    [[nodiscard]] std::expected<std::string, std::string> get(std::string_view path, std::size_t max_bytes) const;

private:
    MetadataSession(const boost::asio::ip::tcp::endpoint& service, std::chrono::milliseconds limit, Secret token)
        : service_(service), limit_(limit), token_(std::move(token)) {}

    boost::asio::ip::tcp::endpoint service_;
    std::chrono::milliseconds limit_;
    Secret token_;
};

/// The region that the instance is in, in a session of its own: what the service said, not checked but for its length.
/// Blocks; `limit` is for each of the two requests.
[[nodiscard]] std::expected<std::string, std::string> ask_instance_region(
    const boost::asio::ip::tcp::endpoint& service, std::chrono::milliseconds limit
);

}  // namespace arngate::net

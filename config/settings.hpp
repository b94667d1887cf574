#pragma once

#include "core/base/log.hpp"
#include "core/mapping/rule.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What an operator decided, complete and checked. Plain values: no YAML, no defaults left open.
namespace arngate::config {

enum class Profile : std::uint8_t {
    arngate,    ///< what a new user gets
    reference,  ///< answers as aws-iam-authenticator does; the default under that name
};

struct LogSettings {
    log::Level level = log::Level::info;
    log::Format format = log::Format::logfmt;
};

struct TlsSettings {
    std::string cert_file;         ///< empty: <stateDir>/cert.pem
    std::string key_file;          ///< empty: <stateDir>/key.pem
    std::string client_ca_file;    ///< not empty: clients must show a certificate of this CA
    std::string client_cert_file;  ///< what the API server shows; goes into the webhook kubeconfig as it is
    std::string client_key_file;
    bool require_tls13 = false;
};

struct ListenSettings {
    std::string address;
    std::uint16_t port = 0;
};

struct ServerSettings {
    std::string partition = "aws";
    std::string address = "127.0.0.1";
    std::uint16_t port = 21362;
    std::string hostname = "localhost";
    std::string health_address;  ///< empty: every interface
    std::uint16_t health_port = 21363;
    std::optional<ListenSettings> metrics;  ///< a plain-HTTP listener of its own for /metrics
    std::string state_dir = "/var/aws-iam-authenticator";
    std::string generate_kubeconfig = "/etc/kubernetes/aws-iam-authenticator/kubeconfig.yaml";
    bool kubeconfig_pregenerated = false;
    std::string kubeconfig;
    std::string master;
    std::vector<std::string> backend_mode{"MountedFile"};
    int ec2_describe_instances_qps = 15;
    int ec2_describe_instances_burst = 5;
    std::string ec2_describe_instances_role_arn;
    std::string source_arn;
    bool ec2_require_same_account = true;
    std::vector<std::string> scrubbed_accounts;
    std::string dynamic_file_path;
    bool dynamic_file_user_id_strict = false;
    std::string dynamic_backend_mode_path;
    std::map<std::string, std::vector<std::string>> reserved_prefixes;  ///< backend name → username prefixes
    unsigned threads = 0;                                               ///< 0: the cores it may use, at most 4
    TlsSettings tls;
    bool reuse_port = false;  ///< a server that this one replaces may still listen on the same ports
    std::chrono::milliseconds drain_timeout{10'000};
    bool http2 = true;
};

/// `mapRoles`, `mapUsers`, `mapAccounts` of the configuration file.
struct MappingSettings {
    mapping::SourceRules mounted_file;
    bool accounts_after_all = true;
    bool strip_role_paths = true;
    std::chrono::milliseconds grace_period{300'000};
    bool keep_copies = true;
    std::chrono::milliseconds start_timeout{10'000};
    std::chrono::milliseconds poll_interval{60'000};  ///< of files
    std::string break_glass_file;                     ///< empty: none
};

struct StsSettings {
    std::vector<std::string> ca_files;
    std::vector<std::string> connect_to;  ///< "HOST1:PORT1:HOST2:PORT2", as curl's --connect-to
    std::vector<std::string> extra_regions;
    std::vector<std::string> extra_hosts;
    std::string own_region;             ///< the region this server runs in
    bool region_from_metadata = false;  ///< ask the EC2 instance when own_region is empty
    bool accept_sibling_partition = false;
    bool require_partition = true;
    bool require_account = true;
    std::optional<std::chrono::seconds> max_ahead = std::chrono::minutes(15);
    std::chrono::milliseconds review_timeout{20'000};
    std::chrono::milliseconds attempt_timeout{5'000};
    std::chrono::milliseconds connect_timeout{3'000};
    unsigned max_attempts = 3;
    std::size_t max_connections = 256;   ///< per endpoint and loop
    bool http2 = true;                   ///< offered; the endpoint decides
    std::size_t max_calls = 512;         ///< at once, per endpoint
    unsigned calls_per_second = 0;       ///< per endpoint; 0: as many as STS takes
    unsigned refusals_per_second = 100;  ///< per endpoint, that newcomers may cause; 0: any number
    unsigned circuit_failures = 20;      ///< in a row, before an endpoint is left alone; 0: never
};

struct CacheSettings {
    bool enabled = true;
    std::chrono::seconds ttl = std::chrono::minutes(5);
    std::size_t max_bytes = 8U * 1024 * 1024;
    bool stale_while_unavailable = true;
    std::chrono::milliseconds refusals_ttl{20'000};
    std::size_t refusals_max_bytes = 1024UL * 1024;
};

struct LimitSettings {
    std::size_t token_bytes = 16 * 1024;
    std::size_t body_bytes = 64 * 1024;
    std::size_t header_bytes = 16 * 1024;
    std::size_t connections = 10'000;
    std::size_t pending_reviews = 8'192;
};

struct AnswerSettings {
    bool refuse_with_403 = false;
    bool echo_version = true;
    bool strict_requests = true;
};

/// What `token` and `verify` read from the same file.
struct ClientSettings {
    std::string region;
    std::string role;
    std::string external_id;
    std::string session_name;
    bool token_only = false;
    bool forward_session_name = false;
    bool cache = false;
    bool cache_token = false;
    std::chrono::seconds expiry_margin{60};
    std::string token;
    std::string output;
    std::string partition = "aws";  ///< of `verify`
};

struct Settings {
    Profile profile = Profile::arngate;
    std::string cluster_id;
    LogSettings log;
    ServerSettings server;
    MappingSettings mapping;
    StsSettings sts;
    CacheSettings cache;
    LimitSettings limits;
    AnswerSettings answers;
    ClientSettings client;
    std::map<std::string, bool> feature_gates;
};

}  // namespace arngate::config

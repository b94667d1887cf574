#include "config/schema.hpp"

#include "config/environment_name.hpp"
#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <vector>

namespace arngate::config {
namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

constexpr std::string_view partition_ids = "aws aws-cn aws-eusc aws-iso aws-iso-b aws-iso-e aws-iso-f aws-us-gov";

using enum ValueType;

// clang-format off
constexpr auto rows = std::to_array<Key>({
    // What every command reads.
    {.path = "compat", .type = enumeration, .default_text = "arngate", .constraint = "", .flag = "--compat",
     .short_flag = 0, .flag_commands = "*", .environment = "ARNGATE_COMPAT",
     .description = "Profile that decides defaults: `arngate`, or `reference` to answer as aws-iam-authenticator does. The default is `reference` when the program is invoked by the name aws-iam-authenticator.",
     .reloadable = false, .obsolete = false, .choices = "arngate reference"},
    {.path = "clusterID", .type = text, .default_text = "", .constraint = "", .flag = "--cluster-id",
     .short_flag = 'i', .flag_commands = "*", .environment = "KUBERNETES_AWS_AUTHENTICATOR_CLUSTER_ID",
     .description = "Unique identifier of the cluster; tokens are signed for it and accepted for it alone. Required.",
     .reloadable = false, .obsolete = false},
    {.path = "log-verbosity", .type = enumeration, .default_text = "info", .constraint = "", .flag = "--log-verbosity",
     .short_flag = 'v', .flag_commands = "*", .environment = "AWS_IAM_AUTHENTICATOR_LOG_VERBOSITY",
     .description = "Level of the log.",
     .reloadable = false, .obsolete = false, .choices = "trace debug info warn warning error fatal panic", .any_case = true},
    {.path = "log-format", .type = enumeration, .default_text = "text", .constraint = "", .flag = "--log-format",
     .short_flag = 'l', .flag_commands = "*", .environment = "",
     .description = "Form of the log lines: `text` (logfmt) or `json`. Another word means `text`, with a warning.",
     .reloadable = false, .obsolete = false, .choices = "text json"},
    {.path = "feature-gates", .type = text_list, .default_text = "", .constraint = "NAME=true|false, comma-separated", .flag = "--feature-gates",
     .short_flag = 0, .flag_commands = "*", .environment = "",
     .description = "Feature gates: ConfiguredInitDirectories, IAMIdentityMappingCRD, SSORoleMatch, or all of them by AllAlpha. Default off, but SSORoleMatch is on in profile `arngate`.",
     .reloadable = false, .obsolete = false, .separator = ',', .flag_only = true},

    // Clients.
    {.path = "region", .type = text, .default_text = "", .constraint = "", .flag = "--region",
     .short_flag = 0, .flag_commands = "token", .environment = "",
     .description = "AWS region whose STS endpoint tokens name. Default: as the AWS SDKs find it.",
     .reloadable = false, .obsolete = false, .form = TextForm::region_label},
    {.path = "role", .type = text, .default_text = "", .constraint = "", .flag = "--role",
     .short_flag = 'r', .flag_commands = "token", .environment = "DEFAULT_ROLE",
     .description = "IAM role to assume before signing.",
     .reloadable = false, .obsolete = false},
    {.path = "externalID", .type = text, .default_text = "", .constraint = "", .flag = "--external-id",
     .short_flag = 'e', .flag_commands = "token", .environment = "",
     .description = "External id to pass when assuming the role.",
     .reloadable = false, .obsolete = false},
    {.path = "sessionName", .type = text, .default_text = "", .constraint = "", .flag = "--session-name",
     .short_flag = 's', .flag_commands = "token", .environment = "",
     .description = "Session name to pass when assuming the role.",
     .reloadable = false, .obsolete = false},
    {.path = "tokenOnly", .type = boolean, .default_text = "false", .constraint = "", .flag = "--token-only",
     .short_flag = 0, .flag_commands = "token", .environment = "",
     .description = "Print the token alone, not an ExecCredential.",
     .reloadable = false, .obsolete = false},
    {.path = "forwardSessionName", .type = boolean, .default_text = "false", .constraint = "", .flag = "--forward-session-name",
     .short_flag = 0, .flag_commands = "token", .environment = "",
     .description = "Pass the session name of the current credentials on when assuming the role.",
     .reloadable = false, .obsolete = false},
    {.path = "cache", .type = boolean, .default_text = "false", .constraint = "", .flag = "--cache",
     .short_flag = 0, .flag_commands = "token", .environment = "",
     .description = "Keep the base credentials in a file between calls. In a file that has a `cache` section for the server, use the flag.",
     .reloadable = false, .obsolete = false},
    {.path = "token", .type = text, .default_text = "", .constraint = "", .flag = "--token",
     .short_flag = 't', .flag_commands = "verify", .environment = "",
     .description = "Token to verify.",
     .reloadable = false, .obsolete = false, .secret = true},
    {.path = "output", .type = text, .default_text = "", .constraint = "", .flag = "--output",
     .short_flag = 'o', .flag_commands = "verify", .environment = "",
     .description = "Output of verify: `json`, or text for any other word.",
     .reloadable = false, .obsolete = false},
    {.path = "partition", .type = enumeration, .default_text = "aws", .constraint = "", .flag = "--partition",
     .short_flag = 0, .flag_commands = "verify", .environment = "",
     .description = "AWS partition whose hosts verify accepts.",
     .reloadable = false, .obsolete = false, .choices = partition_ids},
    {.path = "defaultRole", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Never read; the key is `role`.",
     .reloadable = false, .obsolete = true},

    // Server.
    {.path = "server.partition", .type = enumeration, .default_text = "aws", .constraint = "", .flag = "--partition",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "AWS partition whose identities are accepted.",
     .reloadable = false, .obsolete = false, .choices = partition_ids},
    {.path = "server.port", .type = integer, .default_text = "21362", .constraint = "", .flag = "--port",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Port of the webhook. 0: any free port, for tests.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 65'535},
    {.path = "server.address", .type = text, .default_text = "127.0.0.1", .constraint = "", .flag = "--address",
     .short_flag = 0, .flag_commands = "server init", .environment = "",
     .description = "IP address the webhook listens on; goes into the generated certificate.",
     .reloadable = false, .obsolete = false, .form = TextForm::ip_address},
    {.path = "server.hostname", .type = text, .default_text = "localhost", .constraint = "", .flag = "--hostname",
     .short_flag = 0, .flag_commands = "init", .environment = "",
     .description = "Host name under which the API server reaches the webhook; goes into the generated certificate and kubeconfig.",
     .reloadable = false, .obsolete = false, .form = TextForm::host_name},
    {.path = "server.healthAddress", .type = text, .default_text = "", .constraint = "", .flag = "--health-address",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "IP address of the health listener. Empty: every interface.",
     .reloadable = false, .obsolete = false, .form = TextForm::ip_address},
    {.path = "server.healthPort", .type = integer, .default_text = "21363", .constraint = "", .flag = "--health-port",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Port of the health listener (plain HTTP). 0: any free port, for tests.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 65'535},
    {.path = "server.metricsAddress", .type = text, .default_text = "127.0.0.1", .constraint = "", .flag = "--metrics-address",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "IP address of the metrics listener; needs server.metricsPort.",
     .reloadable = false, .obsolete = false, .form = TextForm::ip_address},
    {.path = "server.metricsPort", .type = integer, .default_text = "", .constraint = "", .flag = "--metrics-port",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Port of a listener of its own for /metrics (plain HTTP). Not given: metrics are on the webhook port alone. 0: any free port, for tests.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 65'535},
    {.path = "server.stateDir", .type = text, .default_text = "/var/aws-iam-authenticator", .constraint = "", .flag = "--state-dir",
     .short_flag = 0, .flag_commands = "server init", .environment = "",
     .description = "Directory of cert.pem and key.pem. It must exist.",
     .reloadable = false, .obsolete = false},
    {.path = "server.generateKubeconfig", .type = text, .default_text = "/etc/kubernetes/aws-iam-authenticator/kubeconfig.yaml", .constraint = "", .flag = "--generate-kubeconfig",
     .short_flag = 0, .flag_commands = "server init", .environment = "",
     .description = "Where the webhook kubeconfig for the API server is written.",
     .reloadable = false, .obsolete = false},
    {.path = "server.kubeconfigPregenerated", .type = boolean, .default_text = "false", .constraint = "", .flag = "--kubeconfig-pregenerated",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "The webhook kubeconfig exists already: do not write it.",
     .reloadable = false, .obsolete = false},
    {.path = "server.kubeconfig", .type = text, .default_text = "", .constraint = "", .flag = "--kubeconfig",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Kubeconfig for the backends that read from the cluster. Empty: in-cluster configuration.",
     .reloadable = false, .obsolete = false},
    {.path = "server.master", .type = text, .default_text = "", .constraint = "", .flag = "--master",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Address of the API server; beats the one in the kubeconfig.",
     .reloadable = false, .obsolete = false},
    {.path = "server.backendMode", .type = text_list, .default_text = "MountedFile", .constraint = "MountedFile, EKSConfigMap, CRD, DynamicFile, each at most once", .flag = "--backend-mode",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Sources of mappings, in the order asked. In a file a text is split at blanks; the flag splits at commas and may be repeated.",
     .reloadable = false, .obsolete = false, .separator = ' '},
    {.path = "server.ec2DescribeInstancesQps", .type = integer, .default_text = "15", .constraint = "", .flag = "--ec2-describeInstances-qps",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Calls of EC2 DescribeInstances a second. 0: no limit.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 1000},
    {.path = "server.ec2DescribeInstancesBurst", .type = integer, .default_text = "5", .constraint = "", .flag = "--ec2-describeInstances-burst",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Calls of EC2 DescribeInstances that may come at once.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 1000},
    {.path = "server.ec2DescribeInstancesRoleARN", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Role to assume for EC2 DescribeInstances.",
     .reloadable = false, .obsolete = false, .form = TextForm::role_arn},
    {.path = "server.sourceARN", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "ARN sent as source when that role is assumed.",
     .reloadable = false, .obsolete = false, .form = TextForm::arn},
    {.path = "server.ec2RequireSameAccount", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "`{{EC2PrivateDNSName}}` is given only to callers of the account that the instance belongs to.",
     .reloadable = false, .obsolete = false, .reference_default = "false"},
    {.path = "server.scrubbedAccounts", .type = text_list, .default_text = "", .constraint = "account ids of 12 digits, in quotes", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Accounts whose identities are kept out of logs and answers. A text is split at blanks.",
     .reloadable = false, .obsolete = false, .separator = ' '},
    {.path = "server.mapRoles", .type = object_list, .default_text = "", .constraint = "entries of rolearn, rolearnLike or sso, username, groups, userid", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "IAM roles and the Kubernetes users they become.",
     .reloadable = true, .obsolete = false},
    {.path = "server.mapUsers", .type = object_list, .default_text = "", .constraint = "entries of userarn, username, groups, userid", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "IAM users and the Kubernetes users they become.",
     .reloadable = true, .obsolete = false},
    {.path = "server.mapAccounts", .type = text_list, .default_text = "", .constraint = "account ids of 12 digits, in quotes", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Accounts every identity of which is accepted; its ARN becomes the username. A text is split at commas.",
     .reloadable = true, .obsolete = false, .separator = ','},
    {.path = "server.dynamicfilepath", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "File of the backend DynamicFile; both or neither.",
     .reloadable = false, .obsolete = false},
    {.path = "server.dynamicfileUserIDStrict", .type = boolean, .default_text = "false", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Entries of the dynamic file are found by user id.",
     .reloadable = false, .obsolete = false},
    {.path = "server.dynamicBackendModePath", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "File that changes the backends at run time.",
     .reloadable = false, .obsolete = false},
    {.path = "server.reservedPrefixConfig", .type = object_list, .default_text = "", .constraint = "entries of backendmode and usernamePrefixReserveList", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Username prefixes that a backend may not give. A later entry for the same backend replaces the earlier one.",
     .reloadable = true, .obsolete = false},
    {.path = "server.threads", .type = integer, .default_text = "0", .constraint = "", .flag = "--threads",
     .short_flag = 0, .flag_commands = "server", .environment = "",
     .description = "Event loops, one thread each. 0: as many as the cores it may use, at most 4.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 256},
    {.path = "server.drainTimeout", .type = duration, .default_text = "10s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How long running requests may take to finish when the server stops.",
     .reloadable = false, .obsolete = false, .minimum = 0, .maximum = 10 * minute},
    {.path = "server.http2", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Offer HTTP/2 on the webhook, beside HTTP/1.1; kube-apiserver takes it.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.certFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Certificate chain of the webhook, PEM; needs keyFile. Empty: cert.pem in the state directory.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.keyFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Private key of the webhook, PEM; needs certFile. Empty: key.pem in the state directory.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.clientCAFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "CA certificates, PEM: clients must show a certificate of one of them. Empty: clients need none.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.clientCertFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Certificate that the API server shows to the webhook, as the API server sees the path; needs clientKeyFile. It is named in the generated kubeconfig and not read here.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.clientKeyFile", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Private key of that certificate, likewise.",
     .reloadable = false, .obsolete = false},
    {.path = "server.tls.minVersion", .type = enumeration, .default_text = "1.2", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Lowest TLS version of the webhook.",
     .reloadable = false, .obsolete = false, .choices = "1.2 1.3"},

    // Mapping.
    {.path = "mapping.accountOrder", .type = enumeration, .default_text = "afterAll", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "When account rules are asked: after the explicit entries of all backends, or in the chain, right after those of their own backend.",
     .reloadable = true, .obsolete = false, .reference_default = "inChain", .choices = "afterAll inChain"},
    {.path = "mapping.stripRolePaths", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "A role ARN may be configured with its path, which STS never reports. Off: such an entry matches nobody.",
     .reloadable = true, .obsolete = false, .reference_default = "false"},

    // STS.
    {.path = "sts.caFile", .type = text_list, .default_text = "", .constraint = "", .flag = "--sts-ca-file",
     .short_flag = 0, .flag_commands = "server verify token", .environment = "",
     .description = "CA certificates to trust for STS beside the system's, PEM. One path or a list.",
     .reloadable = false, .obsolete = false},
    {.path = "sts.connectTo", .type = text_list, .default_text = "", .constraint = "", .flag = "--sts-connect-to",
     .short_flag = 0, .flag_commands = "server verify token", .environment = "",
     .description = "Connect to HOST2:PORT2 when HOST1:PORT1 is meant, as curl's --connect-to. The certificate must still be HOST1's.",
     .reloadable = false, .obsolete = false, .form = TextForm::connect_to, .separator = ','},
    {.path = "sts.extraRegions", .type = text_list, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Regions that this build does not list yet; their STS hosts are accepted in tokens.",
     .reloadable = false, .obsolete = false, .form = TextForm::region_label, .separator = ','},
    {.path = "sts.extraHosts", .type = text_list, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Further STS hosts that tokens may name, whole, such as those of VPC endpoints.",
     .reloadable = false, .obsolete = false, .form = TextForm::dotted_host, .separator = ','},
    {.path = "sts.region", .type = text, .default_text = "", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Region this server runs in: tokens may name its STS host even if this build does not list the region. Empty: none is known, unless sts.regionFromMetadata finds it.",
     .reloadable = false, .obsolete = false, .form = TextForm::region_label},
    {.path = "sts.regionFromMetadata", .type = boolean, .default_text = "false", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Ask the metadata service of the EC2 instance for the region at start when sts.region is empty. AWS_EC2_METADATA_DISABLED=true keeps it from being asked; AWS_EC2_METADATA_SERVICE_ENDPOINT says where it is. Without an answer within 250 ms a request the server starts without a region.",
     .reloadable = false, .obsolete = false, .reference_default = "true"},
    {.path = "sts.acceptSiblingPartition", .type = boolean, .default_text = "false", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "In `aws` accept the hosts of `aws-us-gov` too, and the other way round.",
     .reloadable = false, .obsolete = false, .reference_default = "true"},
    {.path = "sts.requirePartition", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "The caller's ARN must be of the configured partition.",
     .reloadable = false, .obsolete = false, .reference_default = "false"},
    {.path = "sts.requireAccount", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "The account that STS names must be 12 digits and that of the ARN.",
     .reloadable = false, .obsolete = false},
    {.path = "sts.maxAhead", .type = duration, .default_text = "15m", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How far ahead of the clock a token's date may lie. `none`: no limit of ours.",
     .reloadable = false, .obsolete = false, .reference_default = "none", .minimum = 0, .maximum = 60 * minute, .step = second, .choices = "none"},
    {.path = "sts.reviewTimeout", .type = duration, .default_text = "10s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Time for one review with all its attempts. The API server waits 30 s.",
     .reloadable = false, .obsolete = false, .minimum = 100, .maximum = 25 * second},
    {.path = "sts.attemptTimeout", .type = duration, .default_text = "5s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Time for one attempt; at most sts.reviewTimeout.",
     .reloadable = false, .obsolete = false, .minimum = 50, .maximum = 25 * second},
    {.path = "sts.connectTimeout", .type = duration, .default_text = "3s", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Time for name resolution, connection and TLS handshake together; at most sts.attemptTimeout.",
     .reloadable = false, .obsolete = false, .minimum = 50, .maximum = 25 * second},
    {.path = "sts.maxAttempts", .type = integer, .default_text = "3", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Attempts a review, the first included.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 10},
    {.path = "sts.maxConnections", .type = integer, .default_text = "256", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Connections to one STS endpoint from one event loop.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 4096},

    // The cache of verified identities.
    {.path = "cache.enabled", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Keep verified identities, never mappings, so that a token seen again needs no call to STS.",
     .reloadable = false, .obsolete = false},
    {.path = "cache.ttl", .type = duration, .default_text = "5m", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "How long an identity is kept; never longer than its token is good.",
     .reloadable = false, .obsolete = false, .minimum = 1 * second, .maximum = 15 * minute, .step = second},
    {.path = "cache.maxBytes", .type = size, .default_text = "8MiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Memory for kept identities.",
     .reloadable = false, .obsolete = false, .minimum = 64 * kib, .maximum = 1024 * mib},

    // Limits.
    {.path = "limits.tokenBytes", .type = size, .default_text = "16KiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Longest token accepted.",
     .reloadable = false, .obsolete = false, .minimum = 1 * kib, .maximum = 64 * kib},
    {.path = "limits.bodyBytes", .type = size, .default_text = "64KiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Largest request body accepted; at least 1 KiB more than limits.tokenBytes.",
     .reloadable = false, .obsolete = false, .minimum = 2 * kib, .maximum = 1 * mib},
    {.path = "limits.headerBytes", .type = size, .default_text = "16KiB", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Largest request head accepted.",
     .reloadable = false, .obsolete = false, .minimum = 4 * kib, .maximum = 256 * kib},
    {.path = "limits.connections", .type = integer, .default_text = "10000", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Connections open at a time.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 1'000'000},
    {.path = "limits.pendingReviews", .type = integer, .default_text = "8192", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Reviews that may wait for STS at a time.",
     .reloadable = false, .obsolete = false, .minimum = 1, .maximum = 1'000'000},

    // Answers.
    {.path = "answers.refusalStatus", .type = enumeration, .default_text = "ok", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "HTTP status of a refusal: `ok` (200 with authenticated: false) or `forbidden` (403).",
     .reloadable = false, .obsolete = false, .reference_default = "forbidden", .choices = "ok forbidden"},
    {.path = "answers.echoVersion", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Answers carry the kind and apiVersion of the request.",
     .reloadable = false, .obsolete = false, .reference_default = "false"},
    {.path = "answers.strictRequests", .type = boolean, .default_text = "true", .constraint = "", .flag = "",
     .short_flag = 0, .flag_commands = "", .environment = "",
     .description = "Refuse requests whose kind or apiVersion is not that of a TokenReview.",
     .reloadable = false, .obsolete = false, .reference_default = "false"},
});
// clang-format on

std::string size_text(std::int64_t bytes) {
    if (bytes >= mib && bytes % mib == 0)
        return fmt::format("{}MiB", bytes / mib);
    if (bytes >= kib && bytes % kib == 0)
        return fmt::format("{}KiB", bytes / kib);
    return fmt::format("{}", bytes);
}

std::string duration_text(std::int64_t milliseconds) {
    if (milliseconds % second != 0)
        return fmt::format("{}ms", milliseconds);
    if (milliseconds >= minute && milliseconds % minute == 0)
        return fmt::format("{}m", milliseconds / minute);
    return fmt::format("{}s", milliseconds / second);
}

std::string words_text(std::string_view words) {
    std::string out;
    for (const std::string_view word : text::split(words, ' ')) {
        if (!out.empty())
            out += ", ";
        out += word;
    }
    return out;
}

/// The constraint of a row in words, from the very values that loading enforces.
std::string constraint_of(const Key& key) {
    switch (key.type) {
        case integer:
            return fmt::format("{} to {}", key.minimum, key.maximum);
        case size:
            return fmt::format("{} to {}", size_text(key.minimum), size_text(key.maximum));
        case duration:
            return fmt::format("{} to {}", duration_text(key.minimum), duration_text(key.maximum)) +
                   (key.step == second ? " in whole seconds" : "") +
                   (key.choices.empty() ? "" : fmt::format(", or {}", words_text(key.choices)));
        case enumeration:
            return fmt::format("one of {}", words_text(key.choices));
        case boolean:
            return "true or false";
        case text:
        case text_list:
        case object_list:
            break;
    }
    switch (key.form) {
        case TextForm::ip_address:
            return "an IP address";
        case TextForm::host_name:
            return "a host name or an IP address";
        case TextForm::dotted_host:
            return "a lower-case host name with a dot";
        case TextForm::region_label:
            return "a region such as eu-central-1";
        case TextForm::role_arn:
            return "the ARN of a role, such as arn:aws:iam::123456789012:role/Name";
        case TextForm::arn:
            return "an ARN";
        case TextForm::connect_to:
            return "HOST1:PORT1:HOST2:PORT2";
        case TextForm::any:
            break;
    }
    return std::string(key.constraint);
}

/// Entries have no form in one variable.
bool has_variable(const Key& key) {
    return !key.obsolete && key.type != object_list && key.path != "server.mapAccounts";
}

/// The variables of the row, and behind them the one made from its path.
std::string environment_of(const Key& key) {
    std::string names(key.environment);
    if (const std::string own = environment_name(key.path); has_variable(key) && own != key.environment)
        names += (names.empty() ? "" : " ") + own;
    return names;
}

struct Table {
    Table() {
        for (const Key& row : rows) {
            Key key = row;
            key.constraint = texts.emplace_back(constraint_of(row));
            key.environment = texts.emplace_back(environment_of(row));
            keys.push_back(key);
        }
    }
    std::deque<std::string> texts;  ///< what the keys made here point into
    std::vector<Key> keys;
};

const Table& table() noexcept {
    static const Table built;
    return built;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            const bool same = text::ascii_lower(a[i - 1]) == text::ascii_lower(b[j - 1]);
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (same ? 0U : 1U)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

/// Longer texts are nobody's typing error, and the distance costs their length times that of every key.
constexpr std::size_t longest_typo = 80;

std::size_t tolerance(std::string_view text) {
    return text.size() <= 3 ? 1 : text.size() <= 8 ? 2 : 3;
}

std::string_view leaf(std::string_view path) {
    const std::size_t dot = path.rfind('.');
    return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

}  // namespace

std::span<const Key> schema() noexcept {
    return table().keys;
}

const Key* find_key(std::string_view path) noexcept {
    const auto keys = schema();
    const auto found = std::ranges::find_if(keys, [&](const Key& key) { return text::iequals(key.path, path); });
    return found == keys.end() ? nullptr : &*found;
}

std::string_view nearest_key(std::string_view path) {
    if (path.empty() || path.size() > longest_typo)
        return {};
    std::string_view best;
    std::size_t best_distance = tolerance(leaf(path)) + 1;
    for (const Key& key : schema()) {
        if (key.obsolete)
            continue;
        // A key in the wrong section counts as one slip, whatever the section.
        const std::size_t distance =
            std::min(edit_distance(path, key.path), edit_distance(leaf(path), leaf(key.path)) + 1);
        if (distance < best_distance) {
            best = key.path;
            best_distance = distance;
        }
    }
    return best;
}

bool is_section(std::string_view path) noexcept {
    return std::ranges::any_of(schema(), [&](const Key& key) {
        return key.path.size() > path.size() && key.path[path.size()] == '.' &&
               text::iequals(key.path.substr(0, path.size()), path);
    });
}

bool is_server_key(const Key& key) noexcept {
    return key.path.find('.') != std::string_view::npos && !key.path.starts_with("sts.");
}

std::string_view nearest_word(std::string_view text, std::span<const std::string_view> words) {
    if (text.empty() || text.size() > longest_typo)
        return {};
    std::string_view best;
    std::size_t best_distance = tolerance(text) + 1;
    for (const std::string_view word : words) {
        const std::size_t distance = edit_distance(text, word);
        if (distance < best_distance) {
            best = word;
            best_distance = distance;
        }
    }
    return best;
}

}  // namespace arngate::config

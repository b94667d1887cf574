#pragma once

#include "config/settings.hpp"
#include "daemon/cli/command_line.hpp"
#include "daemon/cli/surroundings.hpp"

#include <string>

namespace arngate::cli {

// Each command returns the exit status of the process: 0, or 1 after a message on `err`.

/// What the Go program prints first of `server` and `init`, with its line end.
[[nodiscard]] std::string version_line();

/// What is wrong in files with mappings. Needs no configuration. Gives `usage_error` for what cannot be run.
int run_check(const CommandLine& line, const Surroundings& surroundings);

/// The version as JSON, YAML or alone. Needs no configuration.
int run_version(const CommandLine& line, const Surroundings& surroundings);

/// A presigned GetCallerIdentity URL for kubectl: an ExecCredential, or the token alone.
int run_token(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings);

/// An exec user that runs `token`, and a cluster and context if they are asked for, in a kubeconfig.
int run_kubeconfig(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings);

/// Checks a token as the server does, the call of STS included, and prints the identity.
int run_verify(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings);

/// One entry into the ConfigMap kube-system/aws-auth. Under the profile `reference` the messages are those of
/// aws-iam-authenticator, and go to standard output as there.
int run_add(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings);

/// Asks the health listener of a running server, as probes do.
int run_health(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings);

/// What the webhook serves with, and whom clients may trust.
int run_cert_show(const config::Settings& settings, const Surroundings& surroundings);

/// A new key and certificate, which API servers that know the old one trust (pki/rotation.hpp), and the kubeconfig.
int run_cert_rotate(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings);

/// Certificate, key and webhook kubeconfig, made or kept.
int run_init(const CommandLine& line, const config::Settings& settings, const Surroundings& surroundings);

}  // namespace arngate::cli

#pragma once

#include "config/sources/kube_source.hpp"
#include "config/sources/source.hpp"

#include <chrono>
#include <memory>

namespace arngate::config {

struct CrdSourceOptions {
    KubeSourceOptions kube;
    /// How long changes are collected before they are reported together.
    std::chrono::milliseconds settle{100};
    /// Between two objects whose status is written.
    std::chrono::milliseconds write_pause{50};
};

/// The backend CRD: the cluster's IAMIdentityMapping objects, listed and watched. Objects count as soon as they are
/// there: their ARN is canonicalised here, never taken from their status. The status is written as the Go server
/// writes it, where it is not so already, with an event about it; that may fail without harm.
[[nodiscard]] std::unique_ptr<Source> make_crd_source(CrdSourceOptions options);

}  // namespace arngate::config

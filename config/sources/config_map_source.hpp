#pragma once

#include "config/sources/kube_source.hpp"
#include "config/sources/source.hpp"

#include <memory>

namespace arngate::config {

/// The backend EKSConfigMap: ConfigMap `aws-auth` in namespace kube-system, listed and watched. It is `missing` while
/// there is no such object. A part that is no list of YAML makes the document unreadable as a whole.
[[nodiscard]] std::unique_ptr<Source> make_config_map_source(KubeSourceOptions options);

}  // namespace arngate::config

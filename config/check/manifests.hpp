#pragma once

#include "config/check/reading.hpp"

namespace arngate::config::check {

/// Kubernetes objects as YAML, any number of documents, or JSON, alone or in lists. Of each ConfigMap with a mapping,
/// and of the one named aws-auth, the data are read as the source EKSConfigMap reads them, and all IAMIdentityMapping
/// together as the source CRD does; other objects are passed over.
void read_manifests(const Input& input, Reading& reading);

/// The data of one ConfigMap: a map of texts.
void read_config_map_data(const Input& input, Reading& reading);

}  // namespace arngate::config::check

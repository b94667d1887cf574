#pragma once

#include "config/check/reading.hpp"

namespace arngate::config::check {

/// Kubernetes objects as YAML, any number of documents, or JSON, alone or in lists. Of each ConfigMap with a mapping,
/// and of the one named aws-auth, the data are read as the source EKSConfigMap reads them, of others each value that is
/// a configuration of ours as the server loads it, and all IAMIdentityMapping together as the source CRD does; other
/// objects are passed over. Settings come of a configuration that is the only one.
void read_manifests(const Input& input, const ReadOptions& options, Reading& reading);

/// The data of one ConfigMap: a map of texts.
void read_config_map_data(const Input& input, const ReadOptions& options, Reading& reading);

}  // namespace arngate::config::check

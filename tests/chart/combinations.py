"""Values that the chart is rendered with: each way of using it, and each switch at least once either way."""

MINIMAL = {"config": {"clusterID": "main.example.com"}}


def with_backends(*names: str, **more: object) -> dict:
    return {"config": {"clusterID": "main.example.com", "server": {"backendMode": list(names)}}, **more}


COMBINATIONS: dict[str, dict] = {
    "minimal": MINIMAL,
    "mappings": {
        "config": {
            "clusterID": "main.example.com",
            "server": {
                "mapRoles": [
                    {
                        "rolearn": "arn:aws:iam::123456789012:role/Nodes",
                        "username": "system:node:{{EC2PrivateDNSName}}",
                        "groups": ["system:bootstrappers", "system:nodes"],
                    }
                ],
                "mapUsers": [
                    {"userarn": "arn:aws:iam::123456789012:user/alice", "username": "alice", "groups": ["admins"]}
                ],
                "mapAccounts": ["123456789012"],
            },
        }
    },
    "aws-auth": with_backends("EKSConfigMap"),
    "crd": with_backends("CRD"),
    "all backends": with_backends("MountedFile", "EKSConfigMap", "CRD"),
    "crd kept by others": with_backends("CRD", crd={"create": False}),
    "own configmap": {"existingConfigMap": "mine", "backends": ["EKSConfigMap"]},
    "own configmap, no backends": {"existingConfigMap": "mine"},
    "own rights": with_backends("EKSConfigMap", "CRD", rbac={"create": False}),
    "own service account": with_backends("CRD", serviceAccount={"create": False, "name": "mine"}),
    "role for the service account": {
        **MINIMAL,
        "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/arngate"}},
    },
    "no metrics": {**MINIMAL, "metrics": {"enabled": False}},
    "pod monitor": {
        **MINIMAL,
        "metrics": {
            "podMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
            "prometheusRule": {
                "enabled": True,
                "labels": {"release": "prometheus"},
                "runbookURL": "https://docs.example.com/arngate/alerts.md",
            },
            "dashboard": {"enabled": True},
        },
    },
    "old pod first": {
        **MINIMAL,
        "updateStrategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
        "metrics": {"podMonitor": {"enabled": True}},
    },
    "service monitor": {**MINIMAL, "metrics": {"serviceMonitor": {"enabled": True, "interval": "1m"}}},
    "network policy": {
        **MINIMAL,
        "networkPolicy": {
            "enabled": True,
            "metricsFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
        },
    },
    "network policy, webhook for other nodes": {
        **MINIMAL,
        "webhook": {"address": "0.0.0.0"},
        "health": {"address": "0.0.0.0"},
        "networkPolicy": {"enabled": True},
    },
    "network policy, no metrics": {**MINIMAL, "metrics": {"enabled": False}, "networkPolicy": {"enabled": True}},
    "disruption budget": {**MINIMAL, "podDisruptionBudget": {"enabled": True, "minAvailable": 2}},
    "files made by hand": {**MINIMAL, "init": {"enabled": False}},
    "IPv6": {
        **MINIMAL,
        "webhook": {"address": "::1", "port": 8443},
        "health": {"address": "::1", "port": 8080},
        "metrics": {"address": "::", "port": 9090},
    },
    "pinned image": {
        **MINIMAL,
        "image": {"repository": "registry.example.com/arngate", "digest": "sha256:" + "0" * 64},
        "imagePullSecrets": [{"name": "pull"}],
    },
    "extras": {
        "config": {
            "clusterID": "main.example.com",
            "server": {"backendMode": ["DynamicFile"], "dynamicfilepath": "/etc/mappings/mapping.json"},
        },
        "extraArgs": ["--log-format=json"],
        "env": [{"name": "HTTPS_PROXY", "value": "http://proxy.example.com:3128"}],
        "envFrom": [{"secretRef": {"name": "aws"}}],
        "extraVolumes": [{"name": "dynamic", "hostPath": {"path": "/etc/mappings", "type": "Directory"}}],
        "extraVolumeMounts": [{"name": "dynamic", "mountPath": "/etc/mappings", "readOnly": True}],
        "podAnnotations": {"example.com/note": "yes"},
        "podLabels": {"example.com/team": "platform"},
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {"matchExpressions": [{"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]}]}
                    ]
                }
            }
        },
        "updateStrategy": {"type": "OnDelete", "rollingUpdate": None},
    },
    "names": {**MINIMAL, "nameOverride": "iam", "fullnameOverride": "iam-webhook"},
    "static pod": {"workload": "StaticPod"},
    "static pod, files made by hand": {"workload": "StaticPod", "init": {"enabled": False}, "metrics": {"enabled": False}},
}

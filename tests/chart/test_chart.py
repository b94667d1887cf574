import os
import re

import pytest
import yaml
from combinations import COMBINATIONS, MINIMAL, with_backends
from conftest import CHART, SOURCE, TOOLS, Helm, kubeconform, run

ARNGATE = os.environ["ARNGATE_BIN"]


def one(objects: list[dict], kind: str) -> dict:
    found = [item for item in objects if item["kind"] == kind]
    assert len(found) == 1, f"{len(found)} of {kind}"
    return found[0]


def kinds(objects: list[dict]) -> set[str]:
    return {item["kind"] for item in objects}


def pod_spec(objects: list[dict]) -> dict:
    if "DaemonSet" in kinds(objects):
        return one(objects, "DaemonSet")["spec"]["template"]["spec"]
    return one([item for item in objects if "test" not in item["metadata"]["name"]], "Pod")["spec"]


def test_every_object_fits_its_schema(helm: Helm, kubernetes_schemas, operator_schemas, tmp_path):
    for name, values in COMBINATIONS.items():
        (tmp_path / f"{name.replace(' ', '-')}.yaml").write_text(helm.template(values).stdout)
    checked = kubeconform(tmp_path, kubernetes_schemas, operator_schemas)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    counts = re.search(r"Valid: (\d+), Invalid: 0, Errors: 0, Skipped: 0", checked.stdout)
    assert counts and int(counts[1]) > 5 * len(COMBINATIONS), checked.stdout


def test_a_wrong_object_does_not_fit(kubernetes_schemas, operator_schemas, tmp_path):
    wrong = {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "x"}, "spec": {"replicas": 3}}
    (tmp_path / "wrong.yaml").write_text(yaml.safe_dump(wrong))
    checked = kubeconform(tmp_path, kubernetes_schemas, operator_schemas)
    assert checked.returncode != 0
    assert "Invalid: 1" in checked.stdout


def test_helm_lint(helm: Helm, tmp_path):
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump(MINIMAL))
    assert "[WARNING]" not in helm.call("lint", "--strict", CHART, "--values", values).stdout


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "config.clusterID is required"),
        ({"config": {"clusterID": "c", "server": {"port": 1}}}, "config.server.port: set it by the chart's own value"),
        ({"workload": "Deployment", **MINIMAL}, "workload"),
        ({"webhook": {"port": 0}, **MINIMAL}, "minimum"),
        ({"webhok": {}, **MINIMAL}, "webhok"),
        ({"runAsUser": 0, **MINIMAL}, "runAsUser"),
        ({"hostPaths": {"state": "relative"}, **MINIMAL}, "state"),
        ({"image": {"digest": "latest"}, **MINIMAL}, "digest"),
        (with_backends("Magic"), "backendMode"),
        ({"updateStrategy": {"rollingUpdate": {"maxUnavailable": 1}}, **MINIMAL}, "one of maxSurge and maxUnavailable"),
        ({**MINIMAL, "podDisruptionBudget": {"minAvailable": "34%"}}, "minAvailable"),
        ({**MINIMAL, "metrics": {"prometheusRule": {"runbookURL": "docs"}}}, "runbookURL"),
        ({**with_backends("CRD"), "workload": "StaticPod"}, "StaticPod has no service account"),
        ({"config": {"clusterID": "c", "server": {"mapAccounts": [123456789012]}}}, "mapAccounts"),
    ],
)
def test_what_cannot_work_is_refused(helm: Helm, values, says):
    done = helm.template(values, check=False)
    assert done.returncode != 0
    assert says in done.stderr


@pytest.mark.parametrize("name", COMBINATIONS)
def test_containers_may_do_little(helm: Helm, name):
    objects = helm.objects(COMBINATIONS[name])
    spec = pod_spec(objects)
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert spec["hostNetwork"] is True
    assert "hostPID" not in spec and "hostIPC" not in spec
    assert spec["priorityClassName"] == "system-node-critical"
    (container,) = spec["containers"]
    context = container["securityContext"]
    assert context["runAsNonRoot"] is True and context["runAsUser"] > 0
    assert context["readOnlyRootFilesystem"] is True and context["allowPrivilegeEscalation"] is False
    assert context["capabilities"] == {"drop": ["ALL"]}
    writable = [mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")]
    assert writable == ["state", "kubeconfig"]
    for start in spec.get("initContainers", []):
        assert start["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["CHOWN", "DAC_OVERRIDE", "FOWNER"]}
        assert start["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize(
    ("backends", "rules"),
    [
        (["MountedFile"], []),
        (["DynamicFile"], []),
        (["EKSConfigMap"], [("configmaps", ["list", "watch"], ["aws-auth"])]),
        (
            ["CRD"],
            [
                ("iamidentitymappings", ["list", "watch"], None),
                ("iamidentitymappings/status", ["patch"], None),
                ("events", ["create"], None),
            ],
        ),
    ],
)
def test_rights_are_those_of_the_backend(helm: Helm, backends, rules):
    objects = helm.objects(with_backends(*backends))
    given = [
        (rule["resources"][0], rule["verbs"], rule.get("resourceNames"))
        for item in objects
        if item["kind"] in ("Role", "ClusterRole")
        for rule in item["rules"]
    ]
    assert given == rules
    spec = pod_spec(objects)
    assert spec["automountServiceAccountToken"] is bool(rules)
    for binding in (item for item in objects if item["kind"] in ("RoleBinding", "ClusterRoleBinding")):
        assert binding["subjects"] == [
            {"kind": "ServiceAccount", "name": spec["serviceAccountName"], "namespace": "kube-system"}
        ]


def test_a_single_file_is_never_mounted(helm: Helm):
    """A subPath mount does not follow edits of the ConfigMap."""
    for values in COMBINATIONS.values():
        for container in pod_spec(helm.objects(values))["containers"]:
            assert not any("subPath" in mount for mount in container["volumeMounts"])


def test_an_edit_of_the_mapping_does_not_restart_pods(helm: Helm):
    one_way, other_way = (one(helm.objects(COMBINATIONS[name]), "DaemonSet") for name in ("minimal", "mappings"))
    assert one_way == other_way


def test_arngate_takes_the_configuration(helm: Helm, tmp_path):
    for values in COMBINATIONS.values():
        objects = helm.objects(values)
        if "ConfigMap" not in kinds(objects):
            continue
        for item in objects:
            if item["kind"] == "ConfigMap" and "config.yaml" in item["data"]:
                path = tmp_path / "config.yaml"
                path.write_text(item["data"]["config.yaml"])
                run(ARNGATE, "check", "--kind=config", path)


def test_both_containers_agree_on_files_and_ports(helm: Helm):
    spec = pod_spec(helm.objects(COMBINATIONS["IPv6"]))
    start, main = spec["initContainers"][0], spec["containers"][0]
    assert start["env"] == main["env"]
    given = {item["name"]: item["value"] for item in main["env"]}
    assert given["ARNGATE_SERVER_ADDRESS"] == "::1" and given["ARNGATE_SERVER_PORT"] == "8443"
    assert main["livenessProbe"]["httpGet"] == {"host": "::1", "path": "/livez", "port": 8080}


def test_two_pods_of_a_node_share_its_ports_during_an_update(helm: Helm):
    objects = helm.objects(COMBINATIONS["pod monitor"])
    daemons = one(objects, "DaemonSet")["spec"]
    assert daemons["updateStrategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert daemons["minReadySeconds"] > 0
    main = pod_spec(objects)["containers"][0]
    assert {"name": "ARNGATE_SERVER_REUSE_PORT", "value": "true"} in main["env"]
    # A named port would keep the scheduler from putting a second pod on the node.
    assert "ports" not in main
    (endpoint,) = one(objects, "PodMonitor")["spec"]["podMetricsEndpoints"]
    assert "port" not in endpoint
    replacements = [rule["replacement"] for rule in endpoint["relabelings"] if rule.get("targetLabel") == "__address__"]
    assert replacements == ["$1:21364", "[$1]:21364"]


def test_a_pod_that_has_its_node_to_itself_names_its_ports(helm: Helm):
    objects = helm.objects(COMBINATIONS["old pod first"])
    main = pod_spec(objects)["containers"][0]
    assert {port["name"]: port["hostPort"] for port in main["ports"]} == {"webhook": 21362, "health": 21363, "metrics": 21364}
    assert all(item["name"] != "ARNGATE_SERVER_REUSE_PORT" for item in main["env"])
    assert [endpoint["port"] for endpoint in one(objects, "PodMonitor")["spec"]["podMetricsEndpoints"]] == ["metrics"]


def test_mappings_outlive_the_release(helm: Helm):
    """Helm deletes what it made, and with a definition all of its objects would go."""
    definition = one(helm.objects(COMBINATIONS["crd"]), "CustomResourceDefinition")
    assert definition["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    assert "CustomResourceDefinition" not in kinds(helm.objects(COMBINATIONS["crd kept by others"]))


def test_the_disruption_budget_is_one_for_a_daemonset(helm: Helm):
    """The disruption controller counts with maxUnavailable and percentages only where there is a scale subresource, and
    allows no eviction where it cannot."""
    spec = one(helm.objects(COMBINATIONS["disruption budget"]), "PodDisruptionBudget")["spec"]
    assert spec["minAvailable"] == 2 and "maxUnavailable" not in spec


@pytest.mark.parametrize(
    ("name", "open_to"),
    [
        ("network policy", [([21364], True)]),
        ("network policy, no metrics", []),
        ("network policy, webhook for other nodes", [([21362, 21363], False), ([21364], False)]),
    ],
)
def test_the_network_policy_opens_what_others_ask(helm: Helm, name, open_to):
    spec = one(helm.objects(COMBINATIONS[name]), "NetworkPolicy")["spec"]
    assert spec["policyTypes"] == ["Ingress"]
    assert [([port["port"] for port in rule["ports"]], "from" in rule) for rule in spec["ingress"]] == open_to


def test_helm_test_runs_where_the_webhook_does(helm: Helm):
    objects = helm.objects(COMBINATIONS["extras"])
    test = one([item for item in objects if "helm.sh/hook" in item["metadata"].get("annotations", {})], "Pod")
    (term,) = test["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert term["topologyKey"] == "kubernetes.io/hostname"
    labels = one(objects, "DaemonSet")["spec"]["template"]["metadata"]["labels"]
    assert term["labelSelector"]["matchLabels"].items() <= labels.items()
    # Not itself, and not the budget's or the policy's either.
    assert not term["labelSelector"]["matchLabels"].items() <= test["metadata"]["labels"].items()
    assert test["spec"]["hostNetwork"] is True


def test_alerts_lead_to_the_runbook(helm: Helm):
    def pages(values):
        groups = one(helm.objects(values), "PrometheusRule")["spec"]["groups"]
        return {rule["annotations"]["runbook_url"].split("#")[0] for group in groups for rule in group["rules"]}

    assert pages(COMBINATIONS["pod monitor"]) == {"https://docs.example.com/arngate/alerts.md"}
    assert pages({**MINIMAL, "metrics": {"prometheusRule": {"enabled": True}}}) == {"docs/alerts.md"}


def test_what_containers_are_told_exists(helm: Helm):
    """Commands, flags and environment names of the pods are ones that the program has."""
    configuration = (SOURCE / "docs" / "configuration.md").read_text()
    for name in ("all backends", "extras", "static pod"):
        objects = helm.objects(COMBINATIONS[name])
        spec = pod_spec(objects)
        for container in spec["containers"] + spec["initContainers"]:
            command, *flags = container["args"]
            help_text = run(ARNGATE, command, "--help").stdout
            for flag in flags:
                assert flag.split("=")[0] in help_text, f"{command} {flag}"
            for item in container["env"]:
                if item["name"].startswith("ARNGATE_"):
                    assert f"`{item['name']}`" in configuration, item["name"]


def test_each_value_is_documented(helm: Helm):
    page = (CHART / "README.md").read_text()
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    for key, value in values.items():
        names = [f"{key}.{sub}" for sub in value] if isinstance(value, dict) and value and key != "config" else [key]
        for name in names:
            assert f"`{name}" in page or f"`{key}`" in page, name


def test_rendered_manifests_are_current(helm: Helm):
    done = run("bash", SOURCE / "scripts" / "render-manifests", "--check", check=False,
               env={**helm.environment, "HELM": str(TOOLS / "helm")})
    assert done.returncode == 0, done.stdout + done.stderr

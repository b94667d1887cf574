"""Programs and schemas that the tests of the chart share."""

import json
import os
import pathlib
import subprocess

import kubernetes_validate
import pytest
import yaml

SOURCE = pathlib.Path(os.environ["ARNGATE_SOURCE_DIR"])
TOOLS = pathlib.Path(os.environ["ARNGATE_TOOLS"])
CHART = SOURCE / "charts" / "arngate"
KUBE_VERSION = "1.34.0"

# The CRDs of the Prometheus operator come with its Go module; the sum is that of its go.sum lines.
OPERATOR_MODULE = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
OPERATOR_SUM = "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s="


class Loader(yaml.SafeLoader):
    """YAML as Kubernetes reads it: "=" is a text."""


Loader.add_constructor("tag:yaml.org,2002:value", Loader.construct_scalar)


def run(*command: object, check: bool = True, **more: object) -> subprocess.CompletedProcess:
    done = subprocess.run([str(word) for word in command], text=True, capture_output=True, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{command[0]} failed ({done.returncode}):\n{done.stdout}\n{done.stderr}")
    return done


class Helm:
    """Renders the chart with values."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.program = TOOLS / "helm"
        # helm keeps caches and its settings there, not in anybody's home.
        self.environment = {**os.environ, "HELM_CACHE_HOME": str(folder), "HELM_CONFIG_HOME": str(folder),
                            "HELM_DATA_HOME": str(folder)}
        self.values = folder / "values.yaml"

    def call(self, *words: object, check: bool = True) -> subprocess.CompletedProcess:
        return run(self.program, *words, check=check, env=self.environment)

    def template(self, values: dict, check: bool = True) -> subprocess.CompletedProcess:
        self.values.write_text(yaml.safe_dump(values))
        return self.call("template", "rel", CHART, "--namespace", "kube-system", "--kube-version", KUBE_VERSION,
                         "--values", self.values, check=check)

    def objects(self, values: dict) -> list[dict]:
        return [one for one in yaml.safe_load_all(self.template(values).stdout) if one]


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    return Helm(tmp_path_factory.mktemp("helm"))


@pytest.fixture(scope="session")
def operator_schemas(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """JSON schemas of the Prometheus operator's kinds, as kubeconform looks them up."""
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    module = json.loads(run(os.environ["ARNGATE_GO"], "mod", "download", "-json", OPERATOR_MODULE, env=environment,
                            cwd=tmp_path_factory.mktemp("module")).stdout)
    assert module["Sum"] == OPERATOR_SUM
    folder = tmp_path_factory.mktemp("schemas")
    for path in (pathlib.Path(module["Dir"]) / "example" / "prometheus-operator-crd").glob("*.yaml"):
        write_schemas(yaml.load(path.read_text(), Loader), folder)
    return folder


@pytest.fixture(scope="session")
def kubernetes_schemas(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Those of the package, whose references lead to a web server, as files that refer to each other."""
    source = pathlib.Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / f"v{KUBE_VERSION}-local-strict"
    folder = tmp_path_factory.mktemp("kubernetes")
    for path in source.glob("*.json"):
        schema = json.loads(path.read_text().replace('"/api/_definitions.json', '"_definitions.json'))
        schema.pop("$id", None)
        (folder / path.name).write_text(json.dumps(schema))
    return folder


def write_schemas(crd: dict, folder: pathlib.Path) -> None:
    """A schema a version of this CRD, which refuses unknown fields as a strict API server does."""
    for version in crd["spec"]["versions"]:
        schema = version["schema"]["openAPIV3Schema"]
        close(schema)
        schema["properties"]["metadata"] = {"type": "object"}
        (folder / f"{crd['spec']['names']['kind'].lower()}_{version['name']}.json").write_text(json.dumps(schema))


def close(schema: object) -> None:
    if isinstance(schema, dict):
        keeps_all = schema.get("x-kubernetes-preserve-unknown-fields", False)
        if "properties" in schema and "additionalProperties" not in schema and not keeps_all:
            schema["additionalProperties"] = False
        for part in schema.values():
            close(part)
    elif isinstance(schema, list):
        for part in schema:
            close(part)


def kubeconform(
    folder: pathlib.Path, kubernetes_schemas: pathlib.Path, operator_schemas: pathlib.Path
) -> subprocess.CompletedProcess:
    return run(
        TOOLS / "kubeconform",
        "-strict",
        "-summary",
        "-schema-location",
        f"{kubernetes_schemas}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json",
        "-schema-location",
        f"{operator_schemas}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json",
        folder,
        check=False,
    )

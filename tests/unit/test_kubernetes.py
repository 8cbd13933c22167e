"""The Kubernetes manifests are checked against Kubernetes' own schemas and our own commands: no cluster is needed."""

import json
from functools import cache
from importlib.metadata import distribution
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.main import get_command

from clipzy_server.app.cli import app
from clipzy_server.app.settings import Settings

FOLDER = Path(__file__).parents[2] / "packaging" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
MANIFESTS = [one for name in KUSTOMIZATION["resources"] for one in yaml.safe_load_all((FOLDER / name).read_text())]
DEPLOYMENTS = {one["metadata"]["name"]: one["spec"] for one in MANIFESTS if one["kind"] == "Deployment"}
PODS = {name: spec["template"]["spec"] for name, spec in DEPLOYMENTS.items()}
CONTAINERS = [one for pod in PODS.values() for one in [*pod.get("initContainers", []), *pod["containers"]]]


@cache
def schemas():
    """Every definition, without room for what it does not name."""
    folder = "kubernetes_validate/kubernetes-json-schema/v1.37.0-local-strict"
    return json.loads(
        Path(str(distribution("kubernetes-validate").locate_file(f"{folder}/_definitions.json"))).read_text()
    )["$defs"]


def schema_of(manifest):
    group, _, version = manifest["apiVersion"].rpartition("/")
    wanted = {"group": group, "kind": manifest["kind"], "version": version}
    name = next(
        name for name, schema in schemas().items() if wanted in schema.get("x-kubernetes-group-version-kind", [])
    )
    return {"$ref": f"#/$defs/{name}", "$defs": schemas()}


def title(manifest):
    return f"{manifest['kind']} {manifest['metadata']['name']}"


@pytest.mark.parametrize("manifest", MANIFESTS, ids=title)
def test_every_manifest_fits_the_schema(manifest):
    assert [error.message for error in Draft202012Validator(schema_of(manifest)).iter_errors(manifest)] == []


def test_a_misspelt_field_would_not_fit():
    manifest = {**MANIFESTS[0], "dtaa": {}}
    assert not Draft202012Validator(schema_of(manifest)).is_valid(manifest)


def test_all_files_are_named():
    assert {*KUSTOMIZATION["resources"], "kustomization.yaml"} == {file.name for file in FOLDER.iterdir()}


@pytest.mark.parametrize("container", CONTAINERS, ids=lambda one: one["name"])
def test_every_command_parses_and_nobody_is_root(container):
    command, *options = container["args"]
    get_command(app).commands[command].make_context(command, options)
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


@pytest.mark.parametrize("pod", PODS.values(), ids=PODS)
def test_every_pod_is_the_images_user(pod):
    dockerfile = (FOLDER.parents[1] / "Dockerfile").read_text()
    assert f"--uid {pod['securityContext']['runAsUser']}" in dockerfile
    assert pod["securityContext"]["runAsNonRoot"] is True


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_services_and_budgets_find_their_pods(name):
    labels = DEPLOYMENTS[name]["template"]["metadata"]["labels"]
    selectors = [one["spec"]["selector"] for one in MANIFESTS if one["metadata"]["name"] == name]
    assert all(selector.get("matchLabels", selector) == labels for selector in selectors)


def test_the_gateway_asks_where_the_servers_listen():
    service = next(one for one in MANIFESTS if title(one) == "Service serve")["spec"]
    upstream = f"serve:{service['ports'][0]['port']}"
    assert upstream in PODS["gateway"]["containers"][0]["args"]
    assert service["clusterIP"] == "None"


def test_every_setting_is_one(monkeypatch):
    settings = next(one for one in MANIFESTS if one["kind"] == "ConfigMap")["data"]
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    read = Settings()
    assert (read.storage_type, read.s3_bucket_name, read.concurrent_jobs) == ("s3", "clipzy", 1)
    assert (read.sandbox, read.trusted_proxies) == ("best-effort", 1)

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from typing_extensions import override

from clipzy.rest.v1 import rest_pb2
from clipzy_server.domain.errors import ErrorCode
from clipzy_server.rest.documented import documentation_of
from clipzy_server.rest.jobs import JobRoutes
from clipzy_server.rest.openapi.comments import SERVICES, comments_of, proto_files
from clipzy_server.rest.openapi.document import BASE, build_document
from clipzy_server.rest.openapi.operation import without_ranges
from clipzy_server.rest.openapi.routes import described_services
from clipzy_server.rest.services import ROUTES
from clipzy_server.transport.statuses import STATUSES

KEPT = Path(__file__).parents[4] / "docs" / "openapi.json"


@pytest.fixture(scope="module")
def document():
    return build_document(ROUTES)


def operations(document):
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def resolved(document, node):
    if "$ref" not in node:
        return node
    for name in node["$ref"].removeprefix("#/").split("/"):
        document = document[name]
    return document


def test_every_rpc_of_the_facade_is_in_the_document(document):
    named = {operation["operationId"] for _, _, operation in operations(document)}
    for service in rest_pb2.DESCRIPTOR.services_by_name.values():
        for rpc in service.methods:
            assert rpc.name[0].lower() + rpc.name[1:] in named, f"{service.name}.{rpc.name} is not documented"


def test_a_handler_that_says_nothing_of_itself_is_found_out():
    class Silent(JobRoutes):
        @override
        async def GetJob(self, request, context):
            raise AssertionError

    with pytest.raises(LookupError, match="GetJob has no @documented"):
        build_document([Silent if kind is JobRoutes else kind for kind in ROUTES])


def test_a_service_without_handlers_is_found_out():
    with pytest.raises(LookupError, match="JobService"):
        build_document([kind for kind in ROUTES if kind is not JobRoutes])


def test_it_is_valid_openapi(document):
    validate(document)


def test_the_copy_in_docs_is_the_one_that_is_served(document):
    assert json.loads(KEPT.read_text()) == json.loads(json.dumps(document))


def test_every_operation_has_words_of_its_own_and_a_name_of_its_own(document):
    every = operations(document)
    assert len({operation["operationId"] for _, _, operation in every}) == len(every)
    for _, _, operation in every:
        assert operation["summary"]
        assert operation["description"]
        assert all(parameter["description"] for parameter in operation.get("parameters", []))
    assert all(tag["description"] for tag in document["tags"])


def test_every_schema_says_what_it_is(document):
    assert [name for name, schema in document["components"]["schemas"].items() if not schema.get("description")] == []


def test_only_what_needs_no_token_says_so(document):
    free = {operation["operationId"] for _, _, operation in operations(document) if operation.get("security") == []}
    assert free == {"checkHealth", "getOpenApi", "describeUploads", "describeUploadsOptions"}
    for _, _, operation in operations(document):
        assert ("401" in operation["responses"]) is (operation["operationId"] not in free)


def test_every_code_a_handler_names_stands_at_its_status(document):
    for service in described_services():
        servicer = next(
            kind for kind in ROUTES if f"{service.name}Servicer" in {base.__name__ for base in kind.__mro__}
        )
        for route in service.routes:
            responses = document["paths"][route.path.removeprefix(BASE)][route.method.lower()]["responses"]
            documented = documentation_of(getattr(servicer, route.rpc))
            for code in (without_ranges(documented) if route.method == "HEAD" else documented).failures:
                response = resolved(document, responses[str(STATUSES[code].http)])
                assert code.value in response["description"]


def test_a_route_fails_with_all_that_the_typed_call_of_its_name_fails_with(document):
    every = {operation["operationId"]: operation["responses"] for _, _, operation in operations(document)}
    missing = set()
    for name, comment in typed_calls():
        responses = every.get(name[0].lower() + name[1:])
        if responses is None:
            continue
        told = " ".join(resolved(document, response)["description"] for response in responses.values())
        codes = re.findall(rf"\b(?:{'|'.join(ErrorCode)})\b", comment)
        missing |= {(name, code) for code in codes if f"`{code}`" not in told}
    # In REST the bytes of a resumable upload have a route of their own, and a path is never without its id.
    assert missing == {
        ("UploadVideo", "UPLOAD_NOT_FOUND"),
        ("UploadVideo", "UPLOAD_OFFSET_CONFLICT"),
        ("ResendDelivery", "MISSING_FIELD"),
    }


def typed_calls():
    """Names of the RPCs of `clipzy.v1` with their comments."""
    for file in proto_files("clipzy.v1"):
        for place, comment in comments_of(file).items():
            if len(place) == 4 and place[0] == SERVICES:
                yield file.service[place[1]].method[place[3]].name, comment


def test_every_code_is_told_to_clients(document):
    code = document["components"]["schemas"]["Failure"]["properties"]["error"]["properties"]["code"]
    assert set(code["enum"]) == {code.value for code in ErrorCode}


def test_examples_are_of_the_form_they_show(document):
    def check(content):
        for media in content.values():
            validator = Draft202012Validator({**media.get("schema", {}), "components": document["components"]})
            for example in media.get("examples", {}).values():
                validator.validate(example["value"])

    for _, _, operation in operations(document):
        check(operation.get("requestBody", {}).get("content", {}))
        for response in operation["responses"].values():
            check(resolved(document, response).get("content", {}))

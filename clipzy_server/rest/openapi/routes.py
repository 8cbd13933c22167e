"""The routes of `clipzy.rest.v1` with the comments of their protos, read from the descriptor that `make gen` writes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor_pb2 import FileDescriptorProto, MethodDescriptorProto

from clipzy_server.rest.openapi.comments import METHODS, SERVICES, comments_of, field_comments, proto_files

PACKAGE = "clipzy.rest.v1"


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP method on one path: the RPC it leads to, and what the proto says of both."""

    service: str
    rpc: str
    method: str
    path: str
    comment: str
    variables: Mapping[str, str]
    is_first: bool

    @property
    def rpc_path(self) -> str:
        """`/clipzy.rest.v1.JobService/GetJob`."""
        return f"/{PACKAGE}.{self.service}/{self.rpc}"

    @property
    def operation_id(self) -> str:
        """`GetJob` → `getJob`; a further method on the same RPC is named for it: `downloadOutputHead`."""
        name = self.rpc[0].lower() + self.rpc[1:]
        return name if self.is_first else name + self.method.capitalize()


@dataclass(frozen=True, slots=True)
class RestService:
    """A service, what its proto says of it, and its routes."""

    name: str
    comment: str
    routes: tuple[Route, ...]


@cache
def described_services() -> tuple[RestService, ...]:
    """Every service in the order of the protos."""
    return tuple(service for file in proto_files(PACKAGE) for service in _services(file))


def _services(file: FileDescriptorProto) -> Iterator[RestService]:
    comments, variables = comments_of(file), field_comments(file)
    for i, service in enumerate(file.service):
        routes: list[Route] = []
        for j, method in enumerate(service.method):
            comment = comments.get((SERVICES, i, METHODS, j), "")
            routes += _routes(service.name, method, comment, variables.get(method.input_type.rpartition(".")[2], {}))
        yield RestService(service.name, comments.get((SERVICES, i), ""), tuple(routes))


def _routes(service: str, rpc: MethodDescriptorProto, comment: str, fields: Mapping[str, str]) -> Iterator[Route]:
    rule: HttpRule = rpc.options.Extensions[annotations_pb2.http]
    for n, binding in enumerate((rule, *rule.additional_bindings)):
        method, path = _method_and_path(binding)
        names = re.findall(r"{(\w+)}", path)
        variables = {name: fields.get(name, "") for name in names}
        yield Route(service, rpc.name, method, path, comment, variables, is_first=n == 0)


def _method_and_path(binding: HttpRule) -> tuple[str, str]:
    pattern = str(binding.WhichOneof("pattern"))
    if pattern == "custom":
        return binding.custom.kind, binding.custom.path
    return pattern.upper(), str(getattr(binding, pattern))

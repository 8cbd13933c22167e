"""Which scope each method needs: what the protos declare (`clipzy/v1/scope.proto`), read once at the start."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection

from clipzy.v1 import scope_pb2
from clipzy_server.domain.owner import Scope

OPEN_SERVICES = (health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME)
"""Not ours, so they declare nothing; they tell nobody's things."""

_MEANINGS: Mapping[int, Scope | None] = MappingProxyType(
    {
        scope_pb2.SCOPE_NONE: None,
        scope_pb2.SCOPE_READ: Scope.READ,
        scope_pb2.SCOPE_WRITE: Scope.WRITE,
        scope_pb2.SCOPE_ADMIN: Scope.ADMIN,
    }
)


def declared_scopes(service_names: Iterable[str]) -> Mapping[str, Scope | None]:
    """Full method (`/clipzy.v1.JobService/GetJob`) → the scope it needs, None where no token is asked for.

    Raises LookupError naming a method that declares none.
    """
    scopes: dict[str, Scope | None] = {path: None for name in OPEN_SERVICES for path, _ in _methods(name)}
    for name in service_names:
        for path, method in _methods(name):
            declared: int = method.GetOptions().Extensions[scope_pb2.required_scope]  # type: ignore[index] # the stubs
            if declared not in _MEANINGS:
                raise LookupError(f"{path} declares no required_scope, so it cannot be served")
            scopes[path] = _MEANINGS[declared]
    return MappingProxyType(scopes)


def _methods(service_name: str) -> list[tuple[str, MethodDescriptor]]:
    service = descriptor_pool.Default().FindServiceByName(service_name)
    return [(f"/{service_name}/{method.name}", method) for method in service.methods]

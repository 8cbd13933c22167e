"""All of REST, ready for the server."""

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.rest.health import HealthRoutes
from clipzy_server.rest.jobs import JobRoutes
from clipzy_server.rest.openapi.document import build_document
from clipzy_server.rest.openapi_route import OpenApiRoutes
from clipzy_server.rest.styles import StyleRoutes
from clipzy_server.rest.uploads import UploadRoutes
from clipzy_server.rest.usage import UsageRoutes
from clipzy_server.rest.videos import VideoRoutes
from clipzy_server.rest.webhooks import WebhookRoutes
from clipzy_server.transport.server import Service
from clipzy_server.usecases.use_cases import UseCases

ROUTES: tuple[type, ...] = (
    HealthRoutes,
    OpenApiRoutes,
    VideoRoutes,
    UploadRoutes,
    JobRoutes,
    StyleRoutes,
    WebhookRoutes,
    UsageRoutes,
)
"""Every class of handlers; each method of theirs says by `@documented` what it takes and answers."""


def rest_services(cases: UseCases) -> tuple[Service, ...]:
    """The services of `clipzy.rest.v1` on the use cases."""
    services = rest_pb2.DESCRIPTOR.services_by_name
    return (
        Service(
            services["HealthService"].full_name,
            HealthRoutes(cases.health),
            rest_pb2_grpc.add_HealthServiceServicer_to_server,
        ),
        Service(
            services["OpenApiService"].full_name,
            OpenApiRoutes(build_document(ROUTES)),
            rest_pb2_grpc.add_OpenApiServiceServicer_to_server,
        ),
        Service(
            services["VideoService"].full_name,
            VideoRoutes(cases.videos),
            rest_pb2_grpc.add_VideoServiceServicer_to_server,
        ),
        Service(
            services["UploadService"].full_name,
            UploadRoutes(cases.uploads),
            rest_pb2_grpc.add_UploadServiceServicer_to_server,
        ),
        Service(
            services["JobService"].full_name, JobRoutes(cases.jobs), rest_pb2_grpc.add_JobServiceServicer_to_server
        ),
        Service(
            services["StyleService"].full_name,
            StyleRoutes(cases.styles),
            rest_pb2_grpc.add_StyleServiceServicer_to_server,
        ),
        Service(
            services["UsageService"].full_name,
            UsageRoutes(cases.usages),
            rest_pb2_grpc.add_UsageServiceServicer_to_server,
        ),
        Service(
            services["WebhookService"].full_name,
            WebhookRoutes(cases.webhooks),
            rest_pb2_grpc.add_WebhookServiceServicer_to_server,
        ),
    )

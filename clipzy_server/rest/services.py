"""All of REST, ready for the server."""

from clipzy.rest.v1 import rest_pb2, rest_pb2_grpc
from clipzy_server.rest.health import HealthRoutes
from clipzy_server.rest.jobs import JobRoutes
from clipzy_server.rest.openapi.document import build_document
from clipzy_server.rest.openapi_route import OpenApiRoutes
from clipzy_server.rest.styles import StyleRoutes
from clipzy_server.rest.uploads import UploadRoutes
from clipzy_server.rest.videos import VideoRoutes
from clipzy_server.rest.webhooks import WebhookRoutes
from clipzy_server.transport.server import Service
from clipzy_server.usecases.health import Health
from clipzy_server.usecases.jobs import Jobs
from clipzy_server.usecases.resumable import ResumableUploads
from clipzy_server.usecases.styles import Styles
from clipzy_server.usecases.videos import Videos
from clipzy_server.usecases.webhooks import Webhooks

ROUTES: tuple[type, ...] = (
    HealthRoutes,
    OpenApiRoutes,
    VideoRoutes,
    UploadRoutes,
    JobRoutes,
    StyleRoutes,
    WebhookRoutes,
)
"""Every class of handlers; each method of theirs says by `@documented` what it takes and answers."""


def rest_services(
    health: Health, videos: Videos, uploads: ResumableUploads, jobs: Jobs, styles: Styles, webhooks: Webhooks
) -> tuple[Service, ...]:
    """The services of `clipzy.rest.v1` on the use cases."""
    services = rest_pb2.DESCRIPTOR.services_by_name
    return (
        Service(
            services["HealthService"].full_name,
            HealthRoutes(health),
            rest_pb2_grpc.add_HealthServiceServicer_to_server,
        ),
        Service(
            services["OpenApiService"].full_name,
            OpenApiRoutes(build_document(ROUTES)),
            rest_pb2_grpc.add_OpenApiServiceServicer_to_server,
        ),
        Service(
            services["VideoService"].full_name, VideoRoutes(videos), rest_pb2_grpc.add_VideoServiceServicer_to_server
        ),
        Service(
            services["UploadService"].full_name,
            UploadRoutes(uploads),
            rest_pb2_grpc.add_UploadServiceServicer_to_server,
        ),
        Service(services["JobService"].full_name, JobRoutes(jobs), rest_pb2_grpc.add_JobServiceServicer_to_server),
        Service(
            services["StyleService"].full_name, StyleRoutes(styles), rest_pb2_grpc.add_StyleServiceServicer_to_server
        ),
        Service(
            services["WebhookService"].full_name,
            WebhookRoutes(webhooks),
            rest_pb2_grpc.add_WebhookServiceServicer_to_server,
        ),
    )

"""All typed services, ready for the server."""

from clipzy.v1 import (
    health_service_pb2,
    health_service_pb2_grpc,
    job_service_pb2,
    job_service_pb2_grpc,
    style_service_pb2,
    style_service_pb2_grpc,
    usage_service_pb2,
    usage_service_pb2_grpc,
    video_service_pb2,
    video_service_pb2_grpc,
    webhook_service_pb2,
    webhook_service_pb2_grpc,
)
from clipzy_server.api.health_service import HealthService
from clipzy_server.api.job_service import JobService
from clipzy_server.api.style_service import StyleService
from clipzy_server.api.usage_service import UsageService
from clipzy_server.api.video_service import VideoService
from clipzy_server.api.webhook_service import WebhookService
from clipzy_server.transport.server import Service
from clipzy_server.usecases.use_cases import UseCases


def api_services(cases: UseCases) -> tuple[Service, ...]:
    """The services of `clipzy.v1` on the use cases."""
    return (
        Service(
            health_service_pb2.DESCRIPTOR.services_by_name["HealthService"].full_name,
            HealthService(cases.health),
            health_service_pb2_grpc.add_HealthServiceServicer_to_server,
        ),
        Service(
            video_service_pb2.DESCRIPTOR.services_by_name["VideoService"].full_name,
            VideoService(cases.videos, cases.uploads),
            video_service_pb2_grpc.add_VideoServiceServicer_to_server,
        ),
        Service(
            job_service_pb2.DESCRIPTOR.services_by_name["JobService"].full_name,
            JobService(cases.jobs),
            job_service_pb2_grpc.add_JobServiceServicer_to_server,
        ),
        Service(
            style_service_pb2.DESCRIPTOR.services_by_name["StyleService"].full_name,
            StyleService(cases.styles),
            style_service_pb2_grpc.add_StyleServiceServicer_to_server,
        ),
        Service(
            usage_service_pb2.DESCRIPTOR.services_by_name["UsageService"].full_name,
            UsageService(cases.usages),
            usage_service_pb2_grpc.add_UsageServiceServicer_to_server,
        ),
        Service(
            webhook_service_pb2.DESCRIPTOR.services_by_name["WebhookService"].full_name,
            WebhookService(cases.webhooks),
            webhook_service_pb2_grpc.add_WebhookServiceServicer_to_server,
        ),
    )

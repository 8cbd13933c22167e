"""Everything a run of a job has to know, read from the database."""

from dataclasses import dataclass

from clipzy_server.domain.errors import ErrorCode, NotFound
from clipzy_server.domain.job import Job, JobMode, Stage
from clipzy_server.domain.style import StyleDna
from clipzy_server.domain.video import Video
from clipzy_server.store.database import Database
from clipzy_server.store.jobs import find_jobs
from clipzy_server.store.styles import find_style
from clipzy_server.store.videos import find_video

TEMPLATE = "template"
FOOTAGE = "footage"


@dataclass(frozen=True, slots=True)
class JobOrder:
    """A job and its inputs. The style comes from `style` if given, else from the template, else from the footage."""

    job: Job
    footage: Video
    template: Video | None
    style: StyleDna | None

    @property
    def is_extraction(self) -> bool:
        """The job ends with the Style DNA."""
        return self.job.config.mode is JobMode.EXTRACT_ONLY

    @property
    def last_stage(self) -> Stage:
        """The stage after which the job is complete."""
        return Stage.STYLE_EXTRACTION if self.is_extraction else Stage.RENDERING

    @property
    def style_role(self) -> str:
        """Whose style is measured, unless one was given."""
        return TEMPLATE if self.template is not None else FOOTAGE

    @property
    def analysed(self) -> dict[str, Video]:
        """The videos to analyse, by role: footage for applying a style, the style's source for measuring one."""
        videos = {}
        if self.style is None and self.template is not None:
            videos[TEMPLATE] = self.template
        if not self.is_extraction or (self.style is None and self.template is None):
            videos[FOOTAGE] = self.footage
        return videos


async def read_job(database: Database, job_id: str) -> Job:
    """The job's present row. Raises NotFound."""
    jobs = await find_jobs(database, (job_id,))
    if not jobs:
        raise NotFound(ErrorCode.JOB_NOT_FOUND, "The job does not exist.", job_id)
    return jobs[0]


async def read_order(database: Database, job: Job) -> JobOrder:
    """The job's inputs. Raises NotFound where one of them was deleted."""
    owner_id = job.owner_id
    footage = await find_video(database, owner_id, job.video_id)
    template = None
    if job.template_video_id is not None:
        template = await find_video(database, owner_id, job.template_video_id)
    style = job.config.style_json
    if style is None and job.config.style_id is not None:
        saved = await find_style(database, owner_id, job.config.style_id)
        if saved is None:
            raise NotFound(ErrorCode.STYLE_NOT_FOUND, "The style does not exist any more.", job.config.style_id)
        style = saved.style
    if footage is None or (template is None and job.template_video_id is not None):
        raise NotFound(ErrorCode.VIDEO_NOT_FOUND, "A video of this job does not exist any more.")
    return JobOrder(job, footage, template if style is None else None, style)

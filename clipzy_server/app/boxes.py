"""How boxes for foreign media close here, and what may be used in one."""

import logging

from clipzy_server.app.settings import MIB, Settings
from clipzy_server.media.confinement import BoxMode, BoxState, box_state
from clipzy_server.media.file_rules import FileRules
from clipzy_server.media.sandbox_limits import BoxPolicy, Limits

_log = logging.getLogger("clipzy.sandbox")


def box_policy(settings: Settings) -> BoxPolicy:
    """How foreign files are opened here. Raises SystemExit where boxes must close and can't."""
    if box_state(settings.sandbox) is BoxState.PARTIAL:
        missing = "This kernel lacks Landlock (5.13 or newer) or filters of system calls"
        if settings.sandbox is BoxMode.REQUIRED:
            raise SystemExit(f"{missing}: CLIPZY_SANDBOX=best-effort goes on without.")
        _log.warning("%s: the sandbox goes on without", missing)
    rules = FileRules(
        settings.format_rules,
        settings.max_video_pixels,
        settings.max_video_seconds,
        settings.max_video_frames,
        settings.max_video_streams,
        settings.max_video_frame_rate,
    )
    return BoxPolicy(settings.sandbox, rules)


def stage_limits(settings: Settings) -> Limits:
    """What one stage may use."""
    return Limits(
        address_space_bytes=settings.stage_address_space_mb * MIB,
        memory_bytes=settings.stage_memory_mb * MIB,
        file_bytes=settings.stage_file_mb * MIB,
        cpu_s=settings.stage_cpu_s,
        stall_s=settings.stage_stall_seconds,
        still_s=settings.stage_still_seconds,
    )

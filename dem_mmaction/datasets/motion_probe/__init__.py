"""The motion probe: generated videos whose class shows only in their motion.

A shape moves over a background: it goes left, right, up or down, turns left or right,
grows or shrinks, or does two of these at once. Each video has its own speed, and in
every second video the speed varies. Do not flip the frames in training: a left motion
that is mirrored is a right one.
"""

from .generate import generate_probe
from .render import render_video
from .sheet import contact_sheet
from .spec import (
    CLASS_SETS,
    CLASSES,
    CLUTTER,
    PROFILES,
    SPLITS,
    ProbeSpec,
    VideoInfo,
    video_info,
)

__all__ = [
    'CLASSES',
    'CLASS_SETS',
    'CLUTTER',
    'PROFILES',
    'SPLITS',
    'ProbeSpec',
    'VideoInfo',
    'contact_sheet',
    'generate_probe',
    'render_video',
    'video_info',
]

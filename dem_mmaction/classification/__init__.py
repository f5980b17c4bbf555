"""What happens when in a video of any length: windows, scores, a timeline."""

from .captions import write_captions
from .classifier import WindowClassifier
from .report import top_table, write_timeline
from .timeline import Segment, Timeline
from .windows import FramesOnce, WindowPipeline, window_starts

__all__ = [
    'FramesOnce',
    'Segment',
    'Timeline',
    'WindowClassifier',
    'WindowPipeline',
    'top_table',
    'window_starts',
    'write_captions',
    'write_timeline',
]

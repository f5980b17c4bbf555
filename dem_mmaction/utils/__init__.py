"""What every part of the package may use: costs, files, Markdown tables, processes."""

from .complexity import PartCosts, costs, costs_of_parts
from .configs import find_step, pipeline_of_test, split_at_decoding
from .files import (
    claim_folder,
    distinct_stems,
    in_a_line,
    read_names,
    refuse_other_settings,
    write_text,
    written_aside,
)
from .lock import FolderInUseError, locked
from .logs import logged_scalars
from .markdown import markdown_table
from .processes import end_with_parent
from .random_state import RandomState
from .rates import check_rates, nearest_rate
from .seen_pixels import pixels

__all__ = [
    'FolderInUseError',
    'PartCosts',
    'RandomState',
    'check_rates',
    'claim_folder',
    'costs',
    'costs_of_parts',
    'distinct_stems',
    'end_with_parent',
    'find_step',
    'in_a_line',
    'locked',
    'logged_scalars',
    'markdown_table',
    'nearest_rate',
    'pipeline_of_test',
    'pixels',
    'read_names',
    'refuse_other_settings',
    'split_at_decoding',
    'write_text',
    'written_aside',
]

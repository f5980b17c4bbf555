"""Self-contained pages: one HTML file with tables that sort, drawings and clips.

They need no server and no network, follow the light or dark colours of the reader's
system, fit a phone, and can be used by keyboard and screen reader.
"""

from .markdown import page_of_markdown
from .page import Page, Section, SortableTable
from .pictures import Picture, drawing, moving, picture_of, write_moving

__all__ = [
    'Page',
    'Picture',
    'Section',
    'SortableTable',
    'drawing',
    'moving',
    'page_of_markdown',
    'picture_of',
    'write_moving',
]

"""What a page is made of, and the one file that it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dem_mmaction.utils import write_text

from .pictures import Picture

#: Pages that are larger cannot be sent by mail, in bytes.
MOST = 10_000_000


@dataclass(frozen=True)
class SortableTable:
    """A table whose columns sort.

    Attributes:
        caption: What it shows.
        head: Names of the columns.
        rows: Cells; the first of each is the name of the row.
    """

    caption: str
    head: Sequence[object]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        title: Its heading.
        texts: Paragraphs.
        tables: Tables after them.
        pictures: Pictures after these.
    """

    title: str
    texts: Sequence[str] = ()
    tables: Sequence[SortableTable] = ()
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True)
class Page:
    """A page that needs no other file, no server and no network.

    Attributes:
        title: Its heading.
        summary: Paragraphs in plain words.
        sections: Its parts.
    """

    title: str
    summary: Sequence[str]
    sections: Sequence[Section]

    def write(self, path: Path) -> Path:
        """Write the page as HTML.

        Raises:
            ValueError: It has more than ``MOST`` bytes; nothing is written.
        """
        from jinja2 import Environment, StrictUndefined

        template = Path(__file__).with_name('page.html').read_text(encoding='utf-8')
        html = Environment(autoescape=True, undefined=StrictUndefined)
        text = html.from_string(template).render(page=self)
        size = len(text.encode())
        if size > MOST:
            raise ValueError(
                f'{path} would have {size / 1e6:.1f} MB, more than {MOST / 1e6:.0f}: '
                'choose fewer pictures.'
            )
        write_text(path, text)
        return Path(path)

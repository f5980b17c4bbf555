"""Pages of the Markdown that this package writes: headings, paragraphs, tables."""

import re
from pathlib import Path

from .page import Page, Section, SortableTable
from .pictures import picture_of


def page_of_markdown(text: str, folder: Path) -> Page:
    """Make a page of a report in Markdown.

    Args:
        text: Headings, paragraphs, tables as :func:`dem_mmaction.utils.markdown_table`
            writes them, and pictures that stand alone.
        folder: What the paths of pictures are relative to.
    """
    title, sections = '', [('', [], [], [])]
    for block in re.split(r'\n\s*\n', text.strip()):
        if heading := re.match(r'(#+) (.*)', block):
            if heading[1] == '#' and not title:
                title = heading[2]
            else:
                sections.append((heading[2], [], [], []))
            block = block[heading.end() :].strip()
        _, texts, tables, pictures = sections[-1]
        if block.startswith('|'):
            head, _, *rows = [
                [cell.strip() for cell in line.strip('|').split(' | ')]
                for line in block.splitlines()
            ]
            tables.append(SortableTable(sections[-1][0] or title, head, rows))
        elif picture := re.fullmatch(r'!\[(.*)\]\((.*)\)', block):
            pictures.append(picture_of(Path(folder) / picture[2], picture[1]))
        elif block:
            texts.append(' '.join(block.split()))
    (_, summary, *rest), *others = sections
    found = [Section(*own) for own in others]
    if any(rest):
        found.insert(0, Section('Results', (), *rest))
    return Page(title, summary, found)

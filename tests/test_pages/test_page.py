"""A page by its text, and in a real browser where there is one.

With ``DEM_PAGES=a.html:b.html`` these pages are looked at, and ``DEM_SCREENSHOTS=DIR``
gets a picture of each: those of the docs are made so.
"""

import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from dem_mmaction.pages import (
    Page,
    Section,
    SortableTable,
    drawing,
    moving,
    page_of_markdown,
)
from dem_mmaction.utils import markdown_table

ROWS = [('b <&>', '2.5', 'x'), ('a', '10.0 [1, 2] *', 'y'), ('c', '', 'z')]


def page():
    figure = Figure(figsize=(3, 2))
    figure.subplots().plot([1, 3, 2])
    frames = [np.full((24, 32, 3), 60 * i, np.uint8) for i in range(4)]
    return Page(
        'A title',
        ['In plain words.'],
        [
            Section(
                'Numbers',
                ['Some text.'],
                [SortableTable('All of them', ['name', 'value', 'kind'], ROWS)],
                [
                    drawing(figure, 'A curve'),
                    moving(frames, 'Four frames', 'grey', fps=8),
                ],
            ),
            Section('Wide', tables=[SortableTable('w', range(40), [range(40)])]),
        ],
    )


class Tags(HTMLParser):
    """The tags of a page with their attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_page_needs_nothing_else(tmp_path):
    text = page().write(tmp_path / 'page.html').read_text()
    tags = Tags(text).found
    links = [
        own[key]
        for _, own in tags
        for key in ('src', 'href', 'xlink:href')
        if key in own
    ]
    assert links and all(link.startswith(('#', 'data:')) for link in links)
    assert 'b &lt;&amp;&gt;' in text and '<&>' not in text
    (image,) = [own for tag, own in tags if tag == 'img']
    assert image['alt'] == 'Four frames'
    assert image['src'].startswith('data:image/webp;base64,')
    (svg,) = [own for tag, own in tags if tag == 'svg']
    assert svg['aria-label'] == 'A curve' and svg['role'] == 'img'
    assert 'currentColor' in text and '#000000' not in text
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_a_page_that_is_too_large_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr('dem_mmaction.pages.page.MOST', 1000)
    with pytest.raises(ValueError, match='page.html would have .* MB, more than'):
        page().write(tmp_path / 'page.html')
    assert not list(tmp_path.iterdir())


def test_a_report_in_markdown_becomes_a_page(tmp_path):
    table = markdown_table(['name', 'value'], [['a', 1], ['b', 2]])
    text = f'# Table 1\n\nSome\ntext.\n\n{table}\n### More\n\n{table}'
    own = page_of_markdown(text, tmp_path)
    assert own.title == 'Table 1' and own.summary == ['Some text.']
    assert [section.title for section in own.sections] == ['Results', 'More']
    assert own.sections[0].tables[0].rows == [['a', '1'], ['b', '2']]


@pytest.fixture
def browser():
    playwright = pytest.importorskip('playwright.sync_api', reason='no playwright')
    chromium = shutil.which('chromium') or shutil.which('google-chrome')
    if chromium is None:
        pytest.skip('no chromium on this machine')
    with playwright.sync_playwright() as own:
        started = own.chromium.launch(
            executable_path=chromium, args=['--no-sandbox', '--disable-gpu']
        )
        yield started
        started.close()


class Tab:
    """A page in a window of a width, and what the browser said of it."""

    def __init__(self, browser, path, width, height=800):
        self.tab = browser.new_page(viewport=dict(width=width, height=height))
        self.said = []
        self.tab.on('console', lambda message: self.said.append(message.text))
        self.tab.on('pageerror', lambda error: self.said.append(str(error)))
        self.tab.goto(path.resolve().as_uri())

    def fits(self):
        width = self.tab.evaluate('document.documentElement.scrollWidth')
        return width <= self.tab.viewport_size['width']

    def has_all_pictures(self):
        loaded = '[...document.images].every(i => i.complete && i.naturalWidth > 0)'
        return self.tab.evaluate(loaded)

    def first_column(self):
        return self.tab.locator('tbody').first.locator('th').all_inner_texts()

    def numbers(self):
        """Of the second column; an empty cell is above all others."""
        cells = self.tab.locator('tbody').first.locator('tr td:nth-child(2)')
        return [
            float(text.split()[0]) if text else float('inf')
            for text in cells.all_inner_texts()
        ]


def test_in_a_browser(browser, tmp_path):
    own = Tab(browser, page().write(tmp_path / 'page.html'), 390)
    assert own.fits() and own.has_all_pictures()
    value = own.tab.get_by_role('button', name='value')
    value.focus()
    own.tab.keyboard.press('Enter')
    assert own.first_column() == ['b <&>', 'a', 'c']
    own.tab.keyboard.press('Enter')
    assert own.first_column() == ['c', 'a', 'b <&>']
    own.tab.get_by_role('button', name='name').click()
    assert own.first_column() == ['a', 'b <&>', 'c']
    for scheme, dark in (('light', False), ('dark', True)):
        own.tab.emulate_media(color_scheme=scheme)
        back = own.tab.evaluate('getComputedStyle(document.body).backgroundColor')
        assert (back == 'rgb(23, 24, 27)') == dark
    assert own.said == []


def test_on_a_phone_and_on_a_desk(browser, tmp_path):
    named = [Path(own) for own in os.environ.get('DEM_PAGES', '').split(':') if own]
    for path in named or [page().write(tmp_path / 'page.html')]:
        phone = Tab(browser, path, 390)
        assert phone.fits() and phone.has_all_pictures(), path
        names = sorted(phone.first_column())
        head = phone.tab.locator('table').first.get_by_role('button').nth(1)
        for down in (False, True):
            head.click()
            found = phone.numbers()
            assert found == sorted(found, reverse=down), path
        assert found[0] > found[-1] and sorted(phone.first_column()) == names, path
        desk = Tab(browser, path, 1150, 1300)
        assert desk.fits() and desk.has_all_pictures(), path
        assert phone.said == desk.said == [], path
        if folder := os.environ.get('DEM_SCREENSHOTS'):
            desk.tab.screenshot(path=Path(folder) / f'{path.stem}.png')

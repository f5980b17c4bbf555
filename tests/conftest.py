"""What tests share: the registries, real videos."""

import gc
import os
from pathlib import Path

import pytest
import torch
from support import ROOT

import dem_mmaction  # noqa: F401  closes the gaps of the stack, registers everything

REAL_VIDEOS = Path(os.environ.get('DEM_DATA', ROOT.parent / 'shared' / 'data'))
NO_REAL_VIDEOS = f'no folder {REAL_VIDEOS}'
torch.set_num_threads(1)  # tests run in as many processes as there are cores


@pytest.fixture(scope='session')
def data() -> Path:
    """The folder of real videos, ``DEM_DATA`` or ``../shared/data``."""
    if not REAL_VIDEOS.is_dir():
        pytest.skip(NO_REAL_VIDEOS)
    return REAL_VIDEOS.resolve()


def pytest_collection_finish() -> None:
    """Leave what there is before the tests to no collection of garbage."""
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once how many tests lacked the real videos, and how to get them."""
    skipped = terminalreporter.getreports('skipped')
    lacking = sum(NO_REAL_VIDEOS in str(report.longrepr) for report in skipped)
    if lacking:
        terminalreporter.write_line(
            f'{lacking} tests on real videos were skipped: {NO_REAL_VIDEOS}; set '
            'DEM_DATA to a folder with the videos and lists that docs/data.md names '
            '("Real videos for the tests").',
            yellow=True,
        )

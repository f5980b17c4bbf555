"""What tests share: the registries, real videos."""

import os
from pathlib import Path

import pytest
import torch

import dem_mmaction  # noqa: F401  closes the gaps of the stack, registers everything

ROOT = Path(__file__).resolve().parents[1]
torch.set_num_threads(1)  # tests run in as many processes as there are cores


@pytest.fixture(scope='session')
def data() -> Path:
    """The folder of real videos, `DEM_DATA` or ../shared/data."""
    folder = Path(os.environ.get('DEM_DATA', ROOT.parent / 'shared' / 'data'))
    if not folder.is_dir():
        pytest.skip(f'no real videos at {folder}; set DEM_DATA')
    return folder.resolve()

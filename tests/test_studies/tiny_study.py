"""A study of tiny networks on few generated videos."""

import dataclasses

from dem_mmaction.datasets.motion_probe import ProbeSpec
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.study import (
    Cell,
    Comparison,
    Experiment,
    Row,
    Small,
    Study,
    Table,
)

MODEL = dict(backbone=dict(base_channels=4), cls_head=dict(in_channels=32))
VIDEOS = ProbeSpec(train=32, val=8, test=16, frames=40, size=(32, 32))
PROBE = dataclasses.replace(
    INSTRUMENTS['probe'],
    rates=(1, 2),
    videos=dict(motion_probe=VIDEOS),
    transfer=INSTRUMENTS['probe'].config,
)
NET = Experiment('net', Small(changes=dict(model=MODEL)), 'r2p1d_minik.py', (1, 2))
PLAIN = Experiment('plain', Small(dict(dem_stages=[]), changes=dict(model=MODEL)))
TUNED = Experiment(
    'tuned',
    Small(dict(frozen_stages=3), changes=dict(model=MODEL), transfer=True),
    'r2p1d_minik.py',
    start='net',
)


def study(*experiments):
    """A table and a comparison of experiments."""
    rows = tuple(Row((e.name,), e.name) for e in experiments)
    table = Table(
        ('network',),
        ('top-1',),
        tuple(
            ((e.name,), (Cell((e.name,), 1, 'video/top1', 50.0),)) for e in experiments
        ),
    )
    return Study('one', 'one', experiments, Comparison(('network',), rows), table)

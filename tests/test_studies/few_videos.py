"""The probe with few videos, and a network to train on it."""

import dataclasses

from dem_mmaction.datasets.motion_probe import ProbeSpec
from dem_mmaction.studies.instruments import INSTRUMENTS
from dem_mmaction.studies.study import Experiment, Small

PROBE = dataclasses.replace(
    INSTRUMENTS['probe'], videos=dict(motion_probe=ProbeSpec(train=48, val=16, test=16))
)
EXPERIMENT = Experiment(
    'net', Small(dict(dem_stages=['conv1']), rate=2), 'r3d_minik.py'
)

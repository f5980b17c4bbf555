#!/usr/bin/env python
"""Train a recognizer: ``tools/train.py CONFIG [--work-dir DIR] [--resume] ...``.

Runs MMAction2's own train.py after registering DEM and takes all of its flags: see
``--help``.
"""

from dem_mmaction.engine import run_mmaction_tool

if __name__ == '__main__':
    run_mmaction_tool('train.py')

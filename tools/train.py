#!/usr/bin/env python
"""Train a recognizer: ``tools/train.py CONFIG [--work-dir DIR] [--resume] ...``.

MMAction2's own train.py with DEM registered; all of its flags (``--help``).
"""

from dem_mmaction.engine import run_mmaction_tool

if __name__ == '__main__':
    run_mmaction_tool('train.py')

#!/usr/bin/env python
"""Test a recognizer: ``tools/test.py CONFIG CHECKPOINT [--dump FILE.pkl] ...``.

Runs MMAction2's own test.py after registering DEM and takes all of its flags: see
``--help``.
"""

from dem_mmaction.engine import run_mmaction_tool

if __name__ == '__main__':
    run_mmaction_tool('test.py')

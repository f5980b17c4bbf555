# A small R(2+1)D without DEM, as large as that with it, on the motion probe, generated
# videos of 32x32: minutes on a CPU. It has no counterpart in the thesis.
# `make demo` makes the videos, trains and tests it; docs/results.md has its accuracies.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/probe/r2p1d_probe.py
_base_ = 'r2p1d_dem_probe.py'

model = dict(backbone=dict(dem_stages=[]))

# A small R(2+1)D with DEM in conv2_x alone, where the thesis gains most (Table 4.3), on
# the motion probe, generated videos of 32x32: minutes on a CPU.
# `make demo` makes the videos, trains and tests it; docs/results.md has its accuracies.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/probe/r2p1d_dem_conv2x_probe.py
_base_ = 'r2p1d_dem_probe.py'

model = dict(backbone=dict(dem_stages=['conv2_x']))

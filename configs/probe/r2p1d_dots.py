# A small R(2+1)D without DEM, as large as that with it, on random dots, the harder kind
# of the motion probe: generated videos of 32x32, 1,200 steps. It has no counterpart in
# the thesis. docs/data.md describes them.
# tools/data/make_probe.py data/dots_probe --kind dots --val 384 --test 768
# tools/train.py configs/probe/r2p1d_dots.py
_base_ = 'r2p1d_dem_dots.py'

model = dict(backbone=dict(dem_stages=[]))

# A small R(2+1)D without DEM, as large as that with it, on the Weizmann actions of 7
# people, daria left out for the test: 400 steps of 16 clips. It has no counterpart in
# the thesis. docs/data.md says how to prepare the videos.
# tools/train.py configs/weizmann/r2p1d_weizmann.py
_base_ = 'r2p1d_dem_weizmann.py'

model = dict(backbone=dict(dem_stages=[]))

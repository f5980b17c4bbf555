# The same network with DEM in conv2_x alone, where the thesis gains most (Table 4.3).
# No counterpart in the thesis. `make demo` trains and tests it.
# tools/train.py configs/probe/r2p1d_dem_conv2x_probe.py
_base_ = 'r2p1d_dem_probe.py'

model = dict(backbone=dict(dem_stages=['conv2_x']))

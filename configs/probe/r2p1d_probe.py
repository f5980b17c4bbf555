# The same network without DEM, at an equal number of parameters, on the motion probe.
# No counterpart in the thesis. `make demo` trains and tests it.
# tools/train.py configs/probe/r2p1d_probe.py
_base_ = 'r2p1d_dem_probe.py'

model = dict(backbone=dict(dem_stages=[]))

# R(2+1)D-18 without DEM, from scratch on Kinetics-400, 4 GPUs.
# Future work in the thesis (section 5.2): it gives no accuracy.
# tools/dist_train.sh configs/kinetics400/r2p1d_kinetics400.py 4
_base_ = 'r2p1d_dem_kinetics400.py'

model = dict(backbone=dict(dem_stages=[]))

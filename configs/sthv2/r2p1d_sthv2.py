# R(2+1)D-18 without DEM, from scratch on Something-Something v2, 4 GPUs.
# Future work in the thesis (section 5.2): it gives no accuracy.
# tools/dist_train.sh configs/sthv2/r2p1d_sthv2.py 4
_base_ = 'r2p1d_dem_sthv2.py'

model = dict(backbone=dict(dem_stages=[]))

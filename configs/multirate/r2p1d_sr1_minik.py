# R(2+1)D-18 without DEM, stem of 45 midplanes (midplanes='vmz'), from scratch on
# every frame (SR 1) of miniKinetics, 4 GPUs.
# The thesis: video top-1 52.52, 51.63, 47.27 % tested at SR 1, 2, 4 (Table 4.1).
# tools/dist_train.sh configs/multirate/r2p1d_sr1_minik.py 4
_base_ = 'r2p1d_dem_sr1_minik.py'

model = dict(backbone=dict(dem_stages=[]))

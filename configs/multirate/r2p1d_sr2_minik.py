# R(2+1)D-18 without DEM, stem of 45 midplanes (midplanes='vmz'), from scratch on
# every second frame (SR 2) of miniKinetics, 4 GPUs.
# The thesis: video top-1 50.50, 52.24, 50.66 % tested at SR 1, 2, 4 (Table 4.1).
# tools/dist_train.sh configs/multirate/r2p1d_sr2_minik.py 4
_base_ = 'r2p1d_dem_sr2_minik.py'

model = dict(backbone=dict(dem_stages=[]))

# R(2+1)D-18 with DEM in every unit, stem of 14 midplanes (midplanes='vmz'), from
# scratch on every frame (SR 1) of miniKinetics, 4 GPUs.
# The thesis: video top-1 53.53, 53.13, 49.36 % tested at SR 1, 2, 4 (Table 4.1).
# tools/dist_train.sh configs/multirate/r2p1d_dem_sr1_minik.py 4
_base_ = '../r2p1d_dem_minik.py'

model = dict(backbone=dict(midplanes='vmz'))

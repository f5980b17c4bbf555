# R(2+1)D-18 without DEM, stem of 45 midplanes, miniKinetics at SR 1, 4 GPUs.
# The thesis: video top-1 52.52, 51.63, 47.27 % tested at SR 1, 2, 4 (Table 4.1).
# tools/dist_train.sh configs/multirate/r2p1d_sr1_minik.py 4
_base_ = [
    '../_base_/models/r2p1d_dem_18.py',
    '../_base_/datasets/minikinetics.py',
    '../_base_/schedules/adam_plateau.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(midplanes='vmz', dem_stages=[]))

# R(2+1)D-18 without DEM, Random Temporal Skipping (Zhu and Newsam, 2018), miniKinetics.
# The thesis names it as the rival of DEM and gives no accuracy.
# tools/dist_train.sh configs/variants/r2p1d_rts_minik.py 4
_base_ = [
    '../_base_/models/r2p1d_dem_18.py',
    '../_base_/datasets/minikinetics_rts.py',
    '../_base_/schedules/adam_plateau.py',
    '../_base_/default_runtime.py',
]

model = dict(backbone=dict(midplanes='vmz', dem_stages=[]))

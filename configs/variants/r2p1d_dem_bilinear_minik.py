# R(2+1)D-18, DEM in every unit, D and x fused by bilinear pooling, from
# scratch on miniKinetics, 4 GPUs. Its baseline is r2p1d_dem_minik.py.
# The thesis gives no accuracy; it names this fusion (section 3.2).
# tools/dist_train.sh configs/variants/r2p1d_dem_bilinear_minik.py 4
_base_ = '../r2p1d_dem_minik.py'

model = dict(backbone=dict(dem_cfg=dict(fusion='bilinear')))

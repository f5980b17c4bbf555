# R(2+1)D-18, DEM in every unit, ReLU in place of ReLU-6 in DEM, from
# scratch on miniKinetics, 4 GPUs. Its baseline is r2p1d_dem_minik.py.
# The thesis gives no accuracy; it saw ReLU overflow in fp16 (section 4.1.2).
# tools/dist_train.sh configs/variants/r2p1d_dem_relu_minik.py 4
_base_ = '../r2p1d_dem_minik.py'

model = dict(backbone=dict(dem_cfg=dict(act_cfg=dict(type='ReLU'))))

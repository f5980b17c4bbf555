# MMAction2's X3D-M (Feichtenhofer, CVPR 2020) with channel-wise DEM on the features
# that enter each temporal or 3D convolution, from scratch on miniKinetics, 4 GPUs.
# DEM comes on top: x3d_minik.py is smaller. The thesis has no accuracy of it.
# tools/dist_train.sh configs/hosts/x3d_dem_minik.py 4
_base_ = '../r2p1d_dem_minik.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='X3D',
        gamma_w=1,
        gamma_b=2.25,
        gamma_d=2.2,
        conv_cfg=dict(type='DEMConv3d', dem_cfg=dict(groups='channelwise')),
    ),
    cls_head=dict(in_channels=432),
)

# MMAction2's ir-CSN-50 (Tran et al., ICCV 2019) with channel-wise DEM on the features
# that enter each 3D convolution but the first, from scratch on miniKinetics, 4 GPUs.
# DEM comes on top: csn_minik.py is smaller. The thesis has no accuracy of it.
# tools/dist_train.sh configs/hosts/csn_dem_minik.py 4
_base_ = '../r2p1d_dem_minik.py'

model = dict(
    backbone=dict(
        _delete_=True,
        type='ResNet3dCSN',
        pretrained=None,
        pretrained2d=False,
        depth=50,
        bottleneck_mode='ir',
        with_pool2=False,
        conv_cfg=dict(type='DEMConv3d', dem_cfg=dict(groups='channelwise')),
    ),
    cls_head=dict(in_channels=2048),
)

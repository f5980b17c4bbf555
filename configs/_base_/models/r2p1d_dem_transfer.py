# What is fine-tuned from miniKinetics: conv5_x and the classifier, the rest frozen with
# its batch statistics.
_base_ = 'r2p1d_dem_18.py'

model = dict(
    backbone=dict(
        frozen_stages=3,
        init_cfg=dict(
            type='Pretrained',
            prefix='backbone.',
            checkpoint='work_dirs/r2p1d_dem_minik/best.pth',
        ),
    )
)

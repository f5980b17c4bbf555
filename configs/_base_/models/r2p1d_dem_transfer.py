# What is fine-tuned from miniKinetics: conv5_x and the classifier, the rest frozen with
# its batch statistics. Training needs model.backbone.init_cfg.checkpoint set to weights
# of the same network; without, it ends with an error that is the text below.
_base_ = 'r2p1d_dem_18.py'

model = dict(
    backbone=dict(
        frozen_stages=3,
        init_cfg=dict(
            type='Pretrained',
            prefix='backbone.',
            checkpoint='best checkpoint of the training on miniKinetics (set '
            'model.backbone.init_cfg.checkpoint to its path)',
        ),
    )
)

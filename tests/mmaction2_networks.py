"""Networks of MMAction2 itself, of few channels."""

from mmaction.registry import MODELS

from dem_mmaction.models.public_weights import NETWORKS


def stock_r2plus1d(**kwargs):
    """MMAction2's ``ResNet2Plus1d`` as its R(2+1)D-34 has it, with 8 channels."""
    (zoo,) = (own for own in NETWORKS if 'MMAction2' in own.name)
    own = dict(type='ResNet2Plus1d', base_channels=8, conv_cfg=dict(type='Conv2plus1d'))
    config = {**zoo.backbone, **own, **kwargs}
    del config['with_pool2']
    return MODELS.build(config)

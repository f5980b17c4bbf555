"""A small recognizer whose scores are no trivial ones."""

import torch
from mmaction.registry import MODELS
from torch import nn

CLIPS = dict(type='ActionDataPreprocessor', format_shape='NCTHW')
PIXELS = dict(CLIPS, mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])


def recognizer(preprocessor=PIXELS, **backbone):
    """A recognizer of 5 classes; its norms have seen clips, its DEMs have moved."""
    torch.manual_seed(0)
    model = MODELS.build(
        dict(
            type='Recognizer3D',
            backbone=dict(
                dict(type='R2Plus1DDEM', depth=10, base_channels=8), **backbone
            ),
            cls_head=dict(type='ClipVideoHead', num_classes=5, in_channels=64),
            data_preprocessor=preprocessor,
        )
    )
    model.init_weights()
    for dem in model.backbone.dems():
        nn.init.normal_(dem.scale, std=0.1)
    for _ in range(30):  # of running statistics
        model.backbone((clips(4) - 127) / 58)
    return model.eval()


def clips(number, frames=16):
    """Pixels of clips, (number, 3, frames, 32, 32)."""
    return 255 * torch.rand(number, 3, frames, 32, 32)

# R(2+1)D-18 with DEM in every unit, midplanes of Table 3.1: the parameters of R3D-18.
# A smaller network takes two numbers, the backbone's base_channels (64 by default) and
# the head's in_channels, which is always 8 times as large. With 16 base channels:
#     --cfg-options model.backbone.base_channels=16 model.cls_head.in_channels=128
model = dict(
    type='Recognizer3D',
    backbone=dict(type='R2Plus1DDEM', depth=18, midplanes='equivalent'),
    cls_head=dict(
        type='ClipVideoHead',
        num_classes=200,
        in_channels=512,
        spatial_type='avg',
        dropout_ratio=0.0,
        init_std=0.01,
        average_clips='prob',
    ),
    data_preprocessor=dict(
        type='ActionDataPreprocessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        format_shape='NCTHW',
    ),
)

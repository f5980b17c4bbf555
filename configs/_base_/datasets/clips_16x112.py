# Clips of 16 frames at 112x112 from annotation lists (section 4.1 of the thesis): four
# random clips of each video an epoch, from one opening of its file, resized with
# jitter, rotated, cropped and flipped; one central clip to validate, ten evenly spaced
# ones to test. A data set adds ann_file and num_classes. Configs that change a step of
# a pipeline find it by its type.
sample = dict(type='SampleFrames', clip_len=16, frame_interval=1)
pack = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(
        type='PackActionInputs', meta_keys=('img_shape', 'filename', 'frame_interval')
    ),
]

train_pipeline = [
    dict(type='VideoInit'),
    dict(num_clips=4, **sample),
    dict(type='VideoDecode'),
    dict(type='ClipWarp', size=112, scale=(171, 128)),
    *pack,
]
val_pipeline = [
    dict(type='VideoInit'),
    dict(num_clips=1, test_mode=True, **sample),
    dict(type='VideoDecode'),
    dict(type='ClipCenterCrop', size=112, scale=(171, 128)),
    *pack,
]
test_pipeline = [
    dict(type='VideoInit'),
    dict(num_clips=10, test_mode=True, **sample),
    dict(type='VideoDecode'),
    dict(type='ClipCenterCrop', size=112, scale=(171, 128)),
    *pack,
]

workers = dict(num_workers=8, persistent_workers=True)
train_dataloader = dict(
    batch_size=6,  # videos, 24 clips
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='VideoListDataset', pipeline=train_pipeline),
    **workers,
)
val_dataloader = dict(
    batch_size=24,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='VideoListDataset', pipeline=val_pipeline, test_mode=True),
    **workers,
)
test_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    # MMAction2's clip_feature_extraction.py asks for data_prefix.
    dataset=dict(
        type='VideoListDataset',
        pipeline=test_pipeline,
        test_mode=True,
        data_prefix=None,
    ),
    **workers,
)

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
val_evaluator = dict(type='ClipVideoAccuracy')
test_evaluator = dict(type='ClipVideoAccuracy')

# Clips of 16 frames at 112x112 from annotation lists (section 4.1 of the thesis): four
# random clips of each video an epoch, one central clip to validate, ten evenly spaced
# ones to test. A data set adds ann_file and num_classes.
sample = dict(type='SampleFrames', clip_len=16, frame_interval=1)
resize = dict(type='Resize', scale=(171, 128), keep_ratio=False)
pack = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(type='PackActionInputs')
]

train_pipeline = [
    dict(type='VideoInit'),
    dict(num_clips=1, **sample),
    dict(type='VideoDecode'), resize,
    dict(type='RandomCrop', size=112),
    dict(type='Flip', flip_ratio=0.5), *pack
]
val_pipeline = [
    dict(type='VideoInit'),
    dict(num_clips=1, test_mode=True, **sample),
    dict(type='VideoDecode'), resize,
    dict(type='CenterCrop', crop_size=112), *pack
]
test_pipeline = [
    dict(type='VideoInit'),
    dict(num_clips=10, test_mode=True, **sample),
    dict(type='VideoDecode'), resize,
    dict(type='CenterCrop', crop_size=112), *pack
]

workers = dict(num_workers=8, persistent_workers=True)
train_dataloader = dict(
    batch_size=24,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='RepeatDataset',
        times=4,
        dataset=dict(type='VideoListDataset', pipeline=train_pipeline)),
    **workers)
val_dataloader = dict(
    batch_size=24,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VideoListDataset', pipeline=val_pipeline, test_mode=True),
    **workers)
test_dataloader = dict(
    batch_size=4,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VideoListDataset', pipeline=test_pipeline, test_mode=True),
    **workers)

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
val_evaluator = dict(type='ClipVideoAccuracy')
test_evaluator = dict(type='ClipVideoAccuracy')

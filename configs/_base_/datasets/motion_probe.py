# The motion probe: generated videos of 32x32, 8 classes of motion that no single frame
# tells apart, half of the videos steady, half of varied speed. Generate it first:
#     tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# Frames enter the network as they are, so that another size also works. No flip: it
# would turn left into right. Videos to learn from are decoded once and kept in memory,
# 397 MB; those of the test are read from files, as by MMAction2's demos.
sample = dict(type='SampleFrames', clip_len=16, frame_interval=1)
pack = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(
        type='PackActionInputs',
        meta_keys=('img_shape', 'filename', 'profile', 'motion', 'frame_interval'),
    ),
]

train_pipeline = [dict(num_clips=1, **sample), dict(type='ArrayDecode'), *pack]
val_pipeline = [
    dict(num_clips=1, test_mode=True, **sample),
    dict(type='ArrayDecode'),
    *pack,
]
test_pipeline = [
    dict(type='VideoInit'),
    dict(num_clips=4, test_mode=True, **sample),
    dict(type='VideoDecode'),
    *pack,
]

# Nothing is decoded while the network trains: no worker to wait for.
workers = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    batch_size=16,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='VideoListDataset',
        ann_file='data/motion_probe/train.txt',
        num_classes=8,
        in_memory=True,
        pipeline=train_pipeline,
    ),
    **workers,
)
testing = dict(sampler=dict(type='DefaultSampler', shuffle=False), **workers)
test_set = dict(type='VideoListDataset', num_classes=8, test_mode=True)
val_dataloader = dict(
    batch_size=64,
    dataset=dict(
        ann_file='data/motion_probe/val.txt',
        in_memory=True,
        pipeline=val_pipeline,
        **test_set,
    ),
    **testing,
)
test_dataloader = dict(
    batch_size=16,
    dataset=dict(
        ann_file='data/motion_probe/test.txt',
        pipeline=test_pipeline,
        data_prefix=None,  # MMAction2's clip_feature_extraction.py asks for it
        **test_set,
    ),
    **testing,
)

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
val_evaluator = dict(type='ClipVideoAccuracy', split_by='motion')
test_evaluator = val_evaluator

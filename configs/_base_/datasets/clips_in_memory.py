# What the small real data sets share: videos are decoded once and kept in memory, and
# clips of 16 frames enter the network. The epoch is chosen on a validation list of its
# own; a data set sets ann_file, num_classes, in_memory and pipeline of each loader.
pack = [
    dict(type='FormatShape', input_format='NCTHW'),
    dict(
        type='PackActionInputs', meta_keys=('img_shape', 'filename', 'frame_interval')
    ),
]

# Videos look the same on either side, and are moved and turned but little.
warp = dict(type='ClipWarp', jitter=(1.0, 1.15), max_angle=5.0, flip_ratio=0.5)

# Nothing is decoded while the network trains: no worker to wait for.
workers = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    batch_size=16,
    drop_last=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(type='VideoListDataset'),
    **workers,
)
val_dataloader = dict(
    batch_size=16,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(type='VideoListDataset', test_mode=True),
    **workers,
)
test_dataloader = dict(
    batch_size=16,
    sampler=dict(type='DefaultSampler', shuffle=False),
    # MMAction2's clip_feature_extraction.py asks for data_prefix.
    dataset=dict(type='VideoListDataset', test_mode=True, data_prefix=None),
    **workers,
)

val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
val_evaluator = dict(type='ClipVideoAccuracy')
test_evaluator = val_evaluator

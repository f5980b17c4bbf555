# Weizmann actions (Blank et al., ICCV 2005): 10 classes by 9 people, a video each. The
# people walk either way, so that a flip changes no class. One person is left out for
# the test, here daria, and the next one for the validation. Prepare it first:
#     tools/data/prepare.py weizmann --videos WEIZMANN
# Another person, in each of the three lists:
#     --cfg-options train_dataloader.dataset.ann_file=data/weizmann/train_PERSON.txt ...
_base_ = 'clips_in_memory.py'

num_classes = 10
in_memory = (50, 40)  # width and height of the frames, 0.28 times those on disk
crop = (42, 34)
sample = dict(type='SampleFrames', clip_len=16, frame_interval=1)
# Seven people are few: a network that sees their clothes learns those.
decode = [dict(type='ArrayDecode'), dict(type='SubtractBackground')]
train_pipeline = [
    dict(num_clips=1, **sample),
    *decode,
    dict(size=crop, scale=in_memory, **_base_.warp),
    *_base_.pack,
]
test_pipeline = [
    dict(num_clips=4, test_mode=True, **sample),
    *decode,
    dict(type='ClipCenterCrop', size=crop, scale=in_memory),
    *_base_.pack,
]

videos = dict(num_classes=num_classes, in_memory=in_memory)
train_dataloader = dict(
    dataset=dict(
        ann_file='data/weizmann/train_daria.txt', pipeline=train_pipeline, **videos
    )
)
val_dataloader = dict(
    dataset=dict(
        ann_file='data/weizmann/val_daria.txt', pipeline=test_pipeline, **videos
    )
)
test_dataloader = dict(
    dataset=dict(
        ann_file='data/weizmann/test_daria.txt', pipeline=test_pipeline, **videos
    )
)

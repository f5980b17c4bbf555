# Spoken words of the GRID corpus (Cooke et al., JASA 2006): the mouth of one speaker,
# 26 words that are no letters. A clip of 16 frames has the middle of the word in its
# own middle, at every sub-sampling rate. Prepare it first:
#     tools/data/prepare.py words --videos GRID/videos --lists GRID
_base_ = 'clips_in_memory.py'

num_classes = 26
in_memory = (36, 27)  # width and height of the frames, 0.28 times those on disk
crop = (32, 24)
sample = dict(type='SampleAround', clip_len=16, frame_interval=1, centre='centre')
# Less change than the base: the network without DEM ended at 87 % of the validation
# part instead of 75 (one run each).
warp = dict(_base_.warp, jitter=(1.0, 1.04), max_angle=0.0)
train_pipeline = [
    dict(jitter=1, **sample),
    dict(type='ArrayDecode'),
    dict(size=crop, scale=in_memory, **warp),
    *_base_.pack,
]
test_pipeline = [
    dict(test_mode=True, **sample),
    dict(type='ArrayDecode'),
    dict(type='ClipCenterCrop', size=crop, scale=in_memory),
    *_base_.pack,
]

videos = dict(num_classes=num_classes, in_memory=in_memory)
train_dataloader = dict(
    dataset=dict(ann_file='data/words/train.txt', pipeline=train_pipeline, **videos)
)
val_dataloader = dict(
    dataset=dict(ann_file='data/words/val.txt', pipeline=test_pipeline, **videos)
)
test_dataloader = dict(
    dataset=dict(ann_file='data/words/test.txt', pipeline=test_pipeline, **videos)
)

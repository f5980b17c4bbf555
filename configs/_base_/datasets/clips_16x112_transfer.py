# As clips_16x112.py, with three clips of a video in tests (UCF-101 and HMDB-51).
_base_ = 'clips_16x112.py'

test_pipeline = [
    dict(step, num_clips=3) if step.type == 'SampleFrames' else step
    for step in _base_.test_pipeline
]
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))

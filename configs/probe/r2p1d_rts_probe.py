# A small R(2+1)D without DEM on the motion probe, generated videos of 32x32, trained by
# Random Temporal Skipping (Zhu and Newsam, 2018): intervals of 1 to 4 frames inside a
# clip, tests at SR 1. Minutes on a CPU. Its baseline is r2p1d_probe.py, the same
# network trained at SR 1.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/probe/r2p1d_rts_probe.py
_base_ = 'r2p1d_probe.py'

train_pipeline = [
    dict(type='RandomTemporalSkipping', clip_len=16, max_interval=4)
    if step.type == 'SampleFrames'
    else step
    for step in _base_.train_pipeline
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

# A small R(2+1)D without DEM on the motion probe, generated videos of 32x32, trained as
# a Frame Flexible Network (Zhang et al., 2023): on SR 1, 2 and 4 at once, with norms
# and adapters for each. Minutes on a CPU; a step costs three of r2p1d_probe.py, its
# baseline, the same network trained at SR 1. docs/dem.md describes the method.
# tools/data/make_probe.py data/motion_probe --size 32 32 --train 1152 --val 192
# tools/train.py configs/probe/r2p1d_ffn_probe.py
_base_ = 'r2p1d_probe.py'

rates = [1, 2, 4]
model = dict(type='FrameFlexibleRecognizer3D', rates=rates)
train_pipeline = [
    dict(type='SampleMultiRate', rates=rates, clip_len=16)
    if step.type == 'SampleFrames'
    else step
    for step in _base_.train_pipeline
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

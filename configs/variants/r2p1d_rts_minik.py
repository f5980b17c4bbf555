# R(2+1)D-18 without DEM, stem of 45 midplanes (midplanes='vmz'), trained by Random
# Temporal Skipping (Zhu and Newsam, 2018): intervals of 1 to 4 frames inside a clip,
# tests at SR 1. From scratch on miniKinetics, 4 GPUs.
# Its baseline is multirate/r2p1d_sr1_minik.py, the same network trained at SR 1. The
# thesis names the method as the rival of DEM and gives no accuracy.
# tools/dist_train.sh configs/variants/r2p1d_rts_minik.py 4
_base_ = '../multirate/r2p1d_sr1_minik.py'

train_pipeline = [
    dict(type='RandomTemporalSkipping', clip_len=16, max_interval=4, num_clips=4)
    if step.type == 'SampleFrames'
    else step
    for step in _base_.train_pipeline
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

# miniKinetics, trained by Random Temporal Skipping: intervals of 1 to 4 frames inside a
# clip, four clips of each video an epoch; tests at sub-sampling rate 1.
_base_ = 'minikinetics.py'

train_pipeline = _base_.train_pipeline
train_pipeline[1] = dict(
    type='RandomTemporalSkipping', clip_len=16, max_interval=4, num_clips=4
)

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))

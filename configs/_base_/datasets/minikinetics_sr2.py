# miniKinetics, every second frame: sub-sampling rate 2, in training and in tests.
_base_ = 'minikinetics.py'

train_pipeline = _base_.train_pipeline
val_pipeline = _base_.val_pipeline
test_pipeline = _base_.test_pipeline
train_pipeline[1].frame_interval = 2
val_pipeline[1].frame_interval = 2
test_pipeline[1].frame_interval = 2

train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))

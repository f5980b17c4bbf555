# Fine-tuning in the thesis (section 4.4): SGD, a rate of 0.0004 divided by 10 when the
# validation loss stops falling, the end when it is below 4e-7.
train_cfg = dict(
    type='EpochBasedTrainLoop', max_epochs=80, val_begin=1, val_interval=1)

optim_wrapper = dict(
    type='AmpOptimWrapper',
    loss_scale='dynamic',
    accumulative_counts=2,
    optimizer=dict(type='SGD', lr=0.0004, momentum=0.9))

param_scheduler = dict(
    type='ReduceOnPlateauLR', monitor='loss', rule='less', factor=0.1, patience=2)
custom_hooks = [dict(type='StopBelowRate', min_lr=4e-7)]

sync_bn = 'torch'
auto_scale_lr = dict(enable=False, base_batch_size=24)

# What training and fine-tuning share (section 4.1.2 of the thesis): the rate divided by
# 10 when the validation loss stops falling, the end when it is below 4e-7, fp16,
# synchronised BN, two accumulations a step.
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=80, val_begin=1, val_interval=1)

optim_wrapper = dict(
    type='AmpOptimWrapper', loss_scale='dynamic', accumulative_counts=2
)

# The thesis does not say how long the loss must stand still: 2 epochs here.
param_scheduler = dict(
    type='ReduceOnPlateauLR', monitor='loss', rule='less', factor=0.1, patience=2
)
custom_hooks = [dict(type='StopBelowLRHook', min_lr=4e-7)]

sync_bn = 'torch'  # every BN of the network

# In videos a step before accumulation: 4 GPUs x 6. With another number of GPUs,
# `--auto-scale-lr` scales the rate; the number of clips a step changes.
auto_scale_lr = dict(enable=False, base_batch_size=24)

# Section 4.1.2 of the thesis: Adam, the rate divided by 10 when the validation loss
# stops falling, fp16, synchronised BN, 192 clips a step = 4 GPUs x 24 clips x 2
# accumulations.
train_cfg = dict(
    type='EpochBasedTrainLoop', max_epochs=40, val_begin=1, val_interval=1)

optim_wrapper = dict(
    type='AmpOptimWrapper',
    loss_scale='dynamic',
    accumulative_counts=2,
    optimizer=dict(type='Adam', lr=0.004, betas=(0.9, 0.99)))

param_scheduler = dict(
    type='ReduceOnPlateauLR', monitor='loss', rule='less', factor=0.1, patience=2)

sync_bn = 'torch'  # every BN of the network

# Clips before accumulation. `--auto-scale-lr` scales the rate with GPUs x batch_size.
auto_scale_lr = dict(enable=False, base_batch_size=96)

# For a data set of thousands of videos on one GPU: 6 videos with 4 clips a step, fp16.
# The cosine falls to 0 over the whole run: train_cfg.max_epochs alone sets its length.
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=50, val_begin=1, val_interval=1)

optim_wrapper = dict(
    type='AmpOptimWrapper',
    loss_scale='dynamic',
    optimizer=dict(type='Adam', lr=0.001, betas=(0.9, 0.99)),
)

param_scheduler = dict(
    type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True
)

sync_bn = 'torch'
auto_scale_lr = dict(enable=False, base_batch_size=6)

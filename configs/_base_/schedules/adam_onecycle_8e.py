# A short run of small networks: the rate rises to 0.003 and falls to nothing over the
# whole run, whose length train_cfg.max_epochs alone sets.
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=8, val_interval=1)

optim_wrapper = dict(optimizer=dict(type='Adam', lr=0.003, betas=(0.9, 0.99)))

param_scheduler = dict(
    type='ProportionalOneCycleLR',
    eta_max=0.003,
    by_epoch=True,
    convert_to_iter_based=True,
)

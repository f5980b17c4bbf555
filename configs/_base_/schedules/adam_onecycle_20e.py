# A longer run of small networks, with a lower peak than that of the probe; its length
# is set by train_cfg.max_epochs alone.
_base_ = 'adam_onecycle_8e.py'

train_cfg = dict(max_epochs=20)
optim_wrapper = dict(optimizer=dict(lr=0.002))
param_scheduler = dict(eta_max=0.002)

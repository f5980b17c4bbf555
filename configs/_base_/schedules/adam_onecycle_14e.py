# A longer run of small networks on real videos, with a lower peak than that of the
# probe, reached early: before it these networks learn nothing. Its length is set by
# train_cfg.max_epochs alone.
_base_ = 'adam_onecycle_8e.py'

train_cfg = dict(max_epochs=14)
optim_wrapper = dict(optimizer=dict(lr=0.001))
param_scheduler = dict(eta_max=0.001, pct_start=0.1)

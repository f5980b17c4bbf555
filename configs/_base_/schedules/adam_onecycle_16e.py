# As over 8 epochs, twice as long.
_base_ = 'adam_onecycle_8e.py'

train_cfg = dict(max_epochs=16, val_interval=4)

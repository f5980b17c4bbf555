# For the short trainings on the motion probe: no best checkpoint, the last two.
_base_ = 'default_runtime.py'

default_hooks = dict(
    # MMEngine deletes the old one before it writes the new one: with one, a process
    # killed in between has none.
    checkpoint=dict(save_best=None, rule=None, max_keep_ckpts=2)
)

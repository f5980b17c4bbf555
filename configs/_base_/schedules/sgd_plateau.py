# Fine-tuning in the thesis (section 4.4): SGD, a rate of 0.0004 divided by 10 when the
# validation loss stops falling, the end when it is below 4e-7.
_base_ = 'plateau.py'

optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.0004, momentum=0.9))

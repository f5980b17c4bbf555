# Section 4.1.2 of the thesis: Adam, the rate divided by 10 when the validation loss
# stops falling, the end when it is below 4e-7 (about 40 epochs there), fp16,
# synchronised BN, 192 clips a step = 4 GPUs x 6 videos x 4 clips x 2 accumulations.
_base_ = 'plateau.py'

optim_wrapper = dict(optimizer=dict(type='Adam', lr=0.004, betas=(0.9, 0.99)))

# A small R(2+1)D with DEM in conv2_x alone on 26 spoken words of the GRID corpus: 3,052
# steps of 16 clips. It has no counterpart in the thesis. docs/data.md says how to
# prepare the videos.
# tools/train.py configs/words/r2p1d_dem_conv2x_words.py
_base_ = 'r2p1d_dem_words.py'

model = dict(backbone=dict(dem_stages=['conv2_x']))

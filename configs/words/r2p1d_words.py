# A small R(2+1)D without DEM, as large as that with it, on 26 spoken words of the GRID
# corpus: 3,052 steps of 16 clips. It has no counterpart in the thesis. docs/data.md
# says how to prepare the videos.
# tools/train.py configs/words/r2p1d_words.py
_base_ = 'r2p1d_dem_words.py'

model = dict(backbone=dict(dem_stages=[]))

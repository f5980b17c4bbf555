# R3D-18 with DEM on the features that enter each 3D convolution but the first, as large
# as r3d_minik.py, from scratch on miniKinetics, 4 GPUs. The thesis has no accuracy of
# it.
# tools/dist_train.sh configs/hosts/r3d_dem_minik.py 4
_base_ = '../r3d_minik.py'

model = dict(backbone=dict(dem_stages=['conv2_x', 'conv3_x', 'conv4_x', 'conv5_x']))

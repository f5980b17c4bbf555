# R(2+1)D-18 with DEM from miniKinetics to HMDB-51, split 1; every layer trains.
# A check of Table 4.4, for which the thesis gives no number of its own.
# tools/dist_train.sh configs/transfer/r2p1d_dem_hmdb51_split1_full.py 4
_base_ = 'r2p1d_dem_hmdb51_split1.py'

model = dict(backbone=dict(frozen_stages=-1))

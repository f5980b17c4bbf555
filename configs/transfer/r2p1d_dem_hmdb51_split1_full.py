# R(2+1)D-18 with DEM in every unit, fine-tuned from miniKinetics on HMDB-51, split 1:
# every layer trains, and not only those of r2p1d_dem_hmdb51_split1.py. 4 GPUs.
# A check of Table 4.4, for which the thesis gives no number of its own.
# WEIGHTS: work_dirs/r2p1d_dem_minik/best_video_top1_epoch_N.pth, with N the best
# epoch, which training configs/r2p1d_dem_minik.py leaves.
# tools/dist_train.sh configs/transfer/r2p1d_dem_hmdb51_split1_full.py 4 \
#     --cfg-options model.backbone.init_cfg.checkpoint=WEIGHTS
_base_ = 'r2p1d_dem_hmdb51_split1.py'

model = dict(backbone=dict(frozen_stages=-1))

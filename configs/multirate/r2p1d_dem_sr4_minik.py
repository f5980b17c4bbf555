# R(2+1)D-18 with DEM in every unit, stem of 14 midplanes (midplanes='vmz'), from
# scratch on every fourth frame (SR 4) of miniKinetics, 4 GPUs.
# The thesis: video top-1 49.00, 54.26, 56.27 % tested at SR 1, 2, 4 (Table 4.1).
# tools/dist_train.sh configs/multirate/r2p1d_dem_sr4_minik.py 4
_base_ = 'r2p1d_dem_sr1_minik.py'

# In training and in tests.
train_pipeline, val_pipeline, test_pipeline = (
    [
        dict(step, frame_interval=4) if step.type == 'SampleFrames' else step
        for step in pipeline
    ]
    for pipeline in (_base_.train_pipeline, _base_.val_pipeline, _base_.test_pipeline)
)
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))

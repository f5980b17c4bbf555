custom_imports = dict(imports=['dem_mmaction'], allow_failed_imports=False)
default_scope = 'mmaction'

default_hooks = dict(
    runtime_info=dict(type='RuntimeInfoHook'),
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=20, ignore_last=False),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(
        type='CheckpointHook',
        interval=1,
        max_keep_ckpts=3,
        save_best='video/top1',
        rule='greater',
    ),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    sync_buffers=dict(type='SyncBuffersHook'),
    non_finite=dict(type='NonFiniteLossHook'),
    bad_videos=dict(type='BadVideosHook', max_share=0.05, strict=False, limit=60.0),
    reseed=dict(type='ReseedEpochHook'),
    make_up=dict(type='MakeUpValidationHook'),
    save_on_signal=dict(type='SaveOnSignalHook'),
)

env_cfg = dict(
    cudnn_benchmark=True,  # clips of one size
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)

# The parts of the loss are smoothed over 20 iterations, not `loss` itself: MMEngine
# would also log the validation loss as the mean of up to 20 epochs.
log_processor = dict(
    type='LogProcessor',
    window_size=20,
    by_epoch=True,
    mean_pattern=r'.*(loss_|time|grad_norm).*',
)
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='ActionVisualizer', vis_backends=vis_backends)
log_level = 'INFO'
load_from = None
resume = False

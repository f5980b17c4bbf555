"""The networks that studies train, and what each is called."""

from typing import Any

from . import thesis
from .study import Experiment, RatesOfInstrument, Small

RATES = (1, 2, 4)
NETWORKS = dict(without='w/o DEM', dem='w/ DEM')
SPLITS = (1, 2, 3)

WITHOUT_DEM = dict(dem_stages=[])
WHOLE, HIGHEST = RatesOfInstrument(), RatesOfInstrument(highest=True)

# The networks of Tables 4.1 and 4.2: stem 45/14.
MULTIRATE = tuple(
    Experiment(
        f'{network}_sr{rate}',
        Small(dict(midplanes='vmz', **backbone), rate),
        f'multirate/r2p1d_{infix}sr{rate}_minik.py',
        rates=RATES,
    )
    for rate in RATES
    for network, infix, backbone in (('without', '', WITHOUT_DEM), ('dem', 'dem_', {}))
)

# Those of Table 4.3: stem 83/20.
STAGES = tuple(where for where in thesis.ABLATION if where not in ('none', 'all'))
ABLATION = (
    Experiment('none', Small(WITHOUT_DEM), 'r2p1d_minik.py'),
    *(
        Experiment(
            stage,
            Small(dict(dem_stages=[stage])),
            f'ablation/r2p1d_dem_{stage}_minik.py',
        )
        for stage in STAGES
    ),
    Experiment('all', Small(), 'r2p1d_dem_minik.py'),
)

# Those of Table 4.4, which start from the ablation's without DEM and with it
# everywhere; conv5_x and the classifier train.
_TRANSFERRED = (('without', '', 'none'), ('dem', 'dem_', 'all'))
TRANSFER = tuple(
    Experiment(
        f'{network}_{data}_split{split}',
        full=f'transfer/r2p1d_{infix}{data}_split{split}.py',
        start=start,
    )
    for data in ('ucf101', 'hmdb51')
    for split in SPLITS
    for network, infix, start in _TRANSFERRED
)
# In small, to other classes of the same instrument, with DEM in conv2_x as well.
TRANSFER_STARTS = tuple(
    own for own in ABLATION if own.name in ('none', 'conv2_x', 'all')
)
SMALL_TRANSFER = tuple(
    Experiment(
        f'transfer_{own.name}',
        Small(dict(own.small.backbone, frozen_stages=3), transfer=True),
        start=own.name,
    )
    for own in TRANSFER_STARTS
)


def _dem(name: str, **options: Any) -> Experiment:
    """DEM everywhere, with other arguments; in small alone."""
    return Experiment(name, Small(dict(dem_cfg=options)))


# Other networks that carry DEM, each without and with it everywhere: (host, DEM,
# experiment). R(2+1)D is the ablation's.
HOSTS = (
    ('R(2+1)D', 'none', ABLATION[0]),
    ('R(2+1)D', 'everywhere', ABLATION[-1]),
    *(
        (title, text, Experiment(f'{host}_{name}', Small(backbone, host=host)))
        for host, title in (('r3d', 'R3D'), ('p3d', 'P3D'), ('s3d', 'S3D'))
        for name, text, backbone in (
            ('none', 'none', WITHOUT_DEM),
            ('dem', 'everywhere', {}),
        )
    ),
)

# What the thesis leaves open: (group, what it is, experiment).
FORMULATION = (
    ('', 'no DEM', ABLATION[0]),
    ('', 'the default', ABLATION[-1]),
    ('start', 'scale 0.1', _dem('scale_0.1', zero_init=False, init_scale=0.1)),
    ('start', 'scale 1', _dem('scale_1', zero_init=False)),
    ('norms', 'on D alone', _dem('norm_variation', norm_places=['variation'])),
    (
        'norms',
        'on the compensation alone',
        _dem('norm_compensation', norm_places=['compensation']),
    ),
    ('norms', 'none', _dem('norm_none', norm_cfg=None)),
    (
        'activation',
        'on the compensation',
        _dem('act_compensation', act_place='compensation'),
    ),
    ('activation', 'after the sum', _dem('act_sum', act_place='sum')),
    ('activation', 'none', _dem('act_none', act_cfg=None)),
    ('activation', 'ReLU on D', _dem('act_relu', act_cfg=dict(type='ReLU'))),
    ('fusion', 'concatenation', _dem('concat', fusion='concat')),
    ('fusion', 'bilinear', _dem('bilinear', fusion='bilinear')),
    ('padding', 'replicate', _dem('replicate', padding_mode='replicate')),
    ('padding', 'circular', _dem('circular', padding_mode='circular')),
)

# Cheaper forms of DEM, and one that is trained otherwise, everywhere and in conv2_x:
# what it is, the backbone, what else to merge into the config.
_CONV2 = dict(dem_stages=['conv2_x'])
_SCALE = dict(
    optim_wrapper=dict(paramwise_cfg=dict(custom_keys={'dem.scale': dict(lr_mult=10)}))
)
_FORMS = {
    'channelwise': (
        'f, g, h channel-wise',
        dict(dem_cfg=dict(groups='channelwise')),
        {},
    ),
    'groups_4': ('f, g, h in 4 groups', dict(dem_cfg=dict(groups=4)), {}),
    'reduced_4': ('D in C/4 channels', dict(dem_cfg=dict(reduction=4)), {}),
    'first_unit': ('in the first unit of a block', dict(dem_units=[0]), {}),
    'scale_lr_10': ('scale at 10 times the learning rate', {}, _SCALE),
}
FORMS = (
    ('', 'no DEM', ABLATION[0]),
    *(
        (place, text, own)
        for place, suffix, backbone, default in (
            ('everywhere', '', {}, ABLATION[-1]),
            ('conv2_x', '_conv2x', _CONV2, ABLATION[2]),
        )
        for text, own in (
            ('the default', default),
            *(
                (
                    text,
                    Experiment(
                        f'{name}{suffix}', Small({**backbone, **form}, changes=more)
                    ),
                )
                for name, (text, form, more) in _FORMS.items()
            ),
        )
    ),
)

# Rivals on the training side, for the network without DEM: clips of varied rates, and
# one network for several rates, those of the instrument.
_TRAINING_RIVALS = (
    (
        'training',
        'Random Temporal Skipping',
        Experiment(
            'rts',
            Small(
                WITHOUT_DEM,
                sampling=dict(type='RandomTemporalSkipping', max_interval=HIGHEST),
            ),
        ),
    ),
    (
        'training',
        'Frame Flexible Network',
        Experiment(
            'ffn',
            Small(
                WITHOUT_DEM,
                changes=dict(model=dict(type='FrameFlexibleRecognizer3D', rates=WHOLE)),
                sampling=dict(type='SampleMultiRate', rates=WHOLE),
            ),
        ),
    ),
)

# Modules of other papers where DEM stands, everywhere and in conv2_x.
RIVALS = (
    ('', 'nothing', ABLATION[0]),
    ('everywhere', 'DEM', ABLATION[-1]),
    ('conv2_x', 'DEM', ABLATION[2]),
    *(
        (
            place,
            kind,
            Experiment(
                f'{kind}{suffix}', Small({**backbone, 'dem_cfg': dict(type=kind)})
            ),
        )
        for kind in (
            'TemporalShift',
            'MotionExcitation',
            'TemporalDifference',
            'GateShiftFuse',
        )
        for place, suffix, backbone in (
            ('everywhere', '', {}),
            ('conv2_x', '_conv2x', _CONV2),
        )
    ),
    *_TRAINING_RIVALS,
)

"""Small networks with and without DEM on the motion probe, in minutes on a CPU."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from mmaction.registry import MODELS
from mmengine.config import Config

from dem_mmaction.datasets.motion_probe import CLASSES, ProbeSpec, generate_probe
from dem_mmaction.evaluation import evaluate_dump

from .catalogue import PROBES, RATES
from .probe import probe_options, probe_parallel, probe_steps
from .runs import MIM, Run, claim, run_all

NETWORKS = {
    'R(2+1)D': 'r2p1d_probe.py',
    'DEM in conv2_x': 'r2p1d_dem_conv2x_probe.py',
    'DEM everywhere': 'r2p1d_dem_probe.py',
}
COLUMNS = {
    'video/top1': 'video',
    'video/top1_steady': 'video, steady',
    'video/top1_varied': 'video, varied',
    'clip/top1': 'clip',
    'clip/top1_steady': 'clip, steady',
    'clip/top1_varied': 'clip, varied',
}


def run_demo(
    work_dir: Path,
    spec: ProbeSpec = PROBES['single'],
    networks: Mapping[str, str] = NETWORKS,
    rates: Sequence[int] = RATES,
    epochs: int = 8,
    seed: int = 0,
) -> dict:
    """Generate the probe, train the networks at rate 1, test them at all rates.

    Writes ``results.json``, ``table.md`` and ``accuracy.png``. What an earlier call
    finished is kept, and what it was in the middle of is resumed.

    Args:
        work_dir: Where everything goes.
        spec: The probe.
        networks: Configs below ``configs/probe/`` by the name to show.
        rates: Sub-sampling rates to test at.
        epochs: Of training, one clip a video.
        seed: Of training.

    Returns:
        What ``results.json`` holds: ``networks``, by name the number of ``parameters``
        and by rate the metrics of :class:`ClipVideoAccuracy`, and the settings.

    Raises:
        RunError: A training or test failed; says where its log is.
        ValueError: ``work_dir`` is of a demo with other settings.
    """
    work_dir = Path(work_dir)
    settings = dict(epochs=epochs, seed=seed)
    claim(work_dir, settings)
    videos = work_dir / 'probe'
    generate_probe(videos, spec)
    configs = {
        name: MIM / 'configs' / 'probe' / file for name, file in networks.items()
    }
    folders = {name: work_dir / Path(file).stem for name, file in networks.items()}
    parallel = probe_parallel()
    options = [
        *probe_options(videos, epochs),
        f'randomness.seed={seed}',
        f'train_cfg.val_begin={epochs + 1}',  # never: it takes time
    ]
    run_all(
        [
            Run(
                'train.py',
                [config, '--resume', '--cfg-options', *options],
                folders[name],
                steps=probe_steps(spec, epochs),
            )
            for name, config in configs.items()
        ],
        'train',
        'iter',
        parallel,
    )

    dumps = {
        (name, rate): folders[name] / f'sr{rate}' / 'predictions.pkl'
        for name in networks
        for rate in rates
    }
    run_all(
        [
            Run(
                'test.py',
                [
                    configs[name],
                    folders[name] / f'epoch_{epochs}.pth',
                    '--dump',
                    dump,
                    '--cfg-options',
                    *options,
                    f'test_dataloader.dataset.pipeline.1.frame_interval={rate}',
                ],
                dump.parent,
            )
            for (name, rate), dump in dumps.items()
        ],
        'test',
        'run',
        parallel,
    )

    results = dict(
        networks={
            name: dict(
                parameters=count_parameters(configs[name]),
                rates={
                    str(rate): evaluate_dump(dumps[name, rate], split_by='motion')
                    for rate in rates
                },
            )
            for name in networks
        },
        trained_at_rate=1,
        chance=1 / len(CLASSES),
        videos=dict(train=spec.train, test=spec.test),
        **settings,
    )
    write_report(results, work_dir)
    return results


def count_parameters(config: Path) -> int:
    """Parameters of the recognizer of a config."""
    model = MODELS.build(Config.fromfile(config).model)
    return sum(parameter.numel() for parameter in model.parameters())


def write_report(results: dict, work_dir: Path) -> None:
    """Write ``results.json``, ``table.md`` and ``accuracy.png``.

    Args:
        results: As :func:`run_demo` returns.
        work_dir: Where to.
    """
    (work_dir / 'results.json').write_text(json.dumps(results, indent=1) + '\n')
    (work_dir / 'table.md').write_text(table(results))
    plot(results, work_dir / 'accuracy.png')


def table(results: dict) -> str:
    """The results as a Markdown table of percentages, a row a network and rate."""
    head = ['network', 'parameters', 'SR', *COLUMNS.values()]
    rows = [
        [
            name,
            f'{network["parameters"]:,}',
            rate,
            *(f'{100 * metrics[key]:.1f}' for key in COLUMNS),
        ]
        for name, network in results['networks'].items()
        for rate, metrics in network['rates'].items()
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        first, *rest = (
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f'| {first} | ' + ' | '.join(rest) + ' |'

    rule = (
        '|'
        + '|'.join(
            '-' * (width + 1) + (':' if i else '-') for i, width in enumerate(widths)
        )
        + '|'
    )
    return '\n'.join([line(head), rule, *map(line, rows)]) + '\n'


def plot(results: dict, path: Path) -> None:
    """Draw video top-1 over the sub-sampling rate, steady and varied videos apart."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 3.2), layout='constrained')
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, motion in zip(panels, ('steady', 'varied'), strict=True):
        for (name, network), marker in zip(
            results['networks'].items(), 'os^Dv', strict=False
        ):
            rates = [int(rate) for rate in network['rates']]
            values = [
                100 * metrics[f'video/top1_{motion}']
                for metrics in network['rates'].values()
            ]
            axes.plot(range(len(rates)), values, marker=marker, label=name)
        axes.axhline(100 * results['chance'], color='grey', linestyle=':')
        axes.annotate(
            'chance',
            (len(rates) - 1, 100 * results['chance']),
            color='grey',
            xytext=(0, 3),
            textcoords='offset points',
            ha='right',
        )
        axes.set_xticks(range(len(rates)), [str(rate) for rate in rates])
        axes.set_title(f'{motion} speed')
        axes.set_xlabel('sub-sampling rate of the test clips')
        axes.set_ylim(0, 100)
        axes.grid(alpha=0.3)
    panels[0].set_ylabel('video top-1 [%]')
    panels[0].legend(loc='lower left', bbox_to_anchor=(0, 0.14))
    figure.savefig(path, dpi=120)

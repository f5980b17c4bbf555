"""How much a recognizer suffers when actions are faster or slower than it was made for.

The test of Tables 4.1 and 4.2 of the thesis, for any MMAction2 recognizer: its test
pipeline at several sub-sampling rates, in one pass over the videos.
"""

import json
from collections.abc import Sequence
from pathlib import Path

from mmengine.config import Config


def own_rate(config: Config) -> int:
    """The sub-sampling rate that a config tests at: the interval of its frames.

    Raises:
        ValueError: Its test pipeline samples no clips of a fixed interval.
    """
    return int(_split(config)[1].get('frame_interval', 1))


def _split(config: Config) -> tuple[list, dict, dict, list]:
    """A test pipeline as: before sampling, sampling, decoding, the rest."""
    pipeline = list(config.test_dataloader.dataset.pipeline)
    kinds = [step['type'] for step in pipeline]
    for i, kind in enumerate(kinds[:-1]):
        if kind == 'SampleFrames' and 'Decode' in kinds[i + 1]:
            return pipeline[:i], pipeline[i], pipeline[i + 1], pipeline[i + 2 :]
    raise ValueError(
        'The test pipeline needs SampleFrames and a decoding step right after it, so '
        f'that the interval of its frames can be changed; it is {kinds}.'
    )


def at_rates(config: Config, rates: Sequence[int]) -> Config:
    """Make a config's test one at several rates.

    Args:
        config: Of any MMAction2 recognizer; changed in place and returned.
        rates: Sub-sampling rates: every rate-th frame of a video.

    Raises:
        ValueError: A rate is below 1 or given twice, or the pipeline does not fit.
    """
    if not rates or len(set(rates)) < len(rates) or min(rates) < 1:
        raise ValueError(f'rates={list(rates)} must be different integers from 1 on.')
    before, sample, decode, finish = _split(config)
    rates = list(rates)
    config.test_dataloader.dataset.pipeline = [
        *before,
        dict(
            type='SampleRates', rates=rates, sample=sample, decode=decode, finish=finish
        ),
    ]
    fp16 = (config.get('test_cfg') or {}).get('fp16', False)
    config.test_cfg = dict(type='RateTestLoop', rates=rates, fp16=fp16)
    return config


def by_rate(metrics: dict, rates: Sequence[int], reference: int) -> dict:
    """Sort the metrics of a :class:`RateTestLoop` and add Delta.

    Args:
        metrics: Names behind ``sr<rate>/``.
        rates: The rates.
        reference: The model's own rate. Delta is a metric minus the same one at this
            rate; it is left out where this rate was not tested.

    Returns:
        ``{rate: {'metrics': {...}, 'delta': {...}, 'too_short': videos}}``.
    """
    sorted_ = {}
    for rate in rates:
        start = f'sr{rate}/'
        own = {
            name.removeprefix(start): value
            for name, value in metrics.items()
            if name.startswith(start)
        }
        short = own.pop('too_short')
        sorted_[rate] = dict(metrics=own, too_short=short)
    for entry in sorted_.values():
        if reference in sorted_:
            entry['delta'] = {
                name: value - sorted_[reference]['metrics'][name]
                for name, value in entry['metrics'].items()
            }
    return sorted_


def report(results: dict, reference: int) -> str:
    """The metrics and their Delta as a Markdown table, a row a rate."""
    names = list(next(iter(results.values()))['metrics'])
    head = ['SR', *(cell for name in names for cell in (name, 'Delta'))]
    lines = [' | '.join(head), ' | '.join(['---:'] * len(head))]
    for rate, entry in results.items():
        cells = [f'{rate}{" (own)" if rate == reference else ""}']
        for name in names:
            delta = entry.get('delta', {}).get(name)
            cells += [
                f'{entry["metrics"][name]:.4f}',
                'not tested' if delta is None else f'{delta:+.4f}',
            ]
        lines.append(' | '.join(cells))
    return '\n'.join(f'| {line} |' for line in lines) + '\n'


def write_rates(results: dict, reference: int, folder: Path) -> None:
    """Write ``rates.json``, ``rates.md`` and ``rates.png`` to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'rates.md').write_text(report(results, reference))
    _plot(results, reference, folder / 'rates.png')
    aside = folder / 'rates.json.part'
    aside.write_text(json.dumps(dict(own_rate=reference, rates=results), indent=1))
    aside.replace(folder / 'rates.json')  # last and at once: its presence means done


def _plot(results: dict, reference: int, path: Path) -> None:
    """Draw every accuracy over the rate."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3.4), layout='constrained')
    axes = figure.subplots()
    rates = list(results)
    for name in results[rates[0]]['metrics']:
        if 'top' in name or 'mean' in name:
            values = [100 * results[rate]['metrics'][name] for rate in rates]
            axes.plot(range(len(rates)), values, marker='o', label=name)
    axes.set_xticks(
        range(len(rates)),
        [f'{rate}{" (own)" if rate == reference else ""}' for rate in rates],
    )
    axes.set_xlabel('sub-sampling rate of the test clips')
    axes.set_ylabel('accuracy [%]')
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.3)
    axes.legend(fontsize='small')
    figure.savefig(path, dpi=120)

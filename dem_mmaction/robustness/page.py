"""The page of a test of robustness."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from dem_mmaction.pages import Page, Picture, Section, SortableTable, drawing

from .clips_seen import Source, flipped_clips
from .curves import draw_families
from .families import FAMILIES
from .measures import (
    class_changes,
    class_name,
    confusion,
    families_of,
    family_robustness,
    measures,
)
from .results import ConditionResults
from .robustness_report import (
    HEAD,
    check_comparable,
    comparison_rows,
    condition_rows,
    family_rows,
    percent,
)

# Classes in the drawing of changes, from each end.
_ENDS = 15


def write_page(
    models: Sequence[ConditionResults],
    path: Path,
    source: Source | None = None,
    pictures: int = 6,
) -> Path:
    """Write the page of one model or of several side by side.

    Args:
        models: The results; the first one's classes and videos are shown.
        path: The HTML file to write.
        source: Where clips of the first model come from; None: none are shown.
        pictures: Number of videos to show, those that flip under most conditions.

    Raises:
        ValueError: The models cannot be compared, or the page is too large to send.
    """
    check_comparable(models)
    first = models[0]
    sections = [
        Section(
            'Relative robustness',
            ['Video top-1 under a condition over clean video top-1, the mean over the '
             'severities of a family, in percent, with its 95 % interval over videos.'
             + _star(models)],
            [SortableTable(
                'Relative robustness by family, in percent',
                ['what happens', 'conditions', *(own.title for own in models)],
                family_rows(models),
            )],
        ),
        Section('Curves', pictures=_curves(models)),
    ]  # fmt: skip
    if len(models) > 1:
        table = SortableTable(
            'Video top-1 in percent',
            ['condition', *(own.title for own in models)],
            comparison_rows(models),
        )
        sections.append(Section('All conditions side by side', tables=[table]))
    for own in models:
        table = SortableTable(
            f'{own.title}: percent, Delta in points',
            ['condition', *HEAD],
            condition_rows(own),
        )
        sections.append(Section(f'Conditions: {own.title}', tables=[table]))
    worst = _worst(first)
    if worst:
        sections.append(_classes(first, worst))
    if source is not None and pictures:
        shown = flipped_clips(first, source, pictures)
        sections.append(
            Section(
                'Videos that flip most',
                ['What the network saw under the clean condition, on the left, and '
                 'under another one that it takes for another class.'],
                pictures=shown,
            )
        )  # fmt: skip
    refused = [
        (name, own.title, why) for own in models for name, why in own.refused.items()
    ]
    if refused:
        table = SortableTable('Not tested', ['condition', 'model', 'why'], refused)
        sections.append(Section('Not tested', tables=[table]))
    title = f'How robust to time: {", ".join(own.title for own in models)}'
    return Page(title, _summary(models), sections).write(path)


def _star(models: Sequence[ConditionResults]) -> str:
    if len(models) < 2:
        return ''
    return f' A star marks intervals that do not overlap that of {models[0].title}.'


def _summary(models: Sequence[ConditionResults]) -> list[str]:
    """The page in plain words."""
    videos = len(models[0].labels)
    texts = [
        f'Tested on {videos} videos. Each is read as it is and under conditions in '
        'which time runs differently; what happens to the accuracy says how much the '
        'model depends on it.'
    ]
    for own in models:
        clean = measures(own, own.reference).top1
        kept = {
            family: family_robustness(own, names)
            for family, names in families_of(own).items()
        }
        kept = {family: found.mean for family, found in kept.items() if found}
        text = (
            f'{own.title} knows {percent(clean.mean)} % of the videos as they are '
            f'(95 % interval {percent(clean.low)} to {percent(clean.high)}).'
        )
        if kept:
            best, worst = max(kept, key=kept.get), min(kept, key=kept.get)
            text += (
                f' It keeps most of that, {percent(kept[best])} %, with '
                f'{FAMILIES[best].title}, and least, {percent(kept[worst])} %, with '
                f'{FAMILIES[worst].title}.'
            )
        texts.append(text)
    return texts


def _curves(models: Sequence[ConditionResults]) -> list[Picture]:
    shown = []
    for family, figure in draw_families(models).items():
        title = FAMILIES[family].title if family in FAMILIES else 'other conditions'
        alt = f'Video top-1 with 95 % intervals: {title}'
        shown.append(drawing(figure, alt))
    return shown


def _worst(results: ConditionResults) -> str | None:
    """The condition under which most is lost; None where there is but the clean one."""
    names = [name for name in results.results if name != results.reference]
    key = 'video/top1'
    return min(names, key=lambda name: results.results[name].metrics[key], default=None)


def _classes(results: ConditionResults, worst: str) -> Section:
    """Changes by class and the confusion matrices."""
    changes = class_changes(results, worst)
    rows = [
        [
            class_name(results, label),
            videos,
            percent(clean),
            percent(own),
            f'{100 * (own - clean):+.1f}',
        ]
        for label, (clean, own, videos) in changes.items()
    ]
    ranked = sorted(changes.items(), key=lambda item: item[1][1] - item[1][0])
    if len(ranked) > 2 * _ENDS:
        ranked = ranked[:_ENDS] + ranked[-_ENDS:]
    figure = Figure(figsize=(5, 1 + 0.2 * len(ranked)), layout='constrained')
    axes = figure.subplots()
    points = [100 * (own - clean) for _, (clean, own, _) in ranked]
    axes.barh([class_name(results, label) for label, _ in ranked], points)
    axes.axvline(0, color='black', linewidth=0.8)
    axes.set_xlabel(f'top-1 with {worst} minus clean [points]')
    shown = [drawing(figure, f'Change of top-1 by class with {worst}')]
    for name in (results.reference, worst):
        shown.append(_confusion(results, name))
    return Section(
        'Classes',
        [f'Compared with {worst}, under which most is lost.'],
        [
            SortableTable(
                'Top-1 by class, in percent',
                ['class', 'videos', 'clean', worst, 'change'],
                rows,
            )
        ],
        shown,
    )


def _confusion(results: ConditionResults, name: str) -> Picture:
    counts = confusion(results, name)
    shares = counts / counts.sum(axis=1, keepdims=True).clip(1)
    figure = Figure(figsize=(5, 5), layout='constrained')
    axes = figure.subplots()
    axes.imshow(shares, cmap='viridis', vmin=0, vmax=1)
    names = [class_name(results, label) for label in range(len(counts))]
    if len(names) <= 40:
        axes.set_xticks(range(len(names)), names, rotation=90, fontsize='small')
        axes.set_yticks(range(len(names)), names, fontsize='small')
    axes.set_xlabel('taken for')
    axes.set_ylabel('class')
    right = percent(counts.trace() / counts.sum())
    return drawing(figure, f'Confusion matrix, {name}: {right} % right')

"""What results say: accuracies, losses, flips and robustness, with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dem_mmaction.utils.statistics import (
    Interval,
    mean_interval,
    ratio_interval,
    share_interval,
)

from .families import FAMILIES
from .results import ConditionResults


@dataclass(frozen=True)
class Measures:
    """What a condition does to a model; all shares in [0, 1], intervals of 95 %.

    Attributes:
        top1: Video top-1, with Wilson's interval over videos.
        delta: Video top-1 minus that of the clean condition, paired by video.
        relative: Relative robustness, video top-1 over clean video top-1, paired by
            video; None where the clean one is 0.
        flips: The share of videos that are taken for another class than under the clean
            condition.
    """

    top1: Interval
    delta: Interval
    relative: Interval | None
    flips: Interval


def measures(results: ConditionResults, name: str) -> Measures:
    """The measures of a condition."""
    hits, clean = _hits(results, name), _hits(results, results.reference)
    own = results.results[name]
    differences = hits.astype(float) - clean
    delta = float(differences.mean())
    paired = Interval(delta, delta, delta)
    if len(hits) > 1:
        paired = mean_interval(differences[None])
    # Student's interval knows no bounds; the difference of two shares has them.
    paired = Interval(delta, max(paired.low, -1.0), min(paired.high, 1.0))
    return Measures(
        share_interval(hits),
        paired,
        ratio_interval(hits, clean),
        share_interval(np.not_equal(own.predictions, results.clean.predictions)),
    )


def family_robustness(results: ConditionResults, names: Sequence[str]) -> Interval:
    """The relative robustness of a family, the mean over its severities.

    As Mini Kinetics-C has it (Yi et al., NeurIPS 2021): the accuracy under each
    condition over the clean accuracy.
    """
    hits = np.stack([_hits(results, name) for name in names])
    return ratio_interval(hits, _hits(results, results.reference))


def families_of(results: ConditionResults) -> dict[str, list[str]]:
    """The conditions that were tested by their family, in the order of the families."""
    found: dict[str, list[str]] = {name: [] for name in FAMILIES}
    for name in results.results:
        if name != results.reference:
            found[family_of(name)].append(name)
    return {name: own for name, own in found.items() if own}


def shared_families(models: Sequence[ConditionResults]) -> dict[str, list[str]]:
    """The conditions that all models have, by family, without the reference."""
    found = {
        family: [n for n in names if all(n in own.results for own in models)]
        for family, names in families_of(models[0]).items()
    }
    return {family: names for family, names in found.items() if names}


def family_of(name: str) -> str:
    """The family of a condition."""
    family = name.partition('=')[0]
    return 'rate' if family.startswith('sr') else family


def severity_of(name: str) -> str:
    """The severity of a condition as text; empty where it has none."""
    return name.removeprefix('sr') if name.startswith('sr') else name.partition('=')[2]


def class_changes(results: ConditionResults, name: str) -> dict[int, tuple]:
    """By label, clean top-1, top-1 under a condition and the number of videos."""
    labels = np.array(results.labels)
    hits, clean = _hits(results, name), _hits(results, results.reference)
    return {
        int(label): (
            float(clean[labels == label].mean()),
            float(hits[labels == label].mean()),
            int((labels == label).sum()),
        )
        for label in np.unique(labels)
    }


def confusion(results: ConditionResults, name: str) -> np.ndarray:
    """Numbers of videos by label (rows) and the class they are taken for (columns)."""
    predictions = results.results[name].predictions
    size = max(len(results.classes), max(results.labels) + 1, max(predictions) + 1)
    counts = np.zeros((size, size), int)
    np.add.at(counts, (np.array(results.labels), np.array(predictions)), 1)
    return counts


def class_name(results: ConditionResults, label: int) -> str:
    """The name of a class, ``'class 3'`` where it has none."""
    known = label < len(results.classes)
    return results.classes[label] if known else f'class {label}'


def most_flipped(results: ConditionResults, number: int) -> list[int]:
    """Places of the videos that are flipped under most conditions, most first."""
    clean = np.array(results.clean.predictions)
    flips = sum(
        np.not_equal(own.predictions, clean)
        for name, own in results.results.items()
        if name != results.reference
    )
    if np.isscalar(flips):  # no condition but the clean one
        return []
    order = np.argsort(-flips, kind='stable')
    return [int(i) for i in order[:number] if flips[i]]


def _hits(results: ConditionResults, name: str) -> np.ndarray:
    return np.array(results.results[name].ranks) == 0

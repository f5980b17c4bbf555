"""A timeline as CSV, JSON and a picture."""

import csv
import io
import json
from pathlib import Path

from dem_mmaction.utils import markdown_table, write_text, written_aside

from .timeline import Timeline


def top_table(timeline: Timeline, top: int = 5) -> str:
    """The classes of the highest scores over the whole video as a Markdown table."""
    rows = [(name, f'{score:.3f}') for name, score in timeline.top(top)]
    return markdown_table(('class', 'score'), rows)


def write_timeline(
    timeline: Timeline, stem: Path, top: int = 5, min_score: float = 0
) -> list[Path]:
    """Write ``STEM.csv``, ``STEM.json`` and ``STEM.png``.

    The CSV file has a row a segment: ``start`` and ``end`` in seconds, ``class``, which
    is empty where none reaches ``min_score``, and ``score``. The JSON file has the same
    and, of the whole video and of each window, the ``top`` classes with their scores.

    Args:
        timeline: The scores of a video.
        stem: Path without suffix.
        top: Number of classes to name and to draw, default 5.
        min_score: See :meth:`Timeline.segments`.

    Returns:
        The files.
    """
    stem = Path(stem)
    paths = [stem.with_name(f'{stem.name}.{kind}') for kind in ('csv', 'json', 'png')]
    write_text(paths[0], _as_csv(timeline, min_score))
    write_text(paths[1], json.dumps(_as_json(timeline, top, min_score), indent=1))
    with written_aside(paths[2]) as aside:
        _draw(timeline, aside, top, min_score)
    return paths


def _as_csv(timeline: Timeline, min_score: float) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(('start', 'end', 'class', 'score'))
    for own in timeline.segments(min_score):
        times = f'{own.start:.3f}', f'{own.end:.3f}'
        writer.writerow((*times, own.name or '', f'{own.score:.4f}'))
    return text.getvalue()


def _as_json(timeline: Timeline, top: int, min_score: float) -> dict:
    def named(scores: list[tuple[str, float]]) -> list[dict]:
        return [{'class': name, 'score': round(score, 4)} for name, score in scores]

    def seconds(frame: int) -> float:
        return round(frame / timeline.fps, 3)

    windows = [
        {
            'start': seconds(start),
            'end': seconds(end),
            'top': named(timeline.window_top(index, top)),
        }
        for index, (start, end) in enumerate(
            zip(timeline.starts, timeline.ends, strict=True)
        )
    ]
    segments = [
        {
            'start': round(own.start, 3),
            'end': round(own.end, 3),
            'class': own.name,
            'score': round(own.score, 4),
        }
        for own in timeline.segments(min_score)
    ]
    return {
        'video': timeline.video,
        'frames': timeline.frames,
        'fps': timeline.fps,
        'duration': round(timeline.duration, 3),
        'top': named(timeline.top(top)),
        'segments': segments,
        'windows': windows,
    }


def _draw(timeline: Timeline, path: Path, top: int, min_score: float) -> None:
    """Draw the leading classes as bars over time, and their scores as lines."""
    from matplotlib.figure import Figure

    names = [name for name, _ in timeline.top(top)]
    segments = timeline.segments(min_score)
    names += sorted({own.name for own in segments if own.name} - set(names))
    colors = {name: f'C{place % 10}' for place, name in enumerate(names)}

    figure = Figure(figsize=(9, 1.4 + 0.25 * len(names) + 2.2), layout='constrained')
    bars, lines = figure.subplots(
        2, 1, sharex=True, height_ratios=(0.6 + 0.25 * len(names), 2.2)
    )
    for own in segments:
        if own.name is not None:
            length = own.end - own.start
            place = names.index(own.name)
            bars.barh(place, length, left=own.start, height=0.8, color=colors[own.name])
    bars.set(
        yticks=range(len(names)), yticklabels=names, title=Path(timeline.video).name
    )
    bars.invert_yaxis()

    edges = [timeline.parts[0][0], *(end for _, end, _ in timeline.parts)]
    times = [edge / timeline.fps for edge in edges]
    for name in names[:top]:
        label = timeline.classes.index(name)
        scores = [part[2][label] for part in timeline.parts]
        lines.stairs(scores, times, color=colors[name], baseline=None)
    if min_score:
        lines.axhline(min_score, color='0.5', linestyle=':', linewidth=1)
    lines.set(ylim=(0, 1), ylabel='score', xlabel='seconds')
    lines.set_xlim(0, timeline.duration)
    figure.savefig(path, dpi=120)

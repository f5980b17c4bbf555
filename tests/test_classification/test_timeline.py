import csv
import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.image import imread

from dem_mmaction.classification import (
    Timeline,
    top_table,
    window_starts,
    write_timeline,
)


def timeline(frames=30, span=8, stride=4, seed=0, fps=10.0):
    starts = window_starts(frames, span, stride)
    scores = np.random.default_rng(seed).dirichlet(np.full(3, 0.5), len(starts))
    classes = ('wave', 'run, jump', 'größer')
    return Timeline('a/v.mp4', fps, frames, span, tuple(starts), scores, classes)


def at_each_frame(own):
    """Mean scores of the windows that a frame lies in, the straightforward way."""
    return {
        frame: np.mean(
            [
                s
                for a, b, s in zip(own.starts, own.ends, own.scores, strict=True)
                if a <= frame < b
            ],
            axis=0,
        )
        for frame in range(own.frames)
        if any(a <= frame < b for a, b in zip(own.starts, own.ends, strict=True))
    }


@given(
    frames=st.integers(1, 60),
    span=st.integers(1, 20),
    stride=st.integers(1, 25),
    seed=st.integers(0, 99),
    least=st.sampled_from([0, 0.5, 0.9]),
)
def test_segments_say_of_each_frame_what_its_windows_say(
    frames, span, stride, seed, least
):
    own = timeline(frames, span, stride, seed)
    expected, said = at_each_frame(own), {}
    segments = own.segments(least)
    for segment in segments:
        first, end = round(segment.start * own.fps), round(segment.end * own.fps)
        within = [expected[frame] for frame in range(first, end)]
        assert np.isclose(segment.score, np.mean([scores.max() for scores in within]))
        said.update(dict.fromkeys(range(first, end), segment.name))
    assert said.keys() == expected.keys()
    for frame, scores in expected.items():
        leader = own.classes[scores.argmax()] if scores.max() >= least else None
        assert said[frame] == leader
    for before, after in pairwise(segments):
        assert before.end <= after.start
        assert before.name != after.name or before.end < after.start


def test_top_is_the_mean_over_windows():
    own = timeline()
    names, scores = zip(*own.top(3), strict=True)
    assert sorted(scores, reverse=True) == list(scores)
    assert scores[0] == pytest.approx(own.scores.mean(0).max())
    assert names[0] == own.classes[own.scores.mean(0).argmax()]
    assert f'| {names[0]}' in top_table(own, 1) and names[1] not in top_table(own, 1)


def test_files_say_the_same(tmp_path):
    own = timeline()
    table, facts, picture = write_timeline(own, tmp_path / 'v.1', top=2, min_score=0.5)
    assert [path.name for path in tmp_path.iterdir() if 'part' in path.name] == []
    with open(table, newline='', encoding='utf-8') as file:
        rows = list(csv.DictReader(file))
    known = json.loads(facts.read_text(encoding='utf-8'))
    assert len(rows) == len(known['segments']) == len(own.segments(0.5))
    for row, segment in zip(rows, known['segments'], strict=True):
        assert float(row['start']) == segment['start']
        assert row['class'] == (segment['class'] or '')
    assert {'', 'größer'} <= {row['class'] for row in rows}
    assert known['duration'] == 3.0 and len(known['windows']) == len(own.starts)
    best = [window['top'][0]['class'] for window in known['windows']]
    assert best == [own.classes[i] for i in own.scores.argmax(1)]
    pixels = imread(picture)[..., :3]
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 10

"""Pictures inside a page: drawings that follow its colours, and moving clips."""

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup, escape
from PIL import Image

from dem_mmaction.utils import written_aside

if TYPE_CHECKING:  # a second at each start of a tool
    from matplotlib.figure import Figure

# Stands for the colour of the page's text until the drawing is done.
_INK = '#010203'


@dataclass(frozen=True)
class Picture:
    """A picture and its words.

    Attributes:
        markup: HTML with a text for those who do not see it.
        caption: What stands below.
    """

    markup: Markup
    caption: str


def drawing(draw: 'Figure', alt: str, caption: str = '') -> Picture:
    """Put a matplotlib figure into a page as SVG.

    Lines and letters that are black, as they are by default, take the colour of the
    page's text, light or dark; the background is that of the page.

    Args:
        draw: The figure; changed.
        alt: What it shows, for those who do not see it.
        caption: What stands below; by default nothing.
    """
    import matplotlib

    _colour(draw)
    file = io.StringIO()
    # The hash of the text makes names of parts different from those of other drawings.
    settings = {'svg.fonttype': 'none', 'svg.hashsalt': alt}
    with matplotlib.rc_context(settings):
        draw.savefig(file, format='svg', transparent=True, metadata=dict(Date=None))
    text = file.getvalue()
    svg = text[text.index('<svg') :].replace(_INK, 'currentColor')
    svg = re.sub(r'<metadata>.*?</metadata>', '', svg, flags=re.DOTALL)
    label = f'<svg role="img" aria-label="{escape(alt)}"'
    return Picture(Markup(svg.replace('<svg', label, 1)), caption or alt)


def _colour(draw: 'Figure') -> None:
    """Give everything black the colour of the page's text."""
    from matplotlib.colors import same_color

    for part in draw.findobj():
        for name in ('color', 'edgecolor'):
            get, put = (
                getattr(part, f'{verb}_{name}', None) for verb in ('get', 'set')
            )
            if get is None or put is None:
                continue
            value = get()
            if isinstance(value, str | tuple) and same_color(value, 'black'):
                put(_INK)
    for axes in draw.axes:
        axes.tick_params(color=_INK, labelcolor=_INK)
        if legend := axes.get_legend():
            legend.get_frame().set_alpha(0)


def moving(frames: Sequence[np.ndarray], alt: str, caption: str, fps: float) -> Picture:
    """Put frames into a page as a picture that moves without end.

    Args:
        frames: RGB, (H, W, 3) uint8.
        alt: What it shows, for those who do not see it.
        caption: What stands below.
        fps: Frames a second.
    """
    return _image(_webp(frames, fps), alt, caption)


def write_moving(frames: Sequence[np.ndarray], path: Path, fps: float) -> None:
    """Write frames as a WebP file that moves without end.

    Args:
        frames: RGB, (H, W, 3) uint8.
        path: The file.
        fps: Frames a second.
    """
    with written_aside(path) as aside:
        aside.write_bytes(_webp(frames, fps))


def _webp(frames: Sequence[np.ndarray], fps: float) -> bytes:
    images, file = [Image.fromarray(frame) for frame in frames], io.BytesIO()
    images[0].save(
        file,
        'WEBP',
        save_all=True,
        append_images=images[1:],
        duration=round(1000 / fps),
        loop=0,
        quality=70,
    )
    return file.getvalue()


def picture_of(path: Path, alt: str) -> Picture:
    """Put a picture file into a page.

    Args:
        path: The file, in any format that Pillow reads.
        alt: What it shows.
    """
    file = io.BytesIO()
    with Image.open(path) as image:
        image.convert('RGB').save(file, 'WEBP', quality=85)
    return _image(file.getvalue(), alt, alt)


def _image(content: bytes, alt: str, caption: str) -> Picture:
    data = base64.b64encode(content).decode()
    return Picture(
        Markup(f'<img alt="{escape(alt)}" src="data:image/webp;base64,{data}">'),
        caption,
    )

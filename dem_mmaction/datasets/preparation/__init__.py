"""Preparing data sets: lists, checks and fast copies of their videos.

Not imported with the package, as it needs PyAV.
"""

from importlib.util import find_spec

if find_spec('av') is None:
    raise ModuleNotFoundError(
        "Preparing data sets needs PyAV: pip install 'dem-mmaction[data]'", name='av'
    )

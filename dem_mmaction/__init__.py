"""Dynamic Equilibrium Module (DEM) for MMAction2.

Importing the package registers its models, datasets, transforms and metrics with
MMAction2: one line in a config, ``custom_imports = dict(imports=['dem_mmaction'])``.
"""

from .compat import close_gaps, end_gloo_process

close_gaps()  # before anything below imports MMAction2

from . import (  # noqa: E402
    datasets,
    deprecated,  # noqa: F401
    engine,
    evaluation,
    models,
    robustness,
)
from .version import __version__  # noqa: E402

engine.launch.after_tool.append(end_gloo_process)

__all__ = ['__version__', 'datasets', 'engine', 'evaluation', 'models', 'robustness']

"""Stand-ins for modules that are missing, and what warns while it is imported."""

import importlib.abc
import importlib.machinery
import importlib.metadata
import warnings
from collections.abc import Callable
from types import ModuleType, SimpleNamespace


def _drn(module: ModuleType) -> None:

    class DRN:
        """Stands in for the localizer that the released package lacks."""

        def __init__(self, *args, **kwargs) -> None:
            raise ImportError(
                'This release of mmaction2 lacks the DRN localizer (its issue '
                '2714); install MMAction2 from its source to use it.'
            )

    module.DRN = DRN


def _pkg_resources(module: ModuleType) -> None:
    """Provide what ``mmengine.utils.package_utils`` and pytest call."""

    def get_distribution(name: str) -> SimpleNamespace:
        dist = importlib.metadata.distribution(name)
        return SimpleNamespace(
            location=str(dist.locate_file('')),
            version=dist.version,
            has_metadata=lambda file: dist.read_text(file) is not None,
            get_metadata=dist.read_text,
        )

    module.get_distribution = get_distribution
    # pytest calls it on every module of this name. The namespaces that it would mend
    # are made by pkg_resources alone, so that there are none.
    module.fixup_namespace_packages = lambda path_item, parent=None: None
    module.DistributionNotFound = importlib.metadata.PackageNotFoundError


STAND_INS: dict[str, Callable[[ModuleType], None]] = {
    'pkg_resources': _pkg_resources,
    'mmaction.models.localizers.drn': lambda package: None,
    'mmaction.models.localizers.drn.drn': _drn,
}


class StandInFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Import the modules of :data:`STAND_INS` where nothing else provides them."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in STAND_INS:
            return None
        return importlib.machinery.ModuleSpec(
            fullname, self, is_package=fullname.endswith('localizers.drn')
        )

    def create_module(self, spec):
        return None  # an empty module

    def exec_module(self, module: ModuleType) -> None:
        STAND_INS[module.__spec__.name](module)


def import_quietly() -> None:
    """Import what warns while it is imported, without its warnings."""
    with warnings.catch_warnings():
        for message in ('Fail to import ``Multi', 'pkg_resources is deprecated'):
            warnings.filterwarnings('ignore', message)
        importlib.import_module('pkg_resources')
        importlib.import_module('mmcv.cnn.bricks.transformer')

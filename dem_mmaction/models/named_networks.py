"""The networks of Table 3.1 by their names."""

from .r2plus1d_dem import R2Plus1DDEM


def r2plus1d_dem_18(**kwargs) -> R2Plus1DDEM:
    """R(2+1)D-18 with DEM in every unit (Table 3.1, "with DEM").

    As with any module of MMEngine, ``init_weights()`` initialises it as the thesis
    does, and loads the weights of ``pretrained``.

    Args:
        **kwargs: Arguments of :class:`R2Plus1DDEM` other than ``depth``.
    """
    return R2Plus1DDEM(depth=18, **kwargs)


def r2plus1d_18(**kwargs) -> R2Plus1DDEM:
    """R(2+1)D-18 without DEM (Table 3.1).

    Its midplanes are those of the paper. ``midplanes='torchvision'`` gives those of
    torchvision's network of this name, whose weights then load.

    Args:
        **kwargs: Arguments of :class:`R2Plus1DDEM` other than ``depth`` and
            ``dem_stages``.
    """
    return R2Plus1DDEM(depth=18, dem_stages=[], **kwargs)


def r3d_18(**kwargs) -> R2Plus1DDEM:
    """R3D-18 (Table 3.1), as torchvision's network of this name.

    Args:
        **kwargs: Arguments of :class:`R2Plus1DDEM` other than ``depth`` and ``unit``.
    """
    return R2Plus1DDEM(depth=18, unit='3d', **kwargs)

"""Networks by the names that they have in papers.

As with any module of MMEngine, ``init_weights()`` initialises a network as the thesis
does, and loads the weights of ``pretrained``.
"""

from .p3d import P3DDEM
from .r2plus1d_dem import R2Plus1DDEM
from .separable_inception import S3DDEM
from .stages import STAGES

# Those of a network of 3D units that have DEM: conv1 takes pixels.
_ALL_OF_R3D = STAGES[1:]


def r2plus1d_dem_18(**kwargs) -> R2Plus1DDEM:
    """R(2+1)D-18 with DEM in every unit (Table 3.1, "with DEM").

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


def r3d_dem_18(**kwargs) -> R2Plus1DDEM:
    """R3D-18 with DEM before every 3D convolution but the first.

    Args:
        **kwargs: Arguments of :class:`R2Plus1DDEM` other than ``depth`` and ``unit``.
    """
    kwargs.setdefault('dem_stages', _ALL_OF_R3D)
    return R2Plus1DDEM(depth=18, unit='3d', **kwargs)


def r3d_34(**kwargs) -> R2Plus1DDEM:
    """R3D-34 (Tran et al., CVPR 2018, Table 1).

    Args:
        **kwargs: Arguments of :class:`R2Plus1DDEM` other than ``depth`` and ``unit``.
    """
    return R2Plus1DDEM(depth=34, unit='3d', **kwargs)


def r3d_dem_34(**kwargs) -> R2Plus1DDEM:
    """R3D-34 with DEM before every 3D convolution but the first.

    Args:
        **kwargs: Arguments of :class:`R2Plus1DDEM` other than ``depth`` and ``unit``.
    """
    kwargs.setdefault('dem_stages', _ALL_OF_R3D)
    return R2Plus1DDEM(depth=34, unit='3d', **kwargs)


def p3d_63(**kwargs) -> P3DDEM:
    """P3D-63, of ResNet-50 (Qiu et al., ICCV 2017), without DEM.

    Args:
        **kwargs: Arguments of :class:`P3DDEM` other than ``depth`` and ``dem_stages``.
    """
    return P3DDEM(depth=63, dem_stages=[], **kwargs)


def p3d_dem_63(**kwargs) -> P3DDEM:
    """P3D-63 with DEM before every temporal convolution.

    Args:
        **kwargs: Arguments of :class:`P3DDEM` other than ``depth``.
    """
    return P3DDEM(depth=63, **kwargs)


def p3d_199(**kwargs) -> P3DDEM:
    """P3D-199, of ResNet-152 (Qiu et al., ICCV 2017), without DEM.

    Args:
        **kwargs: Arguments of :class:`P3DDEM` other than ``depth`` and ``dem_stages``.
    """
    return P3DDEM(depth=199, dem_stages=[], **kwargs)


def p3d_dem_199(**kwargs) -> P3DDEM:
    """P3D-199 with DEM before every temporal convolution.

    Args:
        **kwargs: Arguments of :class:`P3DDEM` other than ``depth``.
    """
    return P3DDEM(depth=199, **kwargs)


def s3d(**kwargs) -> S3DDEM:
    """S3D (Xie et al., ECCV 2018) without DEM, as torchvision's network of this name.

    Args:
        **kwargs: Arguments of :class:`S3DDEM` other than ``dem_stages`` and ``gating``.
    """
    return S3DDEM(dem_stages=[], **kwargs)


def s3d_dem(**kwargs) -> S3DDEM:
    """S3D with DEM in every separable convolution.

    Args:
        **kwargs: Arguments of :class:`S3DDEM` other than ``gating``.
    """
    return S3DDEM(gating=False, **kwargs)


def s3dg(**kwargs) -> S3DDEM:
    """S3D-G, which has feature gating, without DEM.

    Args:
        **kwargs: Arguments of :class:`S3DDEM` other than ``dem_stages`` and ``gating``.
    """
    return S3DDEM(dem_stages=[], gating=True, **kwargs)


def s3dg_dem(**kwargs) -> S3DDEM:
    """S3D-G with DEM in every separable convolution.

    Args:
        **kwargs: Arguments of :class:`S3DDEM` other than ``gating``.
    """
    return S3DDEM(gating=True, **kwargs)

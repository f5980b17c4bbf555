"""Metadata, extras and package data of dem-mmaction.

The ranges here are what the package can live with, wide enough to leave an
existing MMAction2 environment as it is; requirements/ pins what it is tested with.
"""

import runpy
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent

# Any mmcv would do and pip cannot say "mmcv or mmcv-lite", so naming one here
# would overwrite the other: it is an extra, and its absence an error at import.
MMCV = ['mmcv-lite>=2.0.0,<2.2.0']
# Preparing data sets. PyAV brings its own FFmpeg.
DATA = ['av>=15']
# Exporting networks and running them elsewhere.
ONNX = ['onnx', 'onnxscript', 'onnxruntime', 'nncf>=3']  # nncf: int8
OPENVINO = ['openvino>=2024', 'nncf>=3']
# The tests build the package, too, with the setuptools that is installed.
TESTS = [
    'hypothesis',
    'packaging',
    'pytest',
    'pytest-xdist',
    'pyyaml',
    'ruff',
    'setuptools>=70.1',
]

setup(
    name='dem-mmaction',
    version=runpy.run_path(str(ROOT / 'dem_mmaction/version.py'))['__version__'],
    description='Dynamic Equilibrium Module for action recognition with MMAction2',
    long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    author='dem-mmaction contributors',
    license='Apache-2.0',
    license_files=['LICENSE'],
    keywords=['video understanding', 'action recognition', 'mmaction2'],
    classifiers=[
        'Intended Audience :: Science/Research',
        'Operating System :: POSIX',
        'Programming Language :: Python :: 3',
        'Programming Language :: Python :: 3.10',
        'Programming Language :: Python :: 3.11',
        'Programming Language :: Python :: 3.12',
        'Programming Language :: Python :: 3.13',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
    ],
    python_requires='>=3.10',
    install_requires=[
        'decord>=0.6.0',
        'importlib_metadata',  # mmaction2 imports it without asking for it
        'jinja2',  # with torch
        'matplotlib',
        'markupsafe',  # with jinja2
        'mmaction2>=1.2.0,<2',
        'mmengine>=0.10.0,<1',
        'numpy',
        'opencv-python>=3',  # as mmengine asks for it, so that nothing more comes
        'pillow',  # with matplotlib
        'scipy',
        'torch>=2.6',  # loads weights without executing what is in the file
        'tqdm',
    ],
    extras_require={
        'mmcv': MMCV,
        'data': DATA,
        'onnx': ONNX,
        'openvino': OPENVINO,
        'tests': DATA + TESTS,
        'all': MMCV + DATA + ONNX + OPENVINO + TESTS,
    },
    packages=find_packages(include=['dem_mmaction', 'dem_mmaction.*']),
    # .mim holds links to configs/, tools/ and model-index.yml, where OpenMMLab's
    # tools look for them; a wheel gets the files behind the links. The benchmarks
    # need tests/, so they stay in the checkout.
    package_data={'dem_mmaction': ['.mim/**/*', 'pages/*.html']},
    exclude_package_data={
        'dem_mmaction': [
            '*.pyc',
            '.mim/tools/benchmarks/*',
            '.mim/tools/stress/*',
            # These make files of the checkout.
            '.mim/tools/figures.py',
            '.mim/tools/make_metafile.py',
            '.mim/tools/moving_pictures.py',
        ]
    },
    zip_safe=False,
)

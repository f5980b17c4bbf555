"""The formats that a network is exported to, and how each is run."""

import importlib.util
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

#: From clips, (N, C, T, H, W) float32, to scores, (N, classes) float32.
Run = Callable[[np.ndarray], np.ndarray]


class Format(ABC):
    """A kind of file that a network is written to and run from.

    The number of clips is free in all of them.

    Attributes:
        suffix: Ending of the file.
        needs: Packages that it needs beside torch, by the name that they are imported
            by.
        extra: The extra of this package that installs them.
    """

    suffix: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()
    extra: ClassVar[str] = ''

    def check(self, int8: bool = False) -> None:
        """See that what it needs is installed.

        Args:
            int8: Whether files are to be quantised, too.

        Raises:
            ImportError: It is not; says what to install.
        """
        needs = (*self.needs, *(['nncf'] if int8 else []))
        missing = [own for own in needs if importlib.util.find_spec(own) is None]
        if missing:
            raise ImportError(
                f'{", ".join(missing)} not installed: pip install '
                f"'dem-mmaction[{self.extra}]'."
            )

    @abstractmethod
    def write(self, net: nn.Module, clips: Tensor, path: Path) -> None:
        """Write a network.

        Args:
            net: The network, in eval mode.
            clips: Clips of the size that it is to take; at least 2.
            path: The file.
        """

    @abstractmethod
    def load(self, path: Path) -> Run:
        """Load what :meth:`write` has written."""


class QuantizableFormat(Format):
    """A format whose files can compute with 8 bits."""

    @abstractmethod
    def quantize(self, path: Path, clips: Sequence[np.ndarray]) -> None:
        """Turn the convolutions and products of a file into int8, by NNCF.

        Weights and activations get 8 bits, the latter in the range that they have on
        given clips: a few hundred of the training's part are enough.

        Args:
            path: What :meth:`write` has written; it is replaced.
            clips: Batches of clips, (N, C, T, H, W) each.
        """


def _exported(net: nn.Module, clips: Tensor) -> torch.export.ExportedProgram:
    batch = torch.export.Dim('clips', min=1, max=1024)
    with torch.no_grad():
        return torch.export.export(net, (clips,), dynamic_shapes=({0: batch},))


def _run_torch(net: Callable[[Tensor], Tensor]) -> Run:
    def run(clips: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            return net(torch.from_numpy(clips)).numpy()

    return run


class TorchExport(Format):
    """``torch.export``, for torch without this package."""

    suffix = '.pt2'

    def write(self, net: nn.Module, clips: Tensor, path: Path) -> None:
        torch.export.save(_exported(net, clips), path)

    def load(self, path: Path) -> Run:
        return _run_torch(torch.export.load(path).module())


class TorchScript(Format):
    """TorchScript by tracing, for torch in C++ and for old versions of it."""

    suffix = '.pt'

    def write(self, net: nn.Module, clips: Tensor, path: Path) -> None:
        with torch.no_grad():
            torch.jit.trace(net, clips, check_trace=False).save(path)

    def load(self, path: Path) -> Run:
        return _run_torch(torch.jit.load(path))


class Onnx(QuantizableFormat):
    """ONNX, run by ONNX Runtime."""

    suffix = '.onnx'
    needs = ('onnx', 'onnxscript', 'onnxruntime')
    extra = 'onnx'

    def write(self, net: nn.Module, clips: Tensor, path: Path) -> None:
        torch.onnx.export(
            _exported(net, clips),
            (clips,),
            path,
            input_names=['clips'],
            output_names=['scores'],
            external_data=False,
            verbose=False,
        )

    def load(self, path: Path) -> Run:
        import onnxruntime

        session = onnxruntime.InferenceSession(path, providers=['CPUExecutionProvider'])
        return lambda clips: session.run(None, {'clips': clips})[0]

    def quantize(self, path: Path, clips: Sequence[np.ndarray]) -> None:
        import onnx

        inputs = [{'clips': own} for own in clips]
        onnx.save(_quantized(onnx.load(path), inputs), path)


class OpenVino(QuantizableFormat):
    """OpenVINO's XML, with its weights in fp32 beside it.

    Args:
        precision: In which it computes: ``'f32'``, or ``'bf16'`` where the processor
            has that. By default what OpenVINO takes for the fastest.
    """

    suffix = '.xml'
    needs = ('openvino',)
    extra = 'openvino'

    def __init__(self, precision: str = '') -> None:
        self._config = {'INFERENCE_PRECISION_HINT': precision} if precision else {}

    def write(self, net: nn.Module, clips: Tensor, path: Path) -> None:
        import openvino

        model = openvino.convert_model(_exported(net, clips))
        openvino.save_model(model, path, compress_to_fp16=False)

    def load(self, path: Path) -> Run:
        import openvino

        model = openvino.Core().compile_model(path, 'CPU', self._config)
        return lambda clips: model(clips)[0]

    def quantize(self, path: Path, clips: Sequence[np.ndarray]) -> None:
        import openvino

        core = openvino.Core()
        core.set_property({'ENABLE_MMAP': False})  # the weights' file is replaced
        model = _quantized(core.read_model(path), clips)
        openvino.save_model(model, path, compress_to_fp16=False)


def _quantized(model: Any, inputs: Sequence[Any]) -> Any:
    """A model of ONNX or OpenVINO with its convolutions and products in int8.

    Biases stay: by NNCF's correction of them DEM everywhere lost up to 28 of 87 points
    on the words, without it none.
    """
    import nncf

    logging.getLogger('nncf').setLevel(logging.ERROR)
    return nncf.quantize(
        model,
        nncf.Dataset(inputs),
        subset_size=len(inputs),
        preset=nncf.QuantizationPreset.MIXED,
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            disable_bias_correction=True
        ),
    )


#: The formats by the name on the command line.
FORMATS: dict[str, Format] = {
    'torch-export': TorchExport(),
    'torchscript': TorchScript(),
    'onnx': Onnx(),
    'openvino': OpenVino(),
}

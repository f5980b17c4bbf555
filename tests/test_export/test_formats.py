import importlib.util

import numpy as np
import pytest
import torch
from recognizers import clips, recognizer

from dem_mmaction.export import FORMATS, ClipClassifier


@pytest.mark.parametrize(
    ('dem_stages', 'frames'), [(None, 16), ([], 9)], ids=['DEM', 'no DEM']
)
@pytest.mark.parametrize('name', FORMATS)
def test_a_file_gives_the_scores_of_the_network(tmp_path, name, dem_stages, frames):
    chosen = FORMATS[name]
    try:
        chosen.check()
    except ImportError as error:
        pytest.skip(str(error))
    net = ClipClassifier(recognizer(dem_stages=dem_stages))
    path = tmp_path / f'net{chosen.suffix}'
    chosen.write(net, clips(2, frames), path)
    run = chosen.load(path)
    for number in (1, 2, 5):  # whatever it was written with
        pixels = clips(number, frames)
        expected = net(pixels)
        assert expected.std() > 1e-3
        torch.testing.assert_close(torch.from_numpy(run(pixels.numpy())), expected)


@pytest.mark.parametrize(
    ('name', 'extra'), [('onnx', 'onnx'), ('openvino', 'openvino')]
)
def test_what_has_to_be_installed_is_said(monkeypatch, name, extra):
    monkeypatch.setattr(importlib.util, 'find_spec', lambda name: None)
    with pytest.raises(ImportError, match=rf"pip install 'dem-mmaction\[{extra}\]'"):
        FORMATS[name].check()
    FORMATS['torchscript'].check()
    with pytest.raises(ImportError, match='nncf not installed'):
        monkeypatch.setattr(importlib.util, 'find_spec', lambda n: n != 'nncf' or None)
        FORMATS[name].check(int8=True)


@pytest.mark.parametrize('name', ['onnx', 'openvino'])
def test_int8_is_near_and_not_the_same(tmp_path, name):
    chosen = FORMATS[name]
    try:
        chosen.check(int8=True)
    except ImportError as error:
        pytest.skip(str(error))
    net = ClipClassifier(recognizer())
    path = tmp_path / f'net{chosen.suffix}'
    chosen.write(net, clips(2), path)
    biases = _biases(path)
    chosen.quantize(path, [clips(1).numpy() for _ in range(8)])
    pixels = clips(6)
    expected = net(pixels)
    scores = torch.from_numpy(chosen.load(path)(pixels.numpy()))
    assert 1e-5 < (scores - expected).abs().max() < 0.05
    assert len(biases) > 5
    for before, after in zip(biases, _biases(path), strict=True):
        assert np.array_equal(before, after), 'corrected biases spoil DEM'


def _biases(path):
    """What a file adds to its convolutions, in order."""
    if path.suffix == '.onnx':
        import onnx

        graph = onnx.load(path).graph
        values = {
            own.name: onnx.numpy_helper.to_array(own) for own in graph.initializer
        }
        convs = [node for node in graph.node if node.op_type == 'Conv']
        return [values[node.input[2]] for node in convs if len(node.input) == 3]
    import openvino

    nodes = openvino.Core().read_model(path).get_ordered_ops()
    sums = [node for node in nodes if node.get_type_name() == 'Add']
    added = [node.input_value(1).get_node() for node in sums]
    return [own.data.copy() for own in added if own.get_type_name() == 'Constant']

import importlib.util

import pytest
import torch
from recognizers import clips, recognizer

from dem_mmaction.export import FORMATS, ClipClassifier


@pytest.mark.parametrize('dem_stages', [None, []], ids=['DEM', 'no DEM'])
@pytest.mark.parametrize('name', FORMATS)
def test_a_file_gives_the_scores_of_the_network(tmp_path, name, dem_stages):
    chosen = FORMATS[name]
    try:
        chosen.check()
    except ImportError as error:
        pytest.skip(str(error))
    net = ClipClassifier(recognizer(dem_stages=dem_stages))
    path = tmp_path / f'net{chosen.suffix}'
    chosen.write(net, clips(2), path)
    run = chosen.load(path)
    for number in (1, 2, 5):  # whatever it was written with
        pixels = clips(number)
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
    chosen.quantize(path, [clips(1).numpy() for _ in range(8)])
    pixels = clips(6)
    expected = net(pixels)
    scores = torch.from_numpy(chosen.load(path)(pixels.numpy()))
    assert 1e-5 < (scores - expected).abs().max() < 0.05
    assert _first_convolution_takes(path) == 'the input', 'it must not be quantised'


def _first_convolution_takes(path):
    """Whether the first convolution of a file takes the clips or quantised ones."""
    if path.suffix == '.onnx':
        import onnx

        graph = onnx.load(path).graph
        made_by = {name: node.op_type for node in graph.node for name in node.output}
        first = next(node for node in graph.node if node.op_type == 'Conv')
        kinds = [made_by.get(first.input[0], '')]
    else:
        import openvino

        nodes = openvino.Core().read_model(path).get_ordered_ops()
        first = next(own for own in nodes if own.get_type_name() == 'Convolution')
        kinds = [
            own.get_source_output().get_node().get_type_name() for own in first.inputs()
        ]
    quantised = {'DequantizeLinear', 'FakeQuantize'}
    return 'quantised clips' if quantised & set(kinds) else 'the input'

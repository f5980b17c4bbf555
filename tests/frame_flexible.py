"""A small network for several rates, and what it is for each rate alone."""

import torch
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from torch import nn

RATES = (1, 2, 4)
BACKBONE = dict(type='R2Plus1DDEM', depth=10, base_channels=4)
HEAD = dict(type='ClipVideoHead', num_classes=5, in_channels=32, dropout_ratio=0)


def build(kind='FrameFlexibleRecognizer3D', backbone=BACKBONE, **kwargs):
    """Build a recognizer whose parts of a rate differ, in double precision."""
    model = MODELS.build(dict(type=kind, backbone=backbone, cls_head=HEAD, **kwargs))
    return with_different_parts(model).double()


def with_different_parts(model):
    """Initialise a recognizer so that no two norms or adapters are the same."""
    torch.manual_seed(0)
    model.init_weights()
    for parameter in model.parameters():
        if parameter.ndim <= 2:  # norms, adapters, scales of DEM, classifier
            nn.init.normal_(parameter, 0.7, 0.3)
    for name, buffer in model.named_buffers():
        if name.endswith('running_var'):
            nn.init.uniform_(buffer, 0.5, 2)
    return model


def flexible(**kwargs):
    """Build the network for ``RATES``."""
    return build(**{'rates': RATES, **kwargs})


def alone(model, index, backbone=BACKBONE):
    """Return the plain recognizer that a network for several rates is at one rate."""
    plain = build('Recognizer3D', backbone)
    plain.load_state_dict(state_alone(model, index))
    return plain


def state_alone(model, index):
    """Return the weights of that recognizer."""
    state = {}
    for name, tensor in model.state_dict().items():
        own, _, rest = name.partition('.norms.')
        if not rest:
            state[name] = tensor.clone()
        elif rest.startswith(f'{index}.'):
            state[f'{own}.{rest.partition(".")[2]}'] = tensor.clone()
    for name in [name for name in state if name.endswith('adapter.weight')]:
        # x + w x before a convolution is 1 + w in its kernel.
        factor = 1 + state.pop(name)[index]
        kernel = name.replace('adapter.weight', 'conv1.conv.conv_s.weight')
        state[kernel] = state[kernel] * factor[:, None, None, None]
    return state


def samples(labels, interval):
    """Samples with a label and the interval of their frames."""
    made = [ActionDataSample().set_gt_label(label) for label in labels]
    for sample in made:
        sample.set_metainfo(dict(frame_interval=interval))
    return made

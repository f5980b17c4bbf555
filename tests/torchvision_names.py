"""The names of torchvision's weights, written out from its own modules."""


def torchvision_names(unit):
    """The names in torchvision's r2plus1d_18 and r3d_18, by the names here."""
    parts = (
        dict(conv_s='0.0', bn_s='0.1', conv_t='0.3') if unit == '2plus1d' else {'': '0'}
    )
    stem = (
        dict(conv_s='0', bn_s='1', conv_t='3', bn='4')
        if unit == '2plus1d'
        else {'': '0', 'bn': '1'}
    )

    def tensors(part):
        norm = ('weight', 'bias', 'running_mean', 'running_var', 'num_batches_tracked')
        return norm if 'bn' in part else ('weight',)

    names = {}
    for part, theirs in stem.items():
        for tensor in tensors(part):
            ours = 'bn' if part == 'bn' else f'conv.{part}'.rstrip('.')
            names[f'stem.{theirs}.{tensor}'] = f'conv1.{ours}.{tensor}'
    for layer in range(1, 5):
        for block in range(2):
            place = f'layer{layer}.{block}'
            for conv in ('conv1', 'conv2'):
                for part, theirs in parts.items():
                    for tensor in tensors(part):
                        ours = f'conv.{part}'.rstrip('.')
                        names[f'{place}.{conv}.{theirs}.{tensor}'] = (
                            f'{place}.{conv}.{ours}.{tensor}'
                        )
                for tensor in tensors('bn'):
                    names[f'{place}.{conv}.1.{tensor}'] = f'{place}.{conv}.bn.{tensor}'
            if layer > 1 and block == 0:
                names[f'{place}.downsample.0.weight'] = (
                    f'{place}.downsample.conv.weight'
                )
                for tensor in tensors('bn'):
                    names[f'{place}.downsample.1.{tensor}'] = (
                        f'{place}.downsample.bn.{tensor}'
                    )
    return names

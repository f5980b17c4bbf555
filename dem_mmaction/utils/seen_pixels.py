"""The frames that a network sees, to be looked at."""

import numpy as np
import torch


def pixels(inputs: torch.Tensor) -> np.ndarray:
    """The frames of a video's first clip, (T, H, W, 3) uint8.

    Args:
        inputs: What a pipeline packs: (clips, C, T, H, W), or (T, C, H, W) of segments.
    """
    if inputs.ndim == 5:
        frames = inputs[0].permute(1, 2, 3, 0)
    else:
        frames = inputs.permute(0, 2, 3, 1)
    return frames[..., :3].clamp(0, 255).to(torch.uint8).numpy()

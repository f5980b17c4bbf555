"""Random scores of clips."""

import torch


def samples(videos=20, clips=3, classes=7, seed=0):
    """What a head gives: a dict a video."""
    generator = torch.Generator().manual_seed(seed)
    return [
        dict(
            clip_logits=torch.randn(clips, classes, generator=generator),
            gt_label=torch.tensor([i % classes]),  # no class is absent
            motion='steady' if i % 3 else 'varied',
        )
        for i in range(videos)
    ]

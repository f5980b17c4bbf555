import pytest
import torch
from mmaction.apis import init_recognizer
from mmengine.config import Config
from timed_video import CONFIG, write_video

from dem_mmaction.models import DEM


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    """A video of 60 frames that tell their number."""
    return write_video(tmp_path_factory.mktemp('video') / 'timed.mp4', 60)


@pytest.fixture
def config():
    """The text of a config of clips of 8 frames, 2 frames apart."""
    return Config.fromstring(CONFIG, '.py')


@pytest.fixture
def model(config):
    """A recognizer whose DEMs are no identities."""
    torch.manual_seed(0)
    model = init_recognizer(config, None, device='cpu')
    for module in model.modules():
        if isinstance(module, DEM):
            torch.nn.init.constant_(module.scale, 0.5)
    return model

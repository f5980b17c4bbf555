import torch
from mmengine.config import Config
from support import ROOT, run_tool
from torchvision_names import torchvision_names

from dem_mmaction.models import R2Plus1DDEM


def test_the_checkpoint_fits_what_is_printed(tmp_path):
    torch.manual_seed(0)
    source = R2Plus1DDEM(midplanes='torchvision', dem_stages=[])
    ours = source.state_dict()
    theirs = {name: ours[our] for name, our in torchvision_names('2plus1d').items()}
    theirs |= {'fc.weight': torch.ones(2, 512), 'fc.bias': torch.ones(2)}
    torch.save(theirs, tmp_path / 'r2plus1d_18.pth')
    (tmp_path / 'classes.txt').write_text('run\nwave\n')
    names = '--classes', 'classes.txt'
    said = run_tool(
        'convert_weights.py', 'r2plus1d_18.pth', 'net.pth', *names, cwd=tmp_path
    )
    assert "r2plus1d_18.pth is torchvision's r2plus1d_18." in said
    saved = torch.load(tmp_path / 'net.pth')
    assert saved['meta']['dataset_meta'] == dict(classes=['run', 'wave'])
    assert len(saved['state_dict']) == len(theirs)
    plain, with_dem = said.split('and, with DEM')
    assert Config.fromstring(plain[plain.index('model =') :], '.py').model.backbone == {
        **dict(type='R2Plus1DDEM', depth=18, midplanes='torchvision', dem_stages=[])
    }
    assert "dem_stages=[\n            'conv2_x',\n        ]" in with_dem
    config = Config.fromfile(ROOT / 'configs/custom/r2p1d_dem_finetune.py').model
    assert config.backbone.dem_stages == ['conv2_x']

    (tmp_path / 'classes.txt').write_text('run\n')
    wrong = 'r2plus1d_18.pth', 'other.pth', *names
    said = run_tool('convert_weights.py', *wrong, cwd=tmp_path, fails=True)
    assert '1 names for 2 classes' in said and not (tmp_path / 'other.pth').exists()
    del theirs['layer4.1.conv2.0.0.weight']
    torch.save(theirs, tmp_path / 'r2plus1d_18.pth')
    said = run_tool('convert_weights.py', *wrong[:2], cwd=tmp_path, fails=True)
    assert '1 tensors do not fit' in said and 'layer4.1.conv2' in said

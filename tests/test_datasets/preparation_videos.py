"""What tests of the preparation share: videos, whole and damaged, and the tool."""

import csv
import os
import zlib

import av
import numpy as np
from support import ROOT, run_tool


def write_video(path, frames=60, codec='libx264', gop=12, size=(96, 64), **options):
    """Noise at 25 frames a second, of its own for each name and folder name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), 'w', options=options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, 'yuv420p'
        stream.codec_context.gop_size = gop
        name = '/'.join(path.parts[-2:])
        generator = np.random.default_rng(zlib.crc32(name.encode(errors='replace')))
        for _ in range(frames):
            picture = generator.integers(0, 255, (size[1], size[0], 3), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        container.mux(stream.encode(None))
    return path


def write_audio(path):
    """A file with sound and no picture."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('aac', rate=44100)
        frame = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), 'fltp', 'mono'
        )
        frame.rate = 44100
        for i in range(20):
            frame.pts = 1024 * i
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def cut(source, target, share):
    """The first part of a file."""
    content = source.read_bytes()
    target.write_bytes(content[: int(share * len(content))])


def salt(folder):
    """Damaged files by the name they get, each with what should be said of it."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = write_video(folder / 'whole.mp4')
    fast = write_video(folder / 'whole_faststart.mp4', movflags='faststart')
    avi = write_video(folder / 'whole.avi', codec='mpeg4')
    webm = write_video(folder / 'whole.mkv')
    said = {}
    for share in (0.02, 0.3, 0.6, 0.95, 0.99):
        for source in (whole, fast, avi, webm):
            if share > 0.9 and source is webm or share == 0.99 and source is avi:
                continue  # every frame is there, or all but two
            name = f'cut_{share}_{source.name}'
            cut(source, folder / name, share)
            said[name] = (
                'cut off|moov|header|Invalid|no frames|cannot|Error|failed|EOF|end of'
            )
    (folder / 'zero_bytes.mp4').write_bytes(b'')
    (folder / 'zeros.mp4').write_bytes(bytes(5000))
    (folder / 'random.avi').write_bytes(np.random.default_rng(1).bytes(20000))
    said |= {
        'zero_bytes.mp4': 'empty, 0 bytes',
        'zeros.mp4': 'Invalid data',
        'random.avi': 'Invalid data',
    }
    content = fast.read_bytes()
    (folder / 'header_only.mp4').write_bytes(content[: content.index(b'mdat') + 4])
    said['header_only.mp4'] = 'header without frames|cut off'
    write_audio(folder / 'audio_only.mp4')
    said['audio_only.mp4'] = 'no video stream'
    (folder / 'text.mp4').write_text('not a video at all\n' * 50)
    said['text.mp4'] = 'Invalid data'
    (folder / 'folder.mp4').mkdir()
    said['folder.mp4'] = 'a folder'
    (folder / 'loop.mp4').symlink_to(folder / 'loop.mp4')
    said['loop.mp4'] = 'Too many levels of symbolic links'
    (folder / 'nowhere.mp4').symlink_to(folder / 'absent.mp4')
    said['nowhere.mp4'] = 'No such file'
    os.mkfifo(folder / 'pipe.mp4')
    said['pipe.mp4'] = 'not a regular file'
    return said


def write_kinetics(folder):
    """Lists and a tree with train and val, names of both kinds, a blank in a class."""
    lists, videos = folder / 'lists', folder / 'videos'
    lists.mkdir()
    for part, count in (('train', 4), ('val', 2)):
        rows = [
            (f'{part}{i:_>6}'.ljust(11, '-')[:11], ('air drumming', 'yoga')[i % 2])
            for i in range(count)
        ]
        lines = [f'{label},{name},0,1,{part},0' for name, label in rows]
        (lists / f'{part}.csv').write_text(
            'label,youtube_id,time_start,time_end,split,is_cc\n' + '\n'.join(lines)
        )
        for i, (name, label) in enumerate(rows):
            stem = f'{name}_000000_000001' if i % 2 else name
            if (part, i) != ('train', 3):
                write_video(
                    videos / part / label / f'{stem}.mp4', 40 + i, size=(120, 90)
                )
    write_video(videos / 'train' / f'{"train_____0"}.mp4', 33)
    write_video(videos / 'train' / 'yoga' / 'something else.mp4', 33)
    return lists, videos


def run_prepare(*args, fails=False):
    """Call the tool and return what it prints."""
    printed = run_tool('data/prepare.py', *args, cwd=ROOT, fails=fails)
    assert 'Traceback' not in printed, printed
    return printed


def listed(out, *stems):
    """The paths of the lists of these stems."""
    return {
        stem: [
            line.rsplit(' ', 1)[0]
            for line in (out / f'{stem}.txt').read_text().splitlines()
        ]
        for stem in stems
    }


def contents(folder):
    """What a folder has of lists, copies and reports."""
    return {
        path.relative_to(folder): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file() and path.suffix in ('.txt', '.mp4', '.json')
    }


def make_videos(folder, *paths):
    """Write empty files."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text('')


def write_csv(path, *rows):
    """Write rows and return the path."""
    with open(path, 'w', newline='') as file:
        csv.writer(file).writerows(rows)
    return path


def counts(read):
    """Number of entries of each list."""
    return {stem: len(entries) for stem, entries in read.flat().items()}

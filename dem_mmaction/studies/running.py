"""Running a study: train and test what is missing."""

from collections.abc import Sequence

from mmengine.config import Config

from dem_mmaction.utils import claim_folder

from .jobs import Job, run_jobs
from .presets import Preset
from .study import Experiment, Study


def run_study(study: Study, preset: Preset, seeds: Sequence[int]) -> None:
    """Train and test what a study lacks.

    Finished trainings and tests are left alone, and one that was cut off goes on after
    its last epoch. On the probe it goes on with the random numbers of an undisturbed
    run; at full size with others, and without the last step of its plateau schedule,
    as MMEngine saves a checkpoint before the validation that makes the step.

    Args:
        study: What to run.
        preset: At which size, and where.
        seeds: A training of every experiment for each.

    Raises:
        ValueError: The folder has runs with other settings.
        FileNotFoundError: A checkpoint of a finished training is gone.
        JobError: A training or test failed; says where its log is. What was finished
            before stays.
    """
    for seed in seeds:  # one by one, so that a study that is cut off has whole tables
        _run_seed(study, preset, seed)


def _run_seed(study: Study, preset: Preset, seed: int) -> None:
    folders = {own.name: preset.folder(own.name, seed) for own in study.experiments}
    for own in study.experiments:
        claim_folder(folders[own.name].settings, preset.settings(own))
    untested = [own for own in study.experiments if not folders[own.name].is_tested]
    untrained = [own for own in untested if not folders[own.name].trained.is_file()]
    preset.prepare(untested)

    starts = {own.start for own in untested}
    for is_start in (True, False):  # those that others start from come first
        jobs = [
            _training(preset, own, seed)
            for own in untrained
            if (own.name in starts) == is_start
        ]
        what = f'train {study.name}, seed {seed}'
        run_jobs(jobs, what, preset.unit, preset.parallel)
    tests = [_test(preset, own, seed) for own in untested]
    run_jobs(tests, f'test {study.name}, seed {seed}', 'run', preset.parallel)


def _config(preset: Preset, experiment: Experiment, seed: int) -> Config:
    config = preset.config(experiment)
    changes = dict(randomness=dict(seed=seed))
    if experiment.start is not None:
        weights = preset.folder(experiment.start, seed).last_checkpoint()
        pretrained = dict(
            type='Pretrained', prefix='backbone.', checkpoint=str(weights)
        )
        changes['model'] = dict(backbone=dict(init_cfg=pretrained))
    config.merge_from_dict(changes)
    return config


def _training(preset: Preset, experiment: Experiment, seed: int) -> Job:
    folder = preset.folder(experiment.name, seed)
    return Job(
        'train.py',
        _config(preset, experiment, seed),
        folder.path,
        ['--resume'],
        steps=preset.steps(experiment),
        processes=preset.processes,
        marker=folder.trained,
    )


def _test(preset: Preset, experiment: Experiment, seed: int) -> Job:
    folder = preset.folder(experiment.name, seed)
    return Job(
        'test_rates.py',
        _config(preset, experiment, seed),
        folder.test,
        [folder.last_checkpoint(), '--rates', *experiment.rates],
        processes=preset.processes,
    )

"""Running a study: train and test what is missing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from mmengine.config import Config
from mmengine.utils import get_git_hash

from dem_mmaction.utils import claim_folder, locked, refuse_other_settings

from .folders import RunFolder
from .jobs import Job, run_jobs
from .preset import Preset
from .records import RunRecord, make_record, record_path
from .study import Experiment, Study


def run_study(
    study: Study,
    preset: Preset,
    seeds: Sequence[int],
    records: Path,
    parts: Sequence[str] = ('test',),
) -> None:
    """Train and test what a study lacks, and keep a record of each training.

    What has a record is left alone, and so are finished trainings and tests. A training
    that was cut off goes on after its last checkpoint, with the random numbers of an
    undisturbed run and the validation that it lacks.

    Args:
        study: What to run.
        preset: At which size, and where.
        seeds: A training of every experiment for each.
        records: Folder of the records.
        parts: Parts of the data to test on, ``'val'`` and ``'test'``. A choice is made
            on ``'val'`` alone; a part is tested once.

    Raises:
        ValueError: The folder has runs, or there is a record, with other settings, or a
            record is damaged, or lacks a part while its training is gone.
        FileNotFoundError: A checkpoint of a finished training is gone, or there is no
            data.
        FolderInUseError: Another process is training or testing one of them.
        JobError: A training or test failed; says where its log is. What was finished
            before stays.
    """
    wanted = [own for own in study.experiments if preset.has(own)]
    for seed in seeds:  # one by one, so that a study that is cut off has whole tables
        _SeedRun(study.name, preset, seed, Path(records), parts).run(wanted)


class _SeedRun:
    """The experiments of a study with one seed."""

    def __init__(
        self, name: str, preset: Preset, seed: int, records: Path, parts: Sequence[str]
    ) -> None:
        self.name, self.preset, self.seed = name, preset, seed
        self.records, self.parts = records, parts

    def run(self, experiments: Sequence[Experiment]) -> None:
        missing = [own for own in experiments if not self._is_recorded(own)]
        if not missing:
            return
        starts = {own.start for own in missing}
        # Those that others start from are trained, recorded or not, and come first.
        first = [own for own in experiments if own.name in starts]
        later = [own for own in missing if own not in first]
        with self._held([*first, *later]):
            self._learn_before([*first, *later])
            self._train_and_test(first, later, missing)

    def _learn_before(self, experiments: Sequence[Experiment]) -> None:
        """Train on earlier presets what is not trained there, recorded or not."""
        runs = [
            (_SeedRun(self.name, earlier, self.seed, self.records, ()), own)
            for own in experiments
            if (earlier := self.preset.earlier(own)) is not None
        ]
        with ExitStack() as held:
            jobs = []
            for run, own in runs:
                held.enter_context(run._held([own]))
                jobs += run._trainings(own)
            self._run_together('train', 'before', jobs)

    @contextmanager
    def _held(self, experiments: Sequence[Experiment]) -> Iterator[None]:
        """See that the data is there, and keep others out of the working folders."""
        self.preset.prepare(experiments)
        with ExitStack() as held:
            for own in experiments:
                for folder in self._folders(own):
                    folder.path.mkdir(parents=True, exist_ok=True)
                    held.enter_context(locked(folder.path, patience=1))
                    claim_folder(folder.settings, self.preset.settings(own))
            yield

    def _train_and_test(
        self,
        first: Sequence[Experiment],
        later: Sequence[Experiment],
        missing: Sequence[Experiment],
    ) -> None:
        """Do what is not done, and make the records of those that are missing."""
        # As many at a time as there are processes, so that records come one by one.
        size = max(1, self.preset.parallel // len(self.preset.folds))
        done, total = 0, len(first) + len(later)
        for wave in (first, later):
            for batch in (wave[i : i + size] for i in range(0, len(wave), size)):
                done += len(batch)
                count = f'{done} of {total}'
                self._run_jobs('train', count, self._trainings, batch)
                batch = [own for own in batch if own in missing]
                self._run_jobs('test', count, self._tests, batch)
                for own in batch:
                    self._make_record(own)

    def _record(self, experiment: Experiment) -> Path:
        return record_path(self.records, self.preset.name, experiment.name, self.seed)

    def _is_recorded(self, experiment: Experiment) -> bool:
        path = self._record(experiment)
        if not path.is_file():
            return False
        record = RunRecord.load(path)
        refuse_other_settings(path, record.settings, self.preset.settings(experiment))
        lacking = sorted(set(self.parts) - set(record.parts))
        if lacking and not all(f.trained.is_file() for f in self._folders(experiment)):
            raise ValueError(
                f'{path} has no test on the {lacking[0]} part, and its training is not '
                f'in {self.preset.root}. Delete the record to train and test that '
                'network again.'
            )
        return not lacking

    def _folders(self, experiment: Experiment) -> list[RunFolder]:
        return list(self.preset.folders(experiment.name, self.seed))

    def _run_jobs(
        self,
        what: str,
        count: str,
        jobs_of: Callable[[Experiment], list[Job]],
        experiments: Sequence[Experiment],
    ) -> None:
        jobs = [job for own in experiments for job in jobs_of(own)]
        self._run_together(what, count, jobs)

    def _run_together(self, what: str, count: str, jobs: Sequence[Job]) -> None:
        name = f'{what} {self.name}, seed {self.seed}, {count}'
        unit = self.preset.unit if what == 'train' else 'run'
        run_jobs(jobs, name, unit, self.preset.parallel)

    def _make_record(self, experiment: Experiment) -> None:
        record = make_record(
            self._folders(experiment),
            self.preset.settings(experiment),
            get_git_hash(digits=10),
        )
        record.save(self._record(experiment))

    def _trainings(self, experiment: Experiment) -> list[Job]:
        return [
            Job(
                'train.py',
                self._config(experiment, i),
                folder.path,
                ['--resume'],
                steps=self.preset.steps(experiment),
                processes=self.preset.processes,
                marker=folder.trained,
            )
            for i, folder in enumerate(self._folders(experiment))
            if not folder.trained.is_file()
        ]

    def _tests(self, experiment: Experiment) -> list[Job]:
        return [
            Job(
                'test_rates.py',
                self._config(experiment, i, part),
                folder.test(part),
                [folder.last_checkpoint(), '--rates', *self.preset.rates(experiment)],
                processes=self.preset.processes,
            )
            for part in self.parts
            for i, folder in enumerate(self._folders(experiment))
            if not folder.is_tested(part)
        ]

    def _config(self, experiment: Experiment, i: int, part: str = 'test') -> Config:
        """The config of a training, or of its test, on a fold."""
        config = self.preset.config(experiment, self.preset.folds[i], part)
        changes = dict(randomness=dict(seed=self.seed))
        start = self._start(experiment, i)
        if start is not None:
            pretrained = dict(
                type='Pretrained',
                prefix='backbone.',
                checkpoint=str(start.last_checkpoint()),
            )
            changes['model'] = dict(backbone=dict(init_cfg=pretrained))
        config.merge_from_dict(changes)
        return config

    def _start(self, experiment: Experiment, i: int) -> RunFolder | None:
        """The training whose weights the backbone of a fold's training starts from."""
        if experiment.start is not None:
            return list(self.preset.folders(experiment.start, self.seed))[i]
        earlier = self.preset.earlier(experiment)
        return earlier and next(iter(earlier.folders(experiment.name, self.seed)))

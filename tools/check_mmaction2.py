#!/usr/bin/env python
"""Run MMAction2's own tests with this package imported, and without.

    tools/check_mmaction2.py MMACTION2 [TESTS ...]

MMACTION2 is a checkout of the source of the release that is installed and tested, TESTS
are paths below it; by default the tests of recognizers, heads, transforms and metrics.
Importing the package must change no result: each test that ends otherwise is named, and
the exit code is 1. The run without the package has only the stand-ins for modules that
an installation lacks, or nothing would import.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from dem_mmaction.utils import markdown_table

TESTS = (
    'tests/models/recognizers',
    'tests/models/heads',
    'tests/datasets/transforms',
    'tests/evaluation/metrics',
)
# What pytest imports before anything else.
PLUGINS = dict(
    without="""
import importlib.util
import sys
spec = importlib.util.spec_from_file_location('stand_ins', {stand_ins!r})
stand_ins = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stand_ins)
sys.meta_path.append(stand_ins.StandInFinder())
""",
    with_package='import dem_mmaction\n',
)


def run(source: Path, tests: list[str], plugin: str) -> dict[str, str]:
    """Run tests of a checkout.

    Args:
        source: The checkout.
        tests: Paths below it.
        plugin: Code that pytest imports first.

    Returns:
        Of each test whether it ``passed``, ``failed`` or was ``skipped``.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, 'import_first.py').write_text(plugin, encoding='utf-8')
        # Not the checkout itself, whose package would be tested then.
        Path(folder, 'tests').symlink_to(source / 'tests')
        results = Path(folder, 'results.xml')
        path = [folder, os.environ.get('PYTHONPATH', '')]
        command = [sys.executable, '-m', 'pytest', '-q', '-p', 'import_first']
        command += ['-p', 'no:cacheprovider', f'--junitxml={results}', *tests]
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, 'PYTHONPATH': os.pathsep.join(filter(None, path))},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode not in (0, 1):  # all passed, or some failed
            sys.exit(f'check_mmaction2: pytest did not run:\n{done.stdout[-2000:]}')
        cases = ElementTree.parse(results).iter('testcase')
        return {
            f'{case.get("classname")}.{case.get("name")}': _outcome(case)
            for case in cases
        }


def _outcome(case: ElementTree.Element) -> str:
    kinds = {child.tag for child in case}
    if kinds & {'failure', 'error'}:
        return 'failed'
    return 'skipped' if 'skipped' in kinds else 'passed'


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('source', type=Path, metavar='MMACTION2')
    parser.add_argument('tests', nargs='*', default=TESTS, metavar='TESTS')
    args = parser.parse_args()
    lacking = [test for test in args.tests if not (args.source / test).exists()]
    if lacking:
        parser.error(f'{args.source} has no {", ".join(lacking)}')
    package = importlib.util.find_spec('dem_mmaction')
    stand_ins = Path(package.origin).with_name('compat') / 'modules.py'
    outcomes = {
        name: run(
            args.source.resolve(),
            list(args.tests),
            code.format(stand_ins=str(stand_ins)),
        )
        for name, code in PLUGINS.items()
    }
    counts = {name: Counter(own.values()) for name, own in outcomes.items()}
    kinds = ('passed', 'failed', 'skipped')
    rows = [
        (name.replace('_', ' '), *(own[kind] for kind in kinds))
        for name, own in counts.items()
    ]
    print(markdown_table(('dem_mmaction', *kinds), rows))
    before, after = outcomes.values()
    changed = [
        f'{name}: {before.get(name, "not run")}, with it {after.get(name, "not run")}'
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]
    if changed:
        print('\n'.join(changed))
        sys.exit(f'check_mmaction2: {len(changed)} results change.')
    print(f'No result of {len(before)} changes.')


if __name__ == '__main__':
    main()

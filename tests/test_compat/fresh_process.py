"""Code in a process that has imported nothing yet."""

import importlib.util
import textwrap

from support import ROOT, run_python


def python(code: str, hide: str = '', fails: bool = False) -> str:
    """Run code in a fresh process from whose path a package is hidden."""
    prelude = f"""
        import sys
        from importlib.machinery import PathFinder

        class Hide:
            @staticmethod
            def find_spec(name, path=None, target=None):
                hidden = name == {hide!r} or name.startswith({hide + '.'!r})
                return None if hidden else PathFinder.find_spec(name, path, target)

        sys.meta_path = [Hide if f is PathFinder else f for f in sys.meta_path]
    """
    script = textwrap.dedent(prelude) + textwrap.dedent(code)
    return run_python('-c', script, cwd=ROOT, fails=fails)


def origin(name: str):
    return type(importlib.util.find_spec(name).loader).__name__

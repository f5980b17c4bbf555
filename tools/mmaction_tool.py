#!/usr/bin/env python
"""Run a tool of MMAction2 with DEM registered: tools/mmaction_tool.py TOOL ARGS...

TOOL is the name of one of its tools, such as ``confusion_matrix`` or
``analysis_tools/get_flops``, or the path of a Python script, such as one of the demos
in a checkout of MMAction2. Without a tool: list them.
"""

import sys

from dem_mmaction.engine import mmaction_tools, run_mmaction_tool


def main() -> None:
    if len(sys.argv) < 2 or sys.argv[1] in ('-h', '--help'):
        print(__doc__)
        print('\n'.join(mmaction_tools()))
        return
    name = sys.argv.pop(1)
    try:
        run_mmaction_tool(name)
    except FileNotFoundError as error:
        if error.filename is not None:
            raise
        sys.exit(f'mmaction_tool: {error}')


if __name__ == '__main__':
    main()

#!/usr/bin/env bash
# Usage: tools/benchmarks/all.sh OUT VIDEOS...
# Runs every benchmark at full size on the videos of the folders VIDEOS and writes what
# each prints to a text file in the folder OUT. Nothing else should run meanwhile.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../_launch.sh"
need 2 'OUT VIDEOS...' "$@"
out=$1
shift
mkdir -p "$out"
bench() {  # NAME SCRIPT ARGUMENTS...
    echo "$2 > $out/$1.txt"
    "$PYTHON" "$ROOT/tools/benchmarks/$2" "${@:3}" > "$out/$1.txt"
}
bench model model.py
bench compiled model.py --compile --networks 'DEM everywhere' MMAction2
bench curves model.py --passes 3 --curves "$out/speed_curves.png"
bench complexity complexity.py
bench dem_forms dem_forms.py --passes 11
bench video video.py "$@"
bench workers workers.py "$@"
bench guard guard.py "$@"
bench train train.py "$@"
bench rates rates.py "$@"
bench robustness robustness.py "$@"
bench inference inference.py

#!/usr/bin/env bash
# tools/benchmarks/all.sh OUT VIDEOS...: every benchmark at its full size, a text file
# each in the folder OUT, on folders of videos. For an otherwise idle machine.
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
bench compiled model.py --compile --networks 'R(2+1)D-18' 'DEM everywhere' MMAction2
bench curves model.py --passes 3 --curves "$out/speed_curves.png"
bench dem_forms dem_forms.py --passes 11
bench video video.py "$@"
bench workers workers.py "$@"
bench train train.py "$@"
bench rates rates.py "$@"

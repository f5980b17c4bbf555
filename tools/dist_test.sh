#!/usr/bin/env bash
# Test on several GPUs, or in several processes on a CPU.
# On several machines, set NNODES, NODE_RANK and MASTER_ADDR on each of them. If port
# 29500 is in use, set PORT to another.
set -euo pipefail
source "$(dirname "$0")/_launch.sh"
need 3 'CONFIG CHECKPOINT GPUS [flags of test.py]' "$@"
with_torchrun "$3" test.py "$1" "$2" "${@:4}"

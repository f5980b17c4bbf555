#!/usr/bin/env bash
# Train on several GPUs, or in several processes on a CPU.
# On several machines, set NNODES, NODE_RANK and MASTER_ADDR on each of them. If port
# 29500 is in use, set PORT to another.
set -euo pipefail
source "$(dirname "$0")/_launch.sh"
need 2 'CONFIG GPUS [flags of train.py]' "$@"
with_torchrun "$2" train.py "$1" "${@:3}"

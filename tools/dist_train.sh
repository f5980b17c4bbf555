#!/usr/bin/env bash
# Train on several GPUs, or in several processes of a CPU.
# Several machines: NNODES, NODE_RANK and MASTER_ADDR on each. PORT where 29500 is taken.
set -euo pipefail
source "$(dirname "$0")/_launch.sh"
need 2 'CONFIG GPUS [flags of train.py]' "$@"
with_torchrun "$2" train.py "$1" "${@:3}"

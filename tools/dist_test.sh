#!/usr/bin/env bash
# Test on several GPUs, or in several processes of a CPU.
# Several machines: NNODES, NODE_RANK and MASTER_ADDR on each. PORT where 29500 is taken.
set -euo pipefail
source "$(dirname "$0")/_launch.sh"
need 3 'CONFIG CHECKPOINT GPUS [flags of test.py]' "$@"
with_torchrun "$3" test.py "$1" "$2" "${@:4}"

#!/usr/bin/env bash
# Test through Slurm. These variables of the environment count, with their defaults:
# GPUS (8), GPUS_PER_NODE (8), CPUS_PER_TASK (5), SRUN_ARGS (none).
set -euo pipefail
source "$(dirname "$0")/_launch.sh"
need 4 'PARTITION JOB_NAME CONFIG CHECKPOINT [flags of test.py]' "$@"
with_srun "$1" "$2" test.py "$3" "$4" "${@:5}"

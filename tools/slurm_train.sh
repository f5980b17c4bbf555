#!/usr/bin/env bash
# Train through Slurm. These variables of the environment count, with their defaults:
# GPUS (8), GPUS_PER_NODE (8), CPUS_PER_TASK (5), SRUN_ARGS (none).
set -euo pipefail
source "$(dirname "$0")/_launch.sh"
need 3 'PARTITION JOB_NAME CONFIG [flags of train.py]' "$@"
with_srun "$1" "$2" train.py "$3" "${@:4}"

#!/usr/bin/env bash
# Train through Slurm. GPUS (8), GPUS_PER_NODE (8), CPUS_PER_TASK (5) and SRUN_ARGS are
# read from the environment.
set -euo pipefail
source "$(dirname "$0")/_launch.sh"
need 3 'PARTITION JOB_NAME CONFIG [flags of train.py]' "$@"
with_srun "$1" "$2" train.py "$3" "${@:4}"

#!/usr/bin/env bash
# Train through Slurm. These variables of the environment count, with their defaults:
# GPUS (8), GPUS_PER_NODE (8), CPUS_PER_TASK (5), SRUN_ARGS (none).
#
# Inside a batch job, a training that is told to end goes on by itself, once the job is
# requeued: sbatch --requeue --signal=USR1@300 SCRIPT, with `tools/slurm_train.sh ...
# --resume` in SCRIPT. It leaves a checkpoint and ends with 75, for which the job is
# requeued here.
set -euo pipefail
source "$(dirname "$0")/_launch.sh"
need 3 'PARTITION JOB_NAME CONFIG [flags of train.py]' "$@"
with_srun "$1" "$2" train.py "$3" "${@:4}"

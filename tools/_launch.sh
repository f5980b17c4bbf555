# The launchers source this file. It sets ROOT and PYTHON and lets Python find the
# package. PYTHON is left alone if it is set; otherwise it is the Python of the active
# environment or, if none is active, that of `make setup`.
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -z "${PYTHON:-}" ]; then
    PYTHON=python
    if [ -z "${VIRTUAL_ENV:-}${CONDA_PREFIX:-}" ] && [ -x "$ROOT/.venv/bin/python" ]; then
        PYTHON=$ROOT/.venv/bin/python
    fi
fi
export PYTHONPATH=$ROOT${PYTHONPATH:+:$PYTHONPATH}

# need COUNT USAGE ARGUMENTS...: print the usage and stop if there are fewer than COUNT
need() {
    if [ $(($# - 2)) -lt "$1" ]; then
        echo "usage: $0 $2" >&2
        exit 2
    fi
}

# with_torchrun PROCESSES TOOL ARGUMENTS...: run the tool by torchrun of $PYTHON
with_torchrun() {
    exec "$PYTHON" -m torch.distributed.run \
        --nnodes="${NNODES:-1}" \
        --node_rank="${NODE_RANK:-0}" \
        --master_addr="${MASTER_ADDR:-127.0.0.1}" \
        --master_port="${PORT:-29500}" \
        --nproc_per_node="$1" \
        "$ROOT/tools/$2" "${@:3}" --launcher pytorch
}

# with_srun PARTITION JOB_NAME TOOL ARGUMENTS...: run the tool by Slurm's srun. A tool
# that ends with 75 has left a checkpoint because it was told to end: a batch job that
# may be requeued is.
with_srun() {
    export MASTER_PORT=${MASTER_PORT:-$((12000 + RANDOM % 20000))}
    # SRUN_ARGS holds several arguments, so it stays unquoted.
    local code=0
    srun -p "$1" --job-name="$2" \
        --gres=gpu:"${GPUS_PER_NODE:-8}" \
        --ntasks="${GPUS:-8}" \
        --ntasks-per-node="${GPUS_PER_NODE:-8}" \
        --cpus-per-task="${CPUS_PER_TASK:-5}" \
        --kill-on-bad-exit=1 \
        ${SRUN_ARGS:-} \
        "$PYTHON" -u "$ROOT/tools/$3" "${@:4}" --launcher slurm || code=$?
    if [ "$code" -eq 75 ] && [ -n "${SLURM_JOB_ID:-}" ]; then
        scontrol requeue "$SLURM_JOB_ID" && echo "requeued job $SLURM_JOB_ID" >&2
    fi
    exit "$code"
}

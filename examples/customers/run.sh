#!/usr/bin/env bash
# The simulated delicatessen: makes it in a folder (default: customers), segments its customers, and tells how long each
# step takes. Usage: run.sh [FOLDER [SEED]]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-customers}
seed=${2:-1}
times=()

since() {
    awk -v from="$1" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

step() {
    local started=$EPOCHREALTIME
    printf '\n=== outlay %s\n\n' "$*"
    outlay "$@"
    times+=("$(printf '%7s s  outlay %s' "$(since "$started")" "$*")")
}

began=$EPOCHREALTIME
step init --example customers --seed "$seed" --project "$folder/outlay.toml"
cd "$folder"
step check
step segment --choose
step segment --picture segments.html --csv segments.csv
step segment --profile
step segment --assign
step segment --drift
step report
total=$(since "$began")

printf '\n=== Against the truth (truth.py)\n\n'
python "$here/truth.py"
printf '\n=== Times\n\n'
printf '%s\n' "${times[@]}"
printf '%7s s  all of them\n' "$total"

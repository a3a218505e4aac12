#!/usr/bin/env bash
# The whole path on the simulated B2B company: makes it in a folder (default: b2b), asks every question, and tells how long
# each step takes. Usage: run.sh [FOLDER [SEED]]
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-b2b}
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

latest_plan() {
    outlay runs list --json | python -c 'import json, sys
print(max(run["id"] for run in json.load(sys.stdin)["runs"] if run["kind"] == "plan"))'
}

began=$EPOCHREALTIME
step init --example b2b --seed "$seed" --project "$folder/outlay.toml"
cd "$folder"
step segment     # leads get the segment of their account
step check
step convert
step score
step fit
step attribute   # after the fit, so that journeys can be reconciled with it
step plan --scenario scenarios/mql_volume.toml
leads=runs/$(latest_plan)
step plan --scenario scenarios/no_capacity.toml
value=runs/$(latest_plan)
step plan
joint=runs/$(latest_plan)
step plan --evaluate "$leads/tables/flighting.parquet"
step plan --evaluate "$value/tables/flighting.parquet"
step scorecard
step report --plan "${joint#runs/}"   # the plan that was made, not the one that was judged last
total=$(since "$began")

printf '\n=== The three budgets in truth (truth.py)\n\n'
python "$here/truth.py" "$leads" "$value" "$joint"
printf '\n=== Times\n\n'
printf '%s\n' "${times[@]}"
printf '%7s s  all of them\n' "$total"

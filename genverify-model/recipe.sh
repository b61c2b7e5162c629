#!/bin/sh
# From nothing to a trained critic: data, one run a seed, and each result in pieces of at most 50 MB.
#
#   sh genverify-model/recipe.sh OUT
#
# What can be set in the environment, with what it is for one GPU:
#   MODEL=embedded     what is trained: embedded, a folder, a hub id
#   N=1500000          records of algebra, and a quarter as many of logic; a record has some 250 tokens
#   SEEDS="0 1 2"      one run each
#   SETTINGS=gpu.yaml  beside this file, or a path
#   SPLIT="0.99 0.005 0.005"  shares of problems that are trained on, measured on, and kept for a test
#   BENCHMARKS=        files whose problems must not be trained on
#   LAUNCH="accelerate launch -m genverify"   or "genverify" on a CPU
#
# The same command goes on where it was stopped.
set -eu
out=$1
here=$(cd "$(dirname "$0")" && pwd)
model=${MODEL:-embedded} n=${N:-1500000} seeds=${SEEDS:-0 1 2}
settings=${SETTINGS:-$here/gpu.yaml} launch=${LAUNCH:-accelerate launch -m genverify}
split=${SPLIT:-0.99 0.005 0.005}
clean=""
for file in ${BENCHMARKS:-}; do clean="$clean --decontaminate $file"; done
mkdir -p "$out"
# shellcheck disable=SC2086
genverify make-data algebra --n "$n" --seed 1 --split $split --out "$out/algebra" $clean
# shellcheck disable=SC2086
genverify make-data logic --n $((n / 4)) --seed 1 --split $split --out "$out/logic" $clean
for seed in $seeds; do
    run="$out/seed-$seed.yaml"
    {
        cat "$settings"
        echo "model: $model"
        echo "seed: $seed"
        echo "data: [algebra/train.jsonl, logic/train.jsonl]"
        echo "held: [algebra/validation.jsonl, logic/validation.jsonl]"
        echo "out: seed-$seed"
    } > "$run"
    $launch train sft "$run"
    python - "$out/seed-$seed" <<'PYTHON'
import sys
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer

folder = Path(sys.argv[1])
if (folder / "model" / "config.json").exists():
    model = AutoModelForCausalLM.from_pretrained(folder / "model", dtype="bfloat16")
    model.save_pretrained(folder / "pieces", max_shard_size="50MB")
    AutoTokenizer.from_pretrained(folder / "model").save_pretrained(folder / "pieces")
PYTHON
done

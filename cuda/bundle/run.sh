#!/usr/bin/env bash
# Copyright The Generatrix Authors
# SPDX-License-Identifier: Apache-2.0
#
# Proves and measures the CUDA backend on this machine, which needs an NVIDIA driver and nothing else.
#
#   ./run.sh test     every operation and every model on the GPU against the CPU; compute-sanitizer where it is installed
#   ./run.sh bench    speeds, beside PyTorch's if python3 has it
#   ./run.sh all      both
#
# Logs are left in ${OUT:-results}.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${OUT:-$here/results}
mkdir -p "$out"
export LD_LIBRARY_PATH="$here/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
failed=0

step() {  # NAME COMMAND: its output goes to a log, its end to the terminal
  local name=$1 log=$out/$1.log start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@" > "$log" 2>&1
  local status=$?
  tail -n "${lines:-6}" "$log"
  case $status in
    0) printf '== %s: passed in %d s\n' "$name" $((SECONDS - start)) ;;
    77) printf '== %s: skipped\n' "$name" ;;
    *) printf '== %s: FAILED with status %d; %s\n' "$name" "$status" "$log"; failed=1; grep -E 'FAILED|Failure|rror' "$log" | head -40 ;;
  esac
}

conformance=("$here/bin/generatrix_conformance" "--backend=$here/lib/libgeneratrix_cuda.so")

java_suite() {
  "$here/java/bin/java" -XX:+UseSerialGC -Djava.library.path="$here/lib" -Dgeneratrix.native.dir="$here/lib" \
    -Dgeneratrix.cuda.library="$here/lib/libgeneratrix_cuda.so" -Dgeneratrix.test.device=cuda -cp "$here/jars/*" \
    org.junit.platform.console.ConsoleLauncher execute --disable-banner --details=tree \
    --select-class org.generatrix.autograd.OpsTest --select-package org.generatrix.cuda
}

tests() {
  step conformance "${conformance[@]}" --gtest_brief=1
  step java java_suite
  if command -v compute-sanitizer > /dev/null; then
    step memcheck compute-sanitizer --tool memcheck --error-exitcode 1 "${conformance[@]}" --gtest_brief=1
    step racecheck compute-sanitizer --tool racecheck --error-exitcode 1 "${conformance[@]}" --gtest_brief=1
  else
    printf '\n== compute-sanitizer is not installed: no memcheck, no racecheck\n'
  fi
}

benchmarks() {
  : > "$out/peers.tsv"
  if python3 -c 'import torch' 2> /dev/null; then
    printf '\n== peers\n'
    python3 "$here/bin/peers.py" > "$out/peers.tsv" 2> "$out/peers.log"
  else
    printf '\n== python3 has no torch here: no peers\n'
  fi
  lines=10 step models "$here/java/bin/java" -XX:+UseSerialGC -Djava.library.path="$here/lib" -Dgeneratrix.native.dir="$here/lib" \
    -Dgeneratrix.cuda.library="$here/lib/libgeneratrix_cuda.so" -cp "$here/jars/*" org.generatrix.cuda.ModelSpeeds
  lines=60 step bench "$here/bin/generatrix_gpu_bench" --backend "$here/lib/libgeneratrix_cuda.so" --peers "$out/peers.tsv"
}

case ${1:-} in
  test) tests ;;
  bench) benchmarks ;;
  all) tests; benchmarks ;;
  *) sed -n '5,13s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"; exit 2 ;;
esac
exit $failed

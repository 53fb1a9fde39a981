#!/usr/bin/env python
"""Runs the notebooks in nbs/ as tests and says what ran: `python .ci/test_notebooks.py [--flags "slow cuda"] [--pattern 0[0-3]]`.

Each notebook gets a process of its own. fastai's import costs such a process about 5 s where a reused worker pays it once,
but then no seed, patch or open file of one notebook can carry another, and one that crashes takes no other with it."""
import argparse, os, re, subprocess, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

root = Path(__file__).resolve().parent.parent
PASSED, FAILED, SKIPPED = 10, 1, 11   # exit codes; 0 is none of them, so a notebook that ends its own process fails

def run_here(path, flags):
    "Run the notebook at `path` in this process and exit with its result; first print how many cells are to run."
    from nbdev.config import get_config
    from nbdev.test import nb_test_cells, test_nb
    cfg = get_config(root)
    skip = cfg.tst_flags.split()
    # a cell of nothing but comments, such as `#| default_exp color`, is no test
    code = [c for c in nb_test_cells(path, skip, flags) if re.search(r'^\s*[^#\s]', c.source, re.M)]
    print(len(code), flush=True)
    if not code: sys.exit(SKIPPED)
    passed, _ = test_nb(path, skip, flags, basepath=root, profile=False, cell_timeout=cfg.cell_timeout)
    sys.exit(PASSED if passed else FAILED)

def run_apart(path, args):
    "Run the notebook at `path` in a process of its own; return 'ok', 'skipped' or 'FAILED'."
    threads = str(max(1, (os.cpu_count() or 1) // args.n))   # torch would give every worker all cores
    env = {'OMP_NUM_THREADS': threads, 'MKL_NUM_THREADS': threads, **os.environ}   # read when torch is imported
    start = time.time()
    with tempfile.TemporaryDirectory(prefix='notebook-', ignore_cleanup_errors=True) as tmp:   # a notebook that fails leaves nothing behind
        done = subprocess.run([sys.executable, __file__, '--one', path, '--flags', args.flags], cwd=root, env=env | {'TMPDIR': tmp},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors='replace')
    cells, _, printed = done.stdout.partition('\n')
    result = {PASSED: 'ok', SKIPPED: 'skipped'}.get(done.returncode, 'FAILED')
    name = path.relative_to(root / 'nbs').as_posix()
    line = f'{name:42} {cells:>4} cells {time.time() - start:7.1f} s  {result}'
    trace = f' (exit code {done.returncode})\n{(printed + done.stderr).strip()}\n' if result == 'FAILED' else ''
    print(line + trace, flush=True)
    return result

def main():
    "Run the notebooks asked for, `-n` at a time; exit with 1 if one failed or none ran."
    parser = argparse.ArgumentParser(description=__doc__.split(':')[0])
    parser.add_argument('--flags', default='', help='flagged cells to run too, such as "slow cuda"')
    parser.add_argument('--pattern', default='', help="only notebooks whose path in nbs/ begins with this regular expression")
    parser.add_argument('-n', type=int, default=2, help='notebooks at a time (default: 2)')
    parser.add_argument('--one', type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.n < 1: parser.error('-n must be at least 1')
    if args.one: run_here(args.one, args.flags.split())

    from nbdev.doclinks import nbglob
    os.chdir(root)
    found = sorted(nbglob(as_path=True), key=lambda p: (len(p.parts), p))   # the tutorials after the rooms they use
    wanted = [p for p in found if re.match(args.pattern, p.relative_to(root / 'nbs').as_posix())]
    start = time.time()
    with ThreadPoolExecutor(args.n) as pool: results = list(pool.map(lambda p: run_apart(p, args), wanted))
    passed, failed, skipped = (results.count(o) for o in ('ok', 'FAILED', 'skipped'))
    if not passed + failed: print('No notebook ran.')
    print(f'{len(wanted)} notebooks in {time.time() - start:.0f} s')
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    sys.exit(1 if failed or not passed else 0)

if __name__ == '__main__': main()

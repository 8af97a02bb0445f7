"""Measures the hub beside its peers: the same work, in the same rounds, on the same machine.

Every round runs every contestant once, the order turning from round to round. What is printed is
the median of the ratios of single rounds, because machines drift; seconds are for orientation.
A contestant whose rows or sums are not those of the generator fails the case.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile

import cases
import measure


def arguments():
    parser = argparse.ArgumentParser(
        prog="ops/bench", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", nargs="*", help="all when none is named")
    parser.add_argument("--list", action="store_true", help="name the cases")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of a file (1000000)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    parser.add_argument("--seed", type=int, default=1, help="of all data (1)")
    parser.add_argument("--dir", help="where to work; a new directory without it")
    parser.add_argument("--only", action="append", metavar="CONTESTANT",
                        help="beside ours only these")
    return parser.parse_args()


def main():
    given = arguments()
    if given.list:
        for name, case in cases.CASES.items():
            print(f"{name:<16}{case.__doc__.splitlines()[0]}")
        return 0
    unknown = [name for name in given.case if name not in cases.CASES]
    if unknown:
        print(f"bench: there is no case `{unknown[0]}`; the cases are {', '.join(cases.CASES)}",
              file=sys.stderr)
        return 2
    folder = given.dir or tempfile.mkdtemp(prefix="dukou-bench-")
    os.makedirs(folder, exist_ok=True)
    print(f"{given.rows} rows, {given.rounds} rounds, seed {given.seed}; {machine()}")
    failed = False
    for name in given.case or cases.CASES:
        try:
            run_case(name, given, folder)
        except measure.Failed as error:
            failed = True
            print(f"\n{name}: FAILED\n{error}", file=sys.stderr)
    if not given.dir:
        shutil.rmtree(folder)
    return 1 if failed else 0


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {names[0] if names else 'unknown processor'}"


def run_case(name, given, folder):
    place = os.path.join(folder, name)
    os.makedirs(place, exist_ok=True)
    case = cases.CASES[name](place, given.rows, given.seed)
    contestants = [c for c in case.contestants()
                   if c.is_ours or not given.only or c.name in given.only]
    taken = {contestant.name: [] for contestant in contestants}
    try:
        for turn in range(given.rounds):
            at = turn % len(contestants)
            for contestant in contestants[at:] + contestants[:at]:
                taken[contestant.name].append(once(contestant, place))
    finally:
        case.close()
        shutil.rmtree(place)
    table(name, case, contestants, taken)


def once(contestant, place):
    folder = os.path.join(place, "run")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    contestant.prepare(folder)
    os.sync()
    result = measure.run(contestant.command(folder), folder, contestant.environment(folder))
    contestant.verify(folder, result.output)
    contestant.clear(folder)
    return result


def table(name, case, contestants, taken):
    ours = next(c.name for c in contestants if c.is_ours)
    print(f"\n{name}: {case.__doc__.splitlines()[0]}")
    print(f"  {'':<26}{'seconds':>9}{'cpu':>8}{'MiB':>8}{'ours / it':>12}{'range':>16}")
    for contestant in contestants:
        runs = taken[contestant.name]
        ratios = [mine.wall / its.wall for mine, its in zip(taken[ours], runs)]
        line = (f"  {contestant.name:<26}{middle(runs, 'wall'):>9.2f}{middle(runs, 'cpu'):>8.2f}"
                f"{max(run.mib for run in runs):>8.0f}")
        if contestant.name != ours:
            line += (f"{statistics.median(ratios):>12.2f}"
                     f"{f'{min(ratios):.2f}-{max(ratios):.2f}':>16}")
        print(line, flush=True)


def middle(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


if __name__ == "__main__":
    sys.exit(main())

"""Measures the hub beside its peers: the same work, in the same rounds, on the same machine.

Every round runs every contestant once, the order turning from round to round. What is printed is
the median of the ratios of single rounds, because machines drift; seconds are for orientation.
A contestant whose rows or sums are not those of the generator fails the case. After a figure
stands what it must reach (`aims.py`), and whether it does; an aim missed fails nothing.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile

import aims
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
            print(f"{name:<20}{case.__doc__.splitlines()[0]}")
        return 0
    unknown = [name for name in given.case if name not in cases.CASES]
    if unknown:
        print(f"bench: there is no case `{unknown[0]}`; the cases are {', '.join(cases.CASES)}",
              file=sys.stderr)
        return 2
    folder = given.dir or tempfile.mkdtemp(prefix="dukou-bench-")
    os.makedirs(folder, exist_ok=True)
    print(f"{given.rows} rows, {given.rounds} rounds, seed {given.seed}; {machine()}")
    failed, verdicts = False, []
    for name in given.case or cases.CASES:
        try:
            verdicts += run_case(name, given, folder)
        except measure.Failed as error:
            failed = True
            print(f"\n{name}: FAILED\n{error}", file=sys.stderr)
    if not given.dir:
        shutil.rmtree(folder)
    met = sum(verdict.is_met for verdict in verdicts)
    print(f"\n{met} of {len(verdicts)} aims met")
    return 1 if failed else 0


def machine():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as info:
        names = [line.split(":", 1)[1].strip() for line in info if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {names[0] if names else 'unknown processor'}"


def run_case(name, given, folder):
    """Runs a case; gives whether each of its aims is met."""
    place = os.path.join(folder, name)
    os.makedirs(place, exist_ok=True)
    case = cases.CASES[name](place, given.rows, given.seed)
    taken = {}
    try:
        contestants = [c for c in case.contestants()
                       if c.is_ours or not given.only or c.name in given.only]
        for turn in range(given.rounds):
            at = turn % len(contestants)
            order = contestants[at:] + contestants[:at]
            rounds = {c.name: once(c, place) for c in order}
            for contestant in contestants:
                for row, result in rounds[contestant.name].items():
                    taken.setdefault(row, []).append(result)
    finally:
        case.close()
        shutil.rmtree(place)
    return table(name, case, taken)


def once(contestant, place):
    """One round of one contestant: what its laps took, by row."""
    folder = os.path.join(place, "run")
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    rows, output = {}, ""
    for lap in contestant.laps(folder):
        if lap.after is None:
            os.sync()
        result = measure.run(lap.command, folder, contestant.environment)
        output = result.output
        rows[lap.row] = result if lap.after is None else rows[lap.after].plus(result)
    contestant.verify(folder, output)
    return rows


def table(name, case, taken):
    ratios = {row: [over.wall / under.wall for over, under in zip(taken[one], taken[other])]
              for row, one, other in case.ratios(list(taken))}
    verdicts = []
    print(f"\n{name}: {case.__doc__.splitlines()[0]}")
    print(f"  {'':<26}{'seconds':>9}{'cpu':>8}{'MiB':>8}{case.title:>12}{'range':>16}   aim")
    for row, runs in taken.items():
        mib = max(run.mib for run in runs)
        line = f"  {row:<26}{middle(runs, 'wall'):>9.2f}{middle(runs, 'cpu'):>8.2f}{mib:>8.0f}"
        ratio = ratios.get(row)
        line += shown(ratio) if ratio else " " * 28
        words = []
        if ratio:
            words.append(aims.ratio(name, row, statistics.median(ratio)))
        words.append(aims.memory(name, row, mib))
        found = [verdict for verdict in words if verdict]
        verdicts += found
        line += "   " + ", ".join(verdict.text for verdict in found)
        print(line.rstrip(), flush=True)
    return verdicts


def shown(ratio):
    """The median and the range of the rounds."""
    return f"{statistics.median(ratio):>12.2f}{f'{min(ratio):.2f}-{max(ratio):.2f}':>16}"


def middle(runs, what):
    return statistics.median(getattr(run, what) for run in runs)


if __name__ == "__main__":
    sys.exit(main())

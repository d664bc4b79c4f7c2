"""Tells Google Benchmark's JSON as a Markdown table: one contender, and how many times as long others take.

    bench_peers --benchmark_format=json --benchmark_repetitions=7 | ratios.py [CONTENDER]

A benchmark's name is CASE/CONTENDER. Each cell is the median of the repetitions' CPU times in nanoseconds (of the
times they told themselves where they did), and its ratio to that of the contender named, event_queue if none is. The exit status is 2 when the input cannot be told so.
"""

import json
import math
import statistics
import sys

OWN_TIME = "/manual_time"
NANOSECONDS = {"ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9}
# Clocks that count in double seconds differ in the last digits; an event lost or out of order shows far above this.
TOLERANCE = 1e-6


class Unreadable(Exception):
    pass


def read(text, ours):
    """The context, and {(case, contender): [run]} in the order of the program, whatever that of the runs."""
    try:
        report = json.loads(text)
        context, benchmarks = report["context"], report["benchmarks"]
        runs = {}
        for run in sorted(benchmarks, key=lambda run: run.get("family_index", 0)):
            if run.get("run_type") == "iteration" and not run.get("error_occurred"):
                name = run.get("run_name", run["name"])
                time = run["real_time" if name.endswith(OWN_TIME) else "cpu_time"]
                case, _, contender = name.removesuffix(OWN_TIME).rpartition("/")
                time_ns = time * NANOSECONDS[run["time_unit"]]
                runs.setdefault((case, contender), []).append({"time_ns": time_ns, "result": run.get("result")})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(f"this is not the JSON of Google Benchmark ({error!r})") from error
    if ours not in {contender for _, contender in runs}:
        raise Unreadable(f"no benchmark of {ours} to compare with")
    return context, runs


def number(value):
    """Two digits at least, and no more than the noise allows."""
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 9.95 else f"{value:.0f}"


def cell(case, contender, ours, medians):
    median, our_median = medians.get((case, contender)), medians.get((case, ours))
    if median is None:
        return "–"
    if contender == ours or not our_median:
        return number(median)
    return f"{number(median)} ({number(median / our_median)}×)"


def heading(context, runs):
    counts = sorted({len(of_one) for of_one in runs.values()})
    repetitions = " to ".join(str(count) for count in dict.fromkeys([counts[0], counts[-1]]))
    told = [f"CPU nanoseconds an item, medians of {repetitions} repetitions",
            f"{context.get('num_cpus', '?')} CPUs of {context.get('mhz_per_cpu', '?')} MHz",
            f"Google Benchmark built as {context.get('library_build_type', '?')}"]
    if "peers" in context:
        told.append(context["peers"])
    return "; ".join(told) + "."


def table(runs, ours):
    cases = list(dict.fromkeys(case for case, _ in runs))
    contenders = list(dict.fromkeys(contender for _, contender in runs))
    medians = {key: statistics.median(run["time_ns"] for run in of_one) for key, of_one in runs.items()}
    yield "| case | " + " | ".join(contenders) + " |"
    yield "|---" * (1 + len(contenders)) + "|"
    for case in cases:
        yield f"| {case} | " + " | ".join(cell(case, contender, ours, medians) for contender in contenders) + " |"


def warnings(runs, ours):
    """Contenders that ran the same model must have come to the same result."""
    for case in dict.fromkeys(case for case, _ in runs):
        results = [(contender, run["result"]) for (of_case, contender), of_one in runs.items() if of_case == case
                   for run in of_one if run["result"] is not None]
        if not results:
            continue
        expected = dict(reversed(results)).get(ours, results[0][1])
        wrong = [contender for contender, result in results
                 if not math.isclose(result, expected, rel_tol=TOLERANCE, abs_tol=0)]
        if wrong:
            yield f"Warning: {case}: another result than the rest from {', '.join(dict.fromkeys(wrong))}."


def tell(text, ours):
    context, runs = read(text, ours)
    lines = [heading(context, runs), "", *table(runs, ours)]
    warned = list(warnings(runs, ours))
    return "\n".join(lines + ([""] + warned if warned else []))


def main():
    try:
        print(tell(sys.stdin.read(), (sys.argv[1:] or ["event_queue"])[0]))
    except Unreadable as error:
        print(f"ratios.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

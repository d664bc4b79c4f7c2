"""Hands bench/ratios.py canned reports of Google Benchmark and reads the tables it makes of them."""

import json
import subprocess
import sys
import unittest
from pathlib import Path

PROGRAM = Path(__file__).parents[2] / "bench" / "ratios.py"


def run(name, cpu_time, unit="ns", **more):
    return {"name": name, "run_name": name, "run_type": "iteration", "cpu_time": cpu_time, "real_time": 1e9,
            "time_unit": unit, **more}


def told(benchmarks, **context):
    text = json.dumps({"context": {"num_cpus": 2, "mhz_per_cpu": 2600, "library_build_type": "release", **context},
                       "benchmarks": benchmarks})
    return ran(text)


def ran(text):
    return subprocess.run([sys.executable, PROGRAM], input=text, capture_output=True, encoding="utf-8", check=False)


class Ratios(unittest.TestCase):
    def rows(self, benchmarks):
        done = told(benchmarks)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return [line for line in done.stdout.splitlines() if line.startswith("|")]

    def test_another_contender_can_be_the_measure_and_a_case_can_tell_its_own_time(self):
        text = json.dumps({"context": {}, "benchmarks": [
            run("burst/10/placer/manual_time", 500, real_time=20), run("burst/10/one_by_one/manual_time", 900, real_time=100)]})
        done = subprocess.run([sys.executable, PROGRAM, "placer"], input=text, capture_output=True, encoding="utf-8",
                              check=False)
        self.assertEqual(done.stdout.splitlines()[-1], "| burst/10 | 20 | 100 (5.0×) |")

    def test_cells_are_medians_and_ratios_to_the_event_queue(self):
        done = told([run("W1/10/event_queue", 14), run("W1/10/event_queue", 900), run("W1/10/event_queue", 13),
                     run("W1/10/heap", 62), run("W1/10/heap", 63), run("W1/10/heap", 64)], peers="Boost 1.74")
        self.assertEqual(done.stdout.splitlines(), [
            "CPU nanoseconds an item, medians of 3 repetitions; 2 CPUs of 2600 MHz; Google Benchmark built as release; "
            "Boost 1.74.",
            "",
            "| case | event_queue | heap |",
            "|---|---|---|",
            "| W1/10 | 14 | 63 (4.5×) |",
        ])

    def test_rows_and_columns_keep_their_order_and_missing_cells_show(self):
        self.assertEqual(self.rows([run("b/slow", 30), run("b/event_queue", 10), run("a/event_queue", 20),
                                    run("a/other", 10), run("c/slow", 5)]), [
            "| case | slow | event_queue | other |",
            "|---|---|---|---|",
            "| b | 30 (3.0×) | 10 | – |",
            "| a | – | 20 | 10 (0.50×) |",
            "| c | 5.0 | – | – |",
        ])

    def test_interleaved_runs_are_put_in_the_order_of_the_program(self):
        self.assertEqual(self.rows([run("b/heap", 20, family_index=3), run("a/heap", 10, family_index=2),
                                    run("b/event_queue", 20, family_index=1),
                                    run("a/event_queue", 10, family_index=0)]), [
            "| case | event_queue | heap |",
            "|---|---|---|",
            "| a | 10 | 10 (1.0×) |",
            "| b | 20 | 20 (1.0×) |",
        ])

    def test_aggregates_and_failed_runs_do_not_count_and_units_do(self):
        self.assertEqual(self.rows([run("a/event_queue", 0.5, "us"), run("a/heap", 1, "ms"),
                                    run("a/event_queue", 7, run_type="aggregate", aggregate_name="mean"),
                                    run("a/heap", 0, error_occurred=True)])[2:], ["| a | 500 | 1000000 (2000×) |"])

    def test_unequal_results_are_warned_of_beyond_the_last_digits(self):
        def warnings(result):
            done = told([run("W2/event_queue", 1, result=1e9), run("W2/heap", 1, result=1e9),
                         run("W2/other", 1, result=result), run("W1/other", 1)])
            return [line for line in done.stdout.splitlines() if line.startswith("Warning")]

        self.assertEqual(warnings(1e9 * (1 + 0.5e-6)), [])
        self.assertEqual(warnings(1e9 * (1 + 2e-6)), ["Warning: W2: another result than the rest from other."])

    def test_what_cannot_be_told_is_refused_in_one_line(self):
        for done in [ran(""), ran("Benchmark  Time"), ran("[]"), ran('{"context": {}, "benchmarks": [1]}'),
                     ran('{"context": {}, "benchmarks": [{"run_type": "iteration"}]}'), told([]),
                     told([run("a/heap", 1)])]:
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()

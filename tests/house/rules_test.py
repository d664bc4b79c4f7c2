"""Plants violations in a library of its own and checks that rules.py finds each at its line, and finds nothing else."""

import tempfile
import unittest
from pathlib import Path

import rules


def found_in(files):
    with tempfile.TemporaryDirectory() as root:
        for name, text in files.items():
            path = Path(root, "lib", "fleetsim", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        found, _ = rules.problems(Path(root))
    return [(path.removeprefix("lib/fleetsim/"), line) for path, line, _ in found]


class Rules(unittest.TestCase):
    def test_a_floor_may_know_the_floors_before_it_and_itself(self):
        self.assertEqual(found_in({
            "sim/world.cpp": "#include <vector>\n#include <fmt/core.h>\n"
                             "#include <fleetsim/placement/placer.hpp>\n#include <fleetsim/routing/listener.hpp>\n",
            "scaling/alarm.hpp": "#pragma once\n#include <fleetsim/des/time.hpp>\n#include <fleetsim/scaling/metric.hpp>\n",
        }), [])

    def test_a_floor_may_not_know_a_later_one(self):
        self.assertEqual(found_in({"des/time.hpp": "#pragma once\n\n#include <fleetsim/sim/world.hpp>\n"}),
                         [("des/time.hpp", 3)])
        self.assertEqual(found_in({"sim/world.cpp": "#include <fleetsim/scenario/reader.hpp>\n"}),
                         [("sim/world.cpp", 1)])

    def test_siblings_never_know_one_another(self):
        siblings = ["placement", "scaling", "routing", "serving"]
        for floor in siblings:
            for other in siblings:
                expected = [] if floor == other else [(f"{floor}/a.cpp", 1)]
                self.assertEqual(found_in({f"{floor}/a.cpp": f"#include <fleetsim/{other}/b.hpp>\n"}), expected)

    def test_files_and_includes_belong_to_a_floor(self):
        self.assertEqual(found_in({"util/text.cpp": ""}), [("util/text.cpp", 1)])
        self.assertEqual(found_in({"sim/a.cpp": "#include <fleetsim/version.hpp>\n"}), [("sim/a.cpp", 1)])

    def test_our_includes_are_written_in_full(self):
        self.assertEqual(found_in({"des/a.cpp": '  #  include "time.hpp"\n'}), [("des/a.cpp", 1)])

    def test_a_header_starts_with_pragma_once(self):
        self.assertEqual(found_in({"des/a.hpp": "// Text.\n#pragma once\n", "des/b.hpp": ""}),
                         [("des/a.hpp", 1), ("des/b.hpp", 1)])

    def test_chance_comes_from_des(self):
        for code in ["std::normal_distribution<double> d;", "std::shuffle(a, b, c);", "std::mt19937_64 g;", "x = rand();"]:
            self.assertEqual(found_in({"sim/a.cpp": f"\n{code}\n"}), [("sim/a.cpp", 2)], code)
        self.assertEqual(found_in({"sim/a.cpp": "// Never std::shuffle.\nauto x = operand();\n"}), [])

    def test_the_library_never_prints(self):
        for code in ["std::cout << 1;", 'printf("x");', 'fmt::print("x");', 'std::puts("x");']:
            self.assertEqual(found_in({"report/a.cpp": f"{code}\n"}), [("report/a.cpp", 1)], code)
        self.assertEqual(found_in({"report/a.cpp": 'std::snprintf(b, n, "x");\nfmt::format("x");\n'}), [])


if __name__ == "__main__":
    unittest.main()

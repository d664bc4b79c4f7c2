"""The rules of the house that no compiler knows, checked on every source of the library.

    rules.py [ROOT]     prints file:line for each violation; the exit status is 1 when there is one
"""

import re
import sys
from pathlib import Path

# A floor may include the floors that stand before it; the siblings may not include one another.
FLOORS = ["des", "cloud", "network", "placement", "ecs", "scaling", "routing", "serving", "traffic",
          "packing", "sim", "scenario", "study", "report", "import"]
SIBLINGS = {"network", "placement", "ecs", "scaling", "routing", "serving"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
# Their results differ between standard libraries, or between two runs.
CHANCE = re.compile(r"\bstd::(\w+_distribution|shuffle|sample|random_device|mt19937\w*|default_random_engine|rand)\b"
                    r"|\bs?rand\(")
# The library returns values and diagnostics; programs decide what is printed.
PRINTING = re.compile(r"\bstd::(cout|cerr|clog)\b|\b(std::|fmt::)?(printf|puts|putchar)\(|\bfmt::print\(")


def may_include(floor, other):
    if floor == other:
        return True
    if floor in SIBLINGS and other in SIBLINGS:
        return False
    return FLOORS.index(other) < FLOORS.index(floor)


def include_problem(floor, line):
    match = INCLUDE.match(line)
    if not match:
        return None
    opening, path = match.groups()
    if opening == '"':
        return f'#include "{path}": write <fleetsim/floor/name.hpp>'
    parts = path.split("/")
    if parts[0] != "fleetsim":
        return None
    if len(parts) < 3 or parts[1] not in FLOORS:
        return f"#include <{path}>: there is no such floor"
    if not may_include(floor, parts[1]):
        return f"#include <{path}>: {floor} may not know {parts[1]}"
    return None


def problems_of_line(floor, line):
    code = line.split("//")[0]
    problem = include_problem(floor, code)
    if problem:
        yield problem
    for match in CHANCE.finditer(code):
        yield f"{match.group().rstrip('(')}: chance comes from fleetsim::des only, so that it has an address"
    for match in PRINTING.finditer(code):
        yield f"{match.group().rstrip('(')}: the library never prints"


def problems_of_file(library, path):
    floor = path.relative_to(library).parts[0]
    if floor not in FLOORS:
        yield 1, f"{floor} is not a floor"
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".hpp" and lines[:1] != ["#pragma once"]:
        yield 1, "a header starts with #pragma once"
    for number, line in enumerate(lines, 1):
        for problem in problems_of_line(floor, line):
            yield number, problem


def problems(root):
    """(file relative to root, line, message) of every violation, and the number of files read."""
    library = Path(root) / "lib" / "fleetsim"
    files = sorted(path for path in library.rglob("*") if path.suffix in {".hpp", ".cpp"})
    found = [(path.relative_to(root).as_posix(), number, message)
             for path in files for number, message in problems_of_file(library, path)]
    return found, len(files)


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2]
    found, files = problems(root)
    for path, number, message in found:
        print(f"{path}:{number}: {message}")
    print(f"{files} files, {len(found)} violations")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())

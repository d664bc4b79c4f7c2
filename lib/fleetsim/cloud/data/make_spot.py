#!/usr/bin/env python3
"""Writes ec2_spot.csv from a table of Spot facts: make_spot.py TABLE.csv > ec2_spot.csv

The table has one row for each region and instance type; kept are the regions and types of ec2_instance_types.csv, which
stands beside this script. A field is `savings/class`, such as 59/0, and empty where nothing is known. A Spot price above
the on-demand price is a mistake of the table and left out.
"""

import csv
import sys
from pathlib import Path

FACT_COLUMNS = 11


def catalogue():
    with open(Path(__file__).with_name("ec2_instance_types.csv"), newline="", encoding="utf-8") as table:
        rows = csv.reader(table)
        regions = next(rows)[FACT_COLUMNS:]
        return [row[0] for row in rows], regions


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    types, regions = catalogue()
    facts = {}
    with open(sys.argv[1], newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            if int(row["savings_pct"]) < 0:
                continue
            place = row["instance_type"], row["region"]
            facts[place] = f"{int(row['savings_pct'])}/{int(row['interruption_bucket'])}"
    regions = [region for region in regions if any((name, region) in facts for name in types)]
    lines = [["instance_type", *regions]]
    for name in types:
        fields = [facts.get((name, region), "") for region in regions]
        if any(fields):
            lines.append([name, *fields])
    sys.stdout.write("".join(",".join(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()

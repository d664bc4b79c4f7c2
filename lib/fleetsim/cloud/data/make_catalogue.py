#!/usr/bin/env python3
"""Writes ec2_instance_types.csv from the full table of EC2 facts: make_catalogue.py TABLE.csv > ec2_instance_types.csv

Kept are the columns that the simulator reads and every `price_usd_hour_<region>`. An empty field means unknown. A type
that offers only a fraction of a GPU has none here, because ECS hands out whole devices.
"""

import csv
import sys

COLUMNS = {
    "instance_type": "instance_type",
    "arch": "arch",
    "vcpu": "vcpu",
    "memory_mib": "memory_mib",
    "gpus": "gpu_count",
    "gpu_name": "gpu_name",
    "max_enis": "max_enis",
    "awsvpc_tasks": "ecs_awsvpc_task_limit",
    "awsvpc_tasks_trunking": "ecs_awsvpc_task_limit_trunking",
    "burstable": "burstable",
    "current_generation": "current_generation",
}
PRICE = "price_usd_hour_"


def compact(row, prices):
    facts = {ours: row[theirs] for ours, theirs in COLUMNS.items()}
    if "." in facts["gpus"] or facts["gpus"] == "0":
        facts["gpus"], facts["gpu_name"] = "0", ""
    values = [*facts.values(), *(row[price] for price in prices)]
    if any(character in value for value in values for character in ',"\n'):
        sys.exit(f"{row['instance_type']}: a field would need quoting")
    return values


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], newline="", encoding="utf-8") as table:
        rows = csv.DictReader(table)
        prices = [name for name in rows.fieldnames if name.startswith(PRICE)]
        regions = [price.removeprefix(PRICE).replace("_", "-") for price in prices]
        lines = [[*COLUMNS, *regions], *(compact(row, prices) for row in rows)]
    sys.stdout.write("".join(",".join(line) + "\n" for line in lines))


if __name__ == "__main__":
    main()

"""Runs a scenario as often as asked for and prints the results as JSON: ``run.py SCENARIO REPLICATIONS THREADS``."""

import json
import sys

import pluriverse as pv

path, replications, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
print(json.dumps(pv.run(path, replications=replications, threads=threads).to_dict()))

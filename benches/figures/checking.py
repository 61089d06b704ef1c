"""How long does `check` take on a large fleet with its policies read? As long as our share of AWS's quotas allows, and not longer.

    cargo build --profile ci && python3 benches/figures/checking.py

20,000 related keys in three Regions, at the default share of the quotas. Beside the time it says what the reading costs, how much memory
it took, and how often it told how far it was.
"""

import json
import os
import pty
import resource
import subprocess
import threading
import time

from common import REGIONS, Server, Verdict, environment, home, program

# The requests a second that AWS documents for GetKeyPolicy, the slowest of the readings that are made of every related key.
GET_KEY_POLICY = 1_000
SHARE = 0.25
KEYS = 6_667
COUNTED = "policies, tags and rotations read"


def fleet():
    names = ", ".join(f'"{region}"' for region in REGIONS[:3])
    return f"seed = 11\nquotas = 1.0\nlatency_ms = 20\n[[generate]]\nkeys = {KEYS}\nregions = [{names}]\nrelated = 3\n"


def drain(descriptor, kept):
    while True:
        try:
            piece = os.read(descriptor, 65_536)
        except OSError:
            return
        if not piece:
            return
        kept.append(piece)


def main():
    verdict = Verdict()
    with Server(fleet=fleet()) as server, home() as folder:
        env = environment(folder, KEYFLEET_QUOTA_SHARE=str(SHARE))
        chosen = ",".join(REGIONS[:3])
        command = [program(), "check", "--output", "json", "--region", chosen, "--endpoint-url", server.endpoint]
        terminal, stderr = pty.openpty()
        told = []
        reader = threading.Thread(target=drain, args=(terminal, told), daemon=True)
        reader.start()
        started = time.monotonic()
        run = subprocess.run(command, env=env, stdout=subprocess.PIPE, stderr=stderr)
        took = time.monotonic() - started
        os.close(stderr)
        reader.join(2)
        throttled = sum(line["status"] == 400 for line in server.log())
    document = json.loads(run.stdout)
    requests = document["requests"]
    rate = GET_KEY_POLICY * SHARE
    verdict.holds("complete", document["complete"] and document["summary"]["keys"] == KEYS)
    verdict.at_most("time taken, of what the policies alone take at our share", took / ((KEYS - rate) / rate), 1.2)
    verdict.holds("it told how far it was", b"".join(told).count(COUNTED.encode()) >= 10)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{took:.1f} s, {requests['total']} requests, USD {requests['usd']}, {throttled} throttled, exit {run.returncode}")
    print(f"{len(document['findings'])} findings; largest process of the run {peak} MB")
    verdict.end()


main()

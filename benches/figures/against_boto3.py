"""`keyfleet list` against a threaded boto3 sweep of the same fleet.

    cargo build --profile ci && python3 benches/figures/against_boto3.py

Three runs of each in turns, 1,000 multi-Region keys of three members over 17 Regions with 500 single-Region keys each, 60 ms
of latency, no quotas: the ratio of the medians, whole processes both. Needs boto3 for the Python that runs it.
"""

import pathlib
import subprocess
import sys
import time

from common import REGIONS, Server, Verdict, environment, home, median, program

ROUNDS = 3
LIMIT = 0.2


def timed(command, env):
    started = time.monotonic()
    subprocess.run(command, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def main():
    verdict = Verdict()
    with Server("--size", "keys=1000,regions=17,related=3,single_region=500", "--latency", "60ms") as server:
        with home() as folder:
            env = environment(folder, KEYFLEET_QUOTA_SHARE="1.0")
            regions = ",".join(REGIONS)
            ours = [program(), "list", "--output", "json", "--region", regions, "--endpoint-url", server.endpoint]
            peer = pathlib.Path(__file__).with_name("boto3_sweep.py")
            theirs = [sys.executable, str(peer), server.endpoint, regions]
            runs = [(timed(ours, env), timed(theirs, env)) for _ in range(ROUNDS)]
    own, other = (median(times) for times in zip(*runs))
    print(f"keyfleet list {own:.2f} s, boto3 {other:.2f} s")
    verdict.at_most("keyfleet list to boto3", own / other, LIMIT)
    verdict.end()


if __name__ == "__main__":
    main()

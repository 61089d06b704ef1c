"""Does a Region that does not answer cost the others anything, and does a reading end when one dies on the way?

    cargo build --profile ci && python3 benches/figures/dark_region.py

`keyfleet list` on 1,000 multi-Region keys of three members over 17 Regions with 60 ms of latency, three runs each in turns:
with all Regions, and with one that takes connections and says nothing. Counted is the time until the last answer of the other
sixteen, by the log of the embedded KMS. Then a Region that lists its keys and never answers again.
"""

import json
import subprocess
import time

from common import REGIONS, Server, Verdict, environment, home, median, program

ROUNDS = 3
DARK = REGIONS[6]
SIZE = ("--size", "keys=1000,regions=17,related=3", "--latency", "60ms")
# What is within the noise of one machine.
LIMIT = 1.1
ENDS_WITHIN = 20


def fault(operation):
    return f'[[faults]]\nregion = "{DARK}"\noperation = "{operation}"\nkind = "hang"\n'


def listed(server):
    with home() as folder:
        env = environment(folder, KEYFLEET_QUOTA_SHARE="1.0")
        command = [program(), "list", "--output", "json", "--region", ",".join(REGIONS)]
        started = time.monotonic()
        run = subprocess.run([*command, "--endpoint-url", server.endpoint], env=env, capture_output=True, text=True)
        return time.monotonic() - started, run.returncode, json.loads(run.stdout)


def others_took(server, before):
    """From the first request of a run to the last one of the Regions that answer."""
    log = server.log()[before:]
    times = [line["at_ms"] for line in log if line["region"] != DARK]
    return max(times) - min(times)


def main():
    verdict = Verdict()
    sound, dark = [], []
    with Server(*SIZE) as well, Server(*SIZE, fleet=fault("*")) as ill:
        for _ in range(ROUNDS):
            for server, times in ((well, sound), (ill, dark)):
                before = len(server.log())
                took, code, document = listed(server)
                times.append(others_took(server, before))
        loaded = sum(region["status"] == "loaded" for region in document["regions"])
    print(f"the other sixteen: {median(sound)} ms with all, {median(dark)} ms with a dark one")
    verdict.holds("a dark Region: sixteen loaded, exit code 3", loaded == 16 and code == 3)
    verdict.at_most("time of the other sixteen, of what it is without", median(dark) / median(sound), LIMIT)
    verdict.at_most("the reading ends", took, ENDS_WITHIN, "s")
    with Server(*SIZE, fleet=fault("DescribeKey")) as server:
        took, code, document = listed(server)
    region = next(region for region in document["regions"] if region["region"] == DARK)
    absent = sum(DARK in key["absent_regions"] for key in document["keys"])
    print(f"dead after its listing: {region['status']}, {region['reason']['kind']}")
    verdict.holds("a Region that dies after its listing: exit code 3, nothing absent there", code == 3 and not absent)
    verdict.at_most("the reading ends", took, ENDS_WITHIN, "s")
    verdict.end()


if __name__ == "__main__":
    main()

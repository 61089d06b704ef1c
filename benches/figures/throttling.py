"""What does throttling cost, and is a quota kept to? By the log of the embedded KMS, which counts what really arrived.

    cargo build --profile ci && python3 benches/figures/throttling.py

Three runs of `keyfleet list`: a fifth of all answers throttled; AWS's own quotas, of which a quarter is used; and a server that
grants less than what is thought to be allowed.
"""

import collections
import json
import subprocess
import time

from common import REGIONS, Server, Verdict, environment, home, program

# The requests a second that AWS documents for one account in one Region.
DESCRIBE_KEY = 2_000
SHARE = 0.25


def fleet(keys, regions, more):
    names = ", ".join(f'"{region}"' for region in REGIONS[:regions])
    return f"seed = 11\n{more}\n[[generate]]\nkeys = {keys}\nregions = [{names}]\nrelated = {min(3, regions)}\n"


def listed(server, regions, share):
    """Runs `list`, and says how long it took, its exit code, its document and what arrived."""
    with home() as folder:
        env = environment(folder, KEYFLEET_QUOTA_SHARE=str(share))
        chosen = ",".join(REGIONS[:regions])
        command = [program(), "list", "--output", "json", "--region", chosen, "--endpoint-url", server.endpoint]
        started = time.monotonic()
        run = subprocess.run(command, env=env, capture_output=True, text=True)
        took = time.monotonic() - started
    return took, run.returncode, json.loads(run.stdout), server.log()


def most_in_a_second(times):
    """The most of them in any window of one second, by two hands that move over them."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 1_000:
            first += 1
        most = max(most, last - first + 1)
    return most


def a_fifth_is_throttled(verdict):
    faults = '[[faults]]\nkind = "error"\ncode = "ThrottlingException"\nprobability = 0.2\n'
    with Server(fleet=fleet(680, 12, "") + faults) as server:
        _, code, document, log = listed(server, 12, 1.0)
    questions = {(line["region"], line["operation"], line["key_id"]) for line in log}
    verdict.holds("a fifth throttled: complete, exit code 0", code == 0 and document["complete"])
    verdict.at_most("requests sent for each question", len(log) / len(questions), 1.3)


def a_quarter_of_the_quota(verdict):
    """Six thousand descriptions in one Region at five hundred a second."""
    keys, regions = 6_000, 1
    with Server(fleet=fleet(keys, regions, "quotas = 1.0")) as server:
        took, code, document, log = listed(server, regions, SHARE)
    described = sorted(line["at_ms"] for line in log if line["operation"] == "DescribeKey")
    rate = DESCRIBE_KEY * SHARE
    verdict.holds("a quarter of the quota: complete, exit code 0", code == 0 and document["complete"])
    verdict.at_most("the fullest second, of what is allowed", most_in_a_second(described) / rate, 1.1)
    # What a second's worth that goes out at once leaves for the rate to be waited for.
    verdict.at_most("time taken, of what that rate takes", took / ((keys - rate) / rate), 1.2)
    statuses = collections.Counter(line["status"] for line in log)
    print(f"{keys} keys in {took:.1f} s, answers by status: {dict(statuses)}")


def less_is_granted(verdict):
    """A hundredth of the quotas: twenty at once and twenty a second, while five hundred are thought to be allowed."""
    keys, regions = 300, 3
    with Server(fleet=fleet(keys, regions, "quotas = 0.01")) as server:
        took, code, document, log = listed(server, regions, SHARE)
    granted = DESCRIBE_KEY * 0.01
    verdict.holds("a lower limit of the server's: complete, exit code 0", code == 0 and document["complete"])
    verdict.at_most("time taken, of what that limit takes", took / ((keys - granted) / granted), 3)
    throttled = sum(line["status"] == 400 for line in log)
    print(f"{keys} keys in each of {regions} Regions in {took:.1f} s, {throttled} of {len(log)} requests throttled")


def main():
    verdict = Verdict()
    a_fifth_is_throttled(verdict)
    a_quarter_of_the_quota(verdict)
    less_is_granted(verdict)
    verdict.end()


if __name__ == "__main__":
    main()

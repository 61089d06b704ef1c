"""How soon are the rows on screen true, and how soon is a key answered, while a hundred thousand related keys are read?

    cargo build --profile ci && python3 benches/figures/first_rows.py

The dashboard on a pseudo-terminal of 240 x 66 against the embedded KMS: 33,334 multi-Region keys of three members over 17
Regions, 60 ms of latency. From the moment at which it has its credentials: the first forty rows with the states of all their
members, and every visible cell known, which is read or absent by a complete listing. While the scan runs the cursor is moved
up and down; from the key to the frame that shows it, as the terminal sees it and as the program's own log does.
"""

import datetime
import random
import re
import time

from common import REGIONS, Server, Verdict, environment, home, percentile, program
from terminal import Terminal

LATENCY = 0.060
ROWS = 40
MEMBERS = 3
# A key, its ID, its spec, and then one mark for each Region.
ROW = re.compile(r"^[▌ ].\S.*?\s[0-9a-f]+…[0-9a-f]{6}\s")
STAMP = re.compile(r"^(\S+Z)\s+DEBUG")


def marks(line):
    """The marks of a row's cells; None if the line is no row."""
    match = ROW.match(line)
    if not match:
        return None
    return [mark.strip("[]") for mark in line[match.end() :].split()[1 : 1 + len(REGIONS)]]


def rows(terminal):
    found = [marks(line) for line in terminal.lines()[4:]]
    return [row for row in found if row]


def is_known(mark):
    return "…" not in mark and "?" not in mark


def has_states(terminal):
    first = rows(terminal)[:ROWS]
    whole = [row for row in first if sum(mark[0] in "PR*" and is_known(mark) for mark in row) == MEMBERS]
    return len(whole) == ROWS


def all_known(terminal):
    seen = rows(terminal)
    return len(seen) >= ROWS and all(len(row) == len(REGIONS) and all(map(is_known, row)) for row in seen)


def cursor(terminal):
    return next((number for number, line in enumerate(terminal.lines()) if line.startswith("▌")), None)


def type_while_reading(terminal):
    """Moves the cursor until the scan is over. How long each move took to be seen."""
    waits, chance, down = [], random.Random(7), True
    while "so far" in terminal.text() and len(waits) < 2_000:
        pause = time.monotonic() + chance.uniform(0.03, 0.09)
        while (left := pause - time.monotonic()) > 0:
            terminal.read(left)
        before, pressed = cursor(terminal), time.monotonic()
        terminal.press("j" if down else "k")
        down = not down
        while cursor(terminal) == before and time.monotonic() - pressed < 2:
            terminal.read(0.5)
        waits.append(terminal.bursts[-1] - pressed)
    return waits


def log_of(folder):
    return next(folder.rglob("keyfleet.log")).read_text().splitlines()


def connected_after(log, started_at):
    """When the credentials were there, counted from the start of the program."""
    line = next(line for line in log if "connected" in line)
    moment = datetime.datetime.fromisoformat(STAMP.match(line).group(1)).timestamp()
    return moment - started_at


def main():
    verdict = Verdict()
    arguments = ["--region", ",".join(REGIONS), "--no-cache", "--log", "off,keyfleet::runtime::pulse=debug"]
    with Server("--size", "keys=33334,regions=17,related=3", "--latency", "60ms", gives_way=True) as server, home() as folder:
        env = environment(folder, KEYFLEET_QUOTA_SHARE="1.0")
        command = [program(), *arguments, "--endpoint-url", server.endpoint]
        offset = time.time() - time.monotonic()
        with Terminal(command, env, columns=240, rows=66) as terminal:
            states = terminal.until(has_states)
            known = terminal.until(all_known)
            waits = type_while_reading(terminal)
            scanned = time.monotonic() - terminal.started
            terminal.quit()
            log = log_of(folder)
            credentials = connected_after(log, terminal.started + offset)
    pulse = dict(re.findall(r"(\w+)=([\d.]+)", next(line for line in log if "pulse" in line and "input_p99" in line)))
    print(f"credentials after {credentials * 1000:.0f} ms, {len(waits)} keys pressed in {scanned:.1f} s, {pulse}")
    limit = lambda trips, more: (trips * LATENCY + more) * 1000
    verdict.at_most("the first 40 rows with their states", (states - credentials) * 1000, limit(3, 0.2), "ms")
    verdict.at_most("every visible cell known", (known - credentials) * 1000, limit(8, 0.4), "ms")
    verdict.at_least("keys pressed while it read", len(waits), 100)
    verdict.at_most("input to frame, p99, by the program's own log", float(pulse["input_p99_ms"]), 16, "ms")
    verdict.at_most("input to frame, p99, seen from the terminal", percentile(waits, 99) * 1000, 33, "ms")
    verdict.end()


if __name__ == "__main__":
    main()

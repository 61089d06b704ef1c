"""What does a dashboard cost that nobody touches?

    cargo build --profile ci && python3 benches/figures/idle.py

On a pseudo-terminal, on a settled fleet of 41 keys in eight Regions, for sixty seconds that begin when the first scan is
over: frames by the program's own log, bursts of output by the terminal, and processor time by the system.
"""

import os
import time

from common import REGIONS, Server, Verdict, environment, home, program
from terminal import Terminal

SECONDS = 60
FRAMES = 14
SHARE_OF_A_CORE = 0.5
# Output closer together than this is one frame.
APART = 0.02


def processor_seconds(process):
    fields = open(f"/proc/{process}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    verdict = Verdict()
    arguments = ["--region", ",".join(REGIONS[:8]), "--no-cache", "--log", "off,keyfleet::runtime::pulse=debug"]
    with Server("--size", "keys=41,regions=8,related=3") as server, home() as folder:
        env = environment(folder)
        command = [program(), *arguments, "--endpoint-url", server.endpoint]
        with Terminal(command, env, columns=120, rows=40) as terminal:
            terminal.until(lambda screen: "worst first" in screen.text())
            terminal.rest(2)
            log = next(folder.rglob("keyfleet.log"))
            frames = lambda: sum(" frame " in line for line in log.read_text().splitlines())
            before, spent, begun = frames(), processor_seconds(terminal.process.pid), time.monotonic()
            terminal.bursts.clear()
            terminal.rest(SECONDS)
            took = time.monotonic() - begun
            drawn, spent = frames() - before, processor_seconds(terminal.process.pid) - spent
            times = terminal.bursts
            bursts = sum(1 for index, at in enumerate(times) if index == 0 or at - times[index - 1] > APART)
            terminal.quit()
    verdict.at_most(f"frames in {SECONDS} s, by the program's log", drawn, FRAMES)
    verdict.at_most("bursts of output", bursts, FRAMES)
    verdict.at_most("processor time", spent / took * 100, SHARE_OF_A_CORE, "%")
    verdict.end()


if __name__ == "__main__":
    main()

"""Is there a first frame a tenth of a second after the start, whatever the program has to wait for?

    cargo build --profile ci && python3 benches/figures/first_frame.py

On a pseudo-terminal, five runs each, the median: without the cache of a former run, with one (of 1,000 keys and of as many as are kept),
and with a `credential_process` that never answers.
"""

from common import REGIONS, Server, Verdict, environment, home, median, program
from terminal import Terminal

ROUNDS = 5
LIMIT = 100
# A cache is kept up to 8 MiB.
LARGEST = 3_000


def is_drawn(terminal):
    """The first line says who this is or that it is not known yet, and the last one which keys do what."""
    text = terminal.text()
    return "LOCKED" in text and "quit" in text.lower()


def first_frames(command, env, also=lambda _terminal: True):
    times = []
    for _ in range(ROUNDS):
        with Terminal(command, env, columns=160, rows=50) as terminal:
            times.append(terminal.until(lambda screen: is_drawn(screen) and also(screen)) * 1000)
            terminal.quit()
    return median(times)


def main():
    verdict = Verdict()
    regions = ["--region", ",".join(REGIONS)]
    for keys in (1_000, LARGEST):
        with Server("--size", f"keys={keys},regions=17,related=3") as server, home() as folder:
            env = environment(folder, KEYFLEET_QUOTA_SHARE="1.0")
            command = [program(), *regions, "--endpoint-url", server.endpoint]
            if keys == 1_000:
                verdict.at_most("without a cache", first_frames([*command, "--no-cache"], env), LIMIT, "ms")
            with Terminal(command, env, columns=160, rows=50) as terminal:
                terminal.until(lambda screen: "worst first" in screen.text(), 60)
                terminal.quit()
            kept = first_frames(command, env, lambda screen: "last seen" in screen.text())
            verdict.at_most(f"with a cache of {keys} keys, which it shows", kept, LIMIT, "ms")
    with home() as folder:
        aws = folder / ".aws"
        aws.mkdir()
        (aws / "config").write_text("[profile hangs]\nregion = us-east-1\ncredential_process = sleep 600\n")
        env = environment(folder)
        del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
        command = [program(), *regions, "--profile", "hangs"]
        verdict.at_most("with credentials that never come", first_frames(command, env), LIMIT, "ms")
    verdict.end()


if __name__ == "__main__":
    main()

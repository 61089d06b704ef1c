"""What every figure needs: the program, an embedded KMS in a process of its own, and a verdict."""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
REGIONS = (
    "us-east-1,us-east-2,us-west-1,us-west-2,ca-central-1,sa-east-1,eu-west-1,eu-west-2,eu-west-3,eu-central-1,"
    "eu-north-1,ap-south-1,ap-northeast-1,ap-northeast-2,ap-northeast-3,ap-southeast-1,ap-southeast-2"
).split(",")


def program():
    """The optimised build, or the program that the first argument names."""
    if len(sys.argv) > 1:
        return os.path.abspath(sys.argv[1])
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = target / "ci" / "keyfleet"
    if not built.exists():
        sys.exit(f"{built} is not there: cargo build --profile ci")
    return str(built)


def environment(home, **more):
    """Credentials, and nothing of this machine's configuration."""
    return {
        "HOME": str(home),
        "PATH": os.environ.get("PATH", ""),
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        **more,
    }


class Server:
    """The embedded KMS."""

    def __init__(self, *arguments, fleet=None, gives_way=False):
        self._folder = tempfile.TemporaryDirectory()
        command = [program(), "emulate", "--listen", "127.0.0.1:0", *arguments]
        if fleet is not None:
            path = pathlib.Path(self._folder.name) / "fleet.toml"
            path.write_text(fleet)
            command += ["--fleet", str(path)]
        # AWS's processors are not this machine's: what serves gives way to what is measured.
        yielding = (lambda: os.nice(10)) if gives_way else None
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=yielding)
        self.endpoint = next(line.strip() for line in self._process.stdout if line.startswith("http://"))

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._folder.cleanup()

    def log(self):
        """Every request that arrived, oldest first."""
        import json

        with urllib.request.urlopen(self.endpoint + "/_keyfleet/log") as answer:
            lines = [json.loads(line) for line in answer.read().splitlines() if line]
        return [line for line in lines if "operation" in line]


@contextlib.contextmanager
def home():
    """A home directory for one run."""
    with tempfile.TemporaryDirectory() as folder:
        yield pathlib.Path(folder)


def median(values):
    return sorted(values)[len(values) // 2]


def percentile(values, hundredths):
    """The value that so many of a hundred do not exceed."""
    if not values:
        return float("inf")
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * hundredths // 100) - 1)]


class Verdict:
    """Prints each figure beside its limit, and says at the end whether all of them hold."""

    def __init__(self):
        self._missed = 0

    def at_most(self, what, value, limit, unit=""):
        self._show(what, value, f"at most {limit:g}", value <= limit, unit)

    def at_least(self, what, value, limit, unit=""):
        self._show(what, value, f"at least {limit:g}", value >= limit, unit)

    def holds(self, what, does):
        print(f"{what:66} {'yes' if does else 'NO'}", flush=True)
        self._missed += not does

    def _show(self, what, value, limit, holds, unit):
        mark = "" if holds else "  MISSED"
        print(f"{what:66} {value:9.2f} {unit:3} ({limit}){mark}", flush=True)
        self._missed += not holds

    def end(self):
        sys.exit(1 if self._missed else 0)

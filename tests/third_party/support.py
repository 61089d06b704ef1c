"""What the tests share: servers on loopback, clients for them, keyfleet itself, and waiting for things to become true.

Nothing here sleeps for a fixed time in the hope that something has happened: every wait is on a condition, and ends
with what was last seen when its deadline passes.
"""

import json
import os
import pathlib
import socket
import subprocess
import time

import boto3
import botocore.config
import botocore.exceptions

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEADLINE = 30.0
BETWEEN_LOOKS = 0.02


def binary():
    """The program under test: KEYFLEET_BIN, or the optimised build."""
    path = pathlib.Path(os.environ.get("KEYFLEET_BIN", ROOT / "target" / "ci" / "keyfleet"))
    assert path.is_file(), f"{path} is not there: `cargo build --profile ci --locked` makes it, or set KEYFLEET_BIN"
    return str(path)


def until(condition, what, deadline=DEADLINE):
    """Asks until the condition returns something true, and returns that."""
    end = time.monotonic() + deadline
    while True:
        seen = condition()
        if seen:
            return seen
        assert time.monotonic() < end, f"waited {deadline:.0f} s for {what}; it came to {seen!r}"
        time.sleep(BETWEEN_LOOKS)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home, **more):
    """A user with nothing but credentials: no configuration, no AWS files, nothing inherited that could matter."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_DATA_HOME": str(home / "data"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        **more,
    }


class Server:
    """A server of somebody's on a loopback port, with clients for its Regions."""

    def __init__(self, command, env, log, port=None):
        self.log_path = log
        with open(log, "wb") as sink:
            self.process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.url = None
        self._clients = {}
        try:
            if port is None:
                self.url = until(self._endpoint_in_log, f"an endpoint printed by {command[0]}")
            else:
                self.url = f"http://127.0.0.1:{port}"
            until(self._answers, f"{command[0]} to answer on {self.url}")
        except BaseException:
            self.stop()
            raise

    def log(self):
        return self.log_path.read_text(errors="replace")

    def _alive(self):
        assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.log()}"

    def _endpoint_in_log(self):
        self._alive()
        return next((word.rstrip("/.,") for word in self.log().split() if word.startswith("http://127.0.0.1:")), None)

    def _answers(self):
        self._alive()
        try:
            return self.client("us-east-1", "sts").get_caller_identity()["Account"]
        except botocore.exceptions.BotoCoreError:
            return None

    def client(self, region, service="kms"):
        """A client without retries: what the server answers is what a test sees."""
        if (region, service) not in self._clients:
            self._clients[region, service] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id="test",
                aws_secret_access_key="test",
                config=botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=20, proxies={}),
            )
        return self._clients[region, service]

    def describe(self, region, key):
        return self.client(region).describe_key(KeyId=key)["KeyMetadata"]

    def state(self, region, key):
        return self.describe(region, key)["KeyState"]

    def listed(self, region):
        """Every key ID that the Region lists."""
        pages = self.client(region).get_paginator("list_keys").paginate()
        return [key["KeyId"] for page in pages for key in page["Keys"]]

    def members(self, regions):
        """The truth to compare with: the state of each multi-Region key in each Region that lists it."""
        found = {}
        for region in regions:
            for key in self.listed(region):
                if key.startswith("mrk-"):
                    found[region, key] = self.state(region, key)
        return found

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


class Fleet:
    """What `keyfleet list --output json` printed."""

    def __init__(self, printed, code):
        self.code = code
        self.printed = json.loads(printed)
        self.keys = {key["key_id"]: key for key in self.printed["keys"]}

    @property
    def complete(self):
        return self.printed["complete"]

    def related(self, presence):
        return {
            (member["region"], key_id): member["state"]
            for key_id, key in self.keys.items()
            for member in key["related"]
            if member["presence"] == presence
        }

    def absent(self):
        return {(region, key_id) for key_id, key in self.keys.items() for region in key["absent_regions"]}

    def unknown(self):
        """Where keyfleet says that it does not know: named or listed but not readable, or in a Region not read."""
        unread = {
            (gap["region"], key_id): gap["reason"]["kind"]
            for key_id, key in self.keys.items()
            for gap in key["unknown_regions"]
        }
        named = {
            (member["region"], key_id): member["reason"]["kind"]
            for key_id, key in self.keys.items()
            for member in key["related"]
            if member["presence"] == "unknown"
        }
        return unread | named


def list_fleet(url, regions, home):
    run = subprocess.run(
        [binary(), "list", "--endpoint-url", url, "--region", ",".join(regions), "--output", "json"],
        env=environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert run.returncode in (0, 3), f"exit code {run.returncode}\n{run.stderr.decode(errors='replace')}"
    return Fleet(run.stdout, run.returncode)


def assert_whole(fleet, regions):
    """Each key says exactly one thing of each Region asked for."""
    for key_id, key in fleet.keys.items():
        named = [member["region"] for member in key["related"]]
        named += key["absent_regions"] + [gap["region"] for gap in key["unknown_regions"]]
        assert sorted(named) == sorted(regions), f"{key_id} speaks of {sorted(named)}"


def assert_tells_the_truth(fleet, members, regions):
    """What the server lists is present with the state it describes, and nothing that it lists is absent."""
    assert_whole(fleet, regions)
    assert fleet.related("present") == members
    assert not fleet.absent() & set(members)


REGIONS = ["eu-central-1", "eu-west-1", "us-east-1", "us-west-2"]


def seed(server):
    """Keys in four Regions: alone, replicated, disabled, dying, and single-Region ones that are only counted."""
    created = {}

    def create(name, region, *replicas, multi=True):
        key = server.client(region).create_key(MultiRegion=multi, Description=f"the key {name}")["KeyMetadata"]["KeyId"]
        for replica in replicas:
            server.client(region).replicate_key(KeyId=key, ReplicaRegion=replica)
        server.client(region).create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
        created[name] = key
        return key

    create("everywhere", "us-east-1", "us-west-2", "eu-west-1", "eu-central-1")
    create("pair", "eu-west-1", "eu-central-1")
    for region in REGIONS:
        create(f"alone-{region}", region)
        create(f"single-{region}", region, multi=False)
    disabled = create("disabled-replica", "us-east-1", "eu-west-1")
    server.client("eu-west-1").disable_key(KeyId=disabled)
    disabled = create("disabled-primary", "us-west-2", "us-east-1")
    server.client("us-west-2").disable_key(KeyId=disabled)
    dying = create("dying-replica", "us-east-1", "us-west-2", "eu-central-1")
    server.client("eu-central-1").schedule_key_deletion(KeyId=dying, PendingWindowInDays=7)
    dying = create("dying-alone", "eu-central-1")
    server.client("eu-central-1").schedule_key_deletion(KeyId=dying, PendingWindowInDays=30)
    return created

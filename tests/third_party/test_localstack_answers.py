"""Answers as LocalStack gives them.

LocalStack itself is not run here: localstack-core 4.14.0 needs Python 3.13 and half a gigabyte of packages. What is
peculiar in its answers is small and known, and a stub gives it: a replica lists only the replicas that existed when it
was made, and `Truncated` is missing from the last page instead of being false.
"""

import contextlib
import http.server
import json
import re
import threading

import pytest

import support
from support import REGIONS

ACCOUNT = "000000000000"
PAGE = 2
IDENTITY = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:root</Arn><UserId>AKIAIOSFODNN7EXAMPLE</UserId>
<Account>{ACCOUNT}</Account></GetCallerIdentityResult>
<ResponseMetadata><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>"""


def arn(region, key):
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}"


class Answers:
    """The keys of the account, and each member's own idea of its replicas."""

    def __init__(self):
        self.members = {}

    def create(self, key, primary, *replicas):
        known = []
        self.members[primary, key] = ("PRIMARY", primary, known, "Enabled")
        for replica in replicas:
            known.append(replica)
            self.members[replica, key] = ("REPLICA", primary, list(known), "Enabled")

    def set_state(self, region, key, state):
        self.members[region, key] = (*self.members[region, key][:3], state)

    def states(self):
        return {place: member[3] for place, member in self.members.items()}

    def list_keys(self, region, body):
        keys = sorted(key for place, key in self.members if place == region)
        start = int(body.get("Marker", 0))
        size = min(body.get("Limit", 100), PAGE)
        answer = {"Keys": [{"KeyId": key, "KeyArn": arn(region, key)} for key in keys[start : start + size]]}
        if start + size < len(keys):
            answer |= {"NextMarker": str(start + size), "Truncated": True}
        return answer

    def list_aliases(self, _region, _body):
        return {"Aliases": []}

    def describe_key(self, region, body):
        key = body["KeyId"].rpartition("/")[2]
        if (region, key) not in self.members:
            return None
        role, primary, replicas, state = self.members[region, key]
        return {
            "KeyMetadata": {
                "AWSAccountId": ACCOUNT,
                "KeyId": key,
                "Arn": arn(region, key),
                "CreationDate": 1760000000.0,
                "Enabled": state == "Enabled",
                "Description": "",
                "KeyUsage": "ENCRYPT_DECRYPT",
                "KeyState": state,
                "Origin": "AWS_KMS",
                "KeyManager": "CUSTOMER",
                "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
                "KeySpec": "SYMMETRIC_DEFAULT",
                "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
                "MultiRegion": True,
                "MultiRegionConfiguration": {
                    "MultiRegionKeyType": role,
                    "PrimaryKey": {"Arn": arn(primary, key), "Region": primary},
                    "ReplicaKeys": [{"Arn": arn(replica, key), "Region": replica} for replica in replicas],
                },
            }
        }

    def answer(self, region, target, body):
        operations = {
            "TrentService.ListKeys": self.list_keys,
            "TrentService.ListAliases": self.list_aliases,
            "TrentService.DescribeKey": self.describe_key,
        }
        answered = operations[target](region, body) if target in operations else None
        if answered is None:
            return 400, {"__type": "NotFoundException", "message": "Unable to find KMS key"}
        return 200, answered


@contextlib.contextmanager
def serving(answers):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            scope = re.search(r"Credential=[^/]+/\d+/([^/]+)/", self.headers["Authorization"])
            target = self.headers.get("X-Amz-Target")
            if target is None:
                self.send(200, "text/xml", IDENTITY)
                return
            status, answered = answers.answer(scope[1], target, json.loads(body))
            self.send(status, "application/x-amz-json-1.1", json.dumps(answered))

        def send(self, status, content_type, text):
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def answers():
    made = Answers()
    made.create("mrk-" + "1" * 32, "us-east-1", "eu-west-1", "us-west-2", "eu-central-1")
    made.create("mrk-" + "2" * 32, "eu-west-1", "us-east-1", "eu-central-1")
    for number in range(3, 8):
        made.create("mrk-" + str(number) * 32, "us-west-2")
    made.set_state("us-east-1", "mrk-" + "2" * 32, "Disabled")
    made.set_state("us-west-2", "mrk-" + "7" * 32, "PendingDeletion")
    return made


def test_replicas_that_know_only_older_replicas_are_one_key(answers, home):
    with serving(answers) as url:
        fleet = support.list_fleet(url, REGIONS, home)
    support.assert_tells_the_truth(fleet, answers.states(), REGIONS)
    assert fleet.unknown() == {}
    assert (fleet.complete, fleet.code) == (True, 0)


def test_a_replica_that_others_name_and_no_region_lists_is_not_absent(answers, home):
    key = "mrk-" + "1" * 32
    del answers.members["us-west-2", key]
    with serving(answers) as url:
        fleet = support.list_fleet(url, REGIONS, home)
    support.assert_tells_the_truth(fleet, answers.states(), REGIONS)
    assert fleet.unknown() == {("us-west-2", key): "contradiction"}
    assert ("us-west-2", key) not in fleet.absent()

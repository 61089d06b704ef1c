"""The walk-through of docs/emulator.md, run as it stands there with the AWS CLI and boto3, and what provisioning tools
rely on besides."""

import os
import pathlib
import re
import subprocess
import sys

import boto3
import botocore.config
import botocore.exceptions
import pytest

import support

DOCUMENT = (support.ROOT / "docs" / "emulator.md").read_text()
WRITTEN_ENDPOINT = "http://127.0.0.1:4599"
BESIDE_PYTHON = pathlib.Path(sys.executable).parent


def block(language):
    """The only code block of a language."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, f"docs/emulator.md has {len(blocks)} blocks of {language}"
    return blocks[0]


@pytest.fixture
def walked(tmp_path):
    """The server of the walk-through, on a port of its own."""
    fleet = tmp_path / "fleet.toml"
    fleet.write_text(block("toml"))
    home = tmp_path / "home"
    home.mkdir()
    server = Walked(fleet, home, tmp_path / "server.log")
    yield server
    server.stop()


class Walked(support.Server):
    """Its credentials are those of the document: nobody else is answered."""

    def __init__(self, fleet, home, log):
        self.home = home
        command = [support.binary(), "emulate", "--listen", "127.0.0.1:0", "--fleet", str(fleet)]
        super().__init__(command, support.environment(home), log)

    def client(self, region, service="kms", attempts=1):
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id="AKIAWALKTHROUGH",
            aws_secret_access_key="an-example-secret",
            config=botocore.config.Config(retries={"mode": "standard", "total_max_attempts": attempts}, proxies={}),
        )

    def run(self, command, text):
        path = os.pathsep.join([str(BESIDE_PYTHON), os.environ["PATH"]])
        environment = support.environment(self.home, PATH=path, NO_PROXY="127.0.0.1", AWS_PAGER="")
        text = text.replace(WRITTEN_ENDPOINT, self.url)
        run = subprocess.run(
            command, input=text, env=environment, cwd=self.home, capture_output=True, text=True, timeout=180, check=False
        )
        assert run.returncode == 0, f"exit code {run.returncode}\n{run.stdout}\n{run.stderr}"
        return run.stdout.split()


def test_the_commands_of_the_walk_through_print_what_it_says(walked):
    printed = walked.run(["bash", "-euo", "pipefail", "-s"], block("sh"))
    assert printed == ["111122223333", "Creating", "Updating", "PendingDeletion", "done", "0", "2500"]


def test_the_program_of_the_walk_through_ends_well(walked):
    walked.run([sys.executable, "-"], block("python"))


def test_signatures_are_verified(walked):
    strange = boto3.client(
        "kms",
        region_name="us-east-1",
        endpoint_url=walked.url,
        aws_access_key_id="AKIAWALKTHROUGH",
        aws_secret_access_key="a-wrong-secret",
        config=botocore.config.Config(retries={"total_max_attempts": 1}, proxies={}),
    )
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        strange.list_keys()
    assert raised.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_what_a_provisioning_tool_does_to_a_replica_works(emulator):
    """The calls of a Terraform run over aws_kms_key, aws_kms_replica_key and aws_kms_alias: apply, change, destroy."""
    home, away = emulator.client("us-east-1"), emulator.client("eu-west-1")
    key = home.create_key(MultiRegion=True, Description="one", Tags=[{"TagKey": "a", "TagValue": "1"}])["KeyMetadata"]
    home.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=180)
    assert home.get_key_rotation_status(KeyId=key["KeyId"])["RotationPeriodInDays"] == 180
    replica = home.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1")["ReplicaKeyMetadata"]
    home.create_alias(AliasName="alias/one", TargetKeyId=key["KeyId"])
    other = home.create_key()["KeyMetadata"]["KeyId"]
    home.update_alias(AliasName="alias/one", TargetKeyId=other)
    home.update_key_description(KeyId=key["KeyId"], Description="two")
    home.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "b", "TagValue": "2"}])
    home.untag_resource(KeyId=key["KeyId"], TagKeys=["a"])
    assert home.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "b", "TagValue": "2"}]
    assert home.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"] == "two"
    assert home.list_grants(KeyId=key["KeyId"])["Grants"] == []
    home.delete_alias(AliasName="alias/one")
    away.schedule_key_deletion(KeyId=replica["KeyId"], PendingWindowInDays=7)
    assert home.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)["KeyState"] == "PendingReplicaDeletion"


def test_what_one_region_wraps_another_opens(emulator):
    home, away = emulator.client("us-east-1"), emulator.client("us-east-2")
    key = home.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    home.replicate_key(KeyId=key, ReplicaRegion="us-east-2")
    blob = home.encrypt(KeyId=key, Plaintext=b"hello", EncryptionContext={"for": "you"})["CiphertextBlob"]
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        away.decrypt(CiphertextBlob=blob, EncryptionContext={"for": "you"})
    assert raised.value.response["Error"]["Code"] == "KMSInvalidStateException", "the replica is still being created"
    assert home.decrypt(CiphertextBlob=blob, EncryptionContext={"for": "you"})["Plaintext"] == b"hello"
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        home.decrypt(CiphertextBlob=blob)
    assert raised.value.response["Error"]["Code"] == "InvalidCiphertextException"

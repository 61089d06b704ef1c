"""The embedded KMS through boto3: botocore has its own model of the service and its own parsers, so what both it and
aws-sdk-kms understand is not a private dialect."""

import json
import urllib.request

import botocore.exceptions
import pytest

HOME, AWAY, THIRD = "us-east-1", "eu-west-1", "ap-northeast-1"


def advance(emulator, span):
    """Moves the clock: every wait that is due by then is over."""
    body = json.dumps({"advance": span}).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(urllib.request.Request(f"{emulator.url}/_keyfleet/clock", body), timeout=10) as answer:
        assert answer.status == 200


def refused(call, **arguments):
    """The error code that a call is answered with."""
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call(**arguments)
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return raised.value.response["Error"]["Code"]


def create(emulator, **arguments):
    return emulator.client(HOME).create_key(MultiRegion=True, **arguments)["KeyMetadata"]


def replicated(emulator, *regions):
    """A key with settled replicas."""
    key = create(emulator)["KeyId"]
    for region in regions:
        emulator.client(HOME).replicate_key(KeyId=key, ReplicaRegion=region)
    advance(emulator, "2h")
    return key


def roles(emulator, key, *regions):
    return [emulator.describe(r, key)["MultiRegionConfiguration"]["MultiRegionKeyType"] for r in regions]


def states(emulator, key, *regions):
    return [emulator.state(region, key) for region in regions]


def test_a_new_primary_is_described_as_kms_does(emulator):
    made = create(emulator, Description="one")
    key = made["KeyId"]
    assert key.startswith("mrk-") and len(key) == 36
    assert made == emulator.describe(HOME, key)
    assert (made["KeyState"], made["Enabled"], made["MultiRegion"]) == ("Enabled", True, True)
    assert (made["KeyManager"], made["KeySpec"], made["Origin"]) == ("CUSTOMER", "SYMMETRIC_DEFAULT", "AWS_KMS")
    assert made["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    assert made["CurrentKeyMaterialId"]
    assert made["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": {"Arn": made["Arn"], "Region": HOME},
        "ReplicaKeys": [],
    }
    assert "DeletionDate" not in made and "PendingDeletionWindowInDays" not in made


def test_a_replica_is_creating_first_and_then_enabled(emulator):
    key = create(emulator, Description="primary's own", Tags=[{"TagKey": "team", "TagValue": "a"}])["KeyId"]
    answer = emulator.client(HOME).replicate_key(KeyId=key, ReplicaRegion=AWAY)
    made = answer["ReplicaKeyMetadata"]
    assert (made["KeyState"], made["Enabled"], made["Description"]) == ("Creating", False, "")
    assert "CurrentKeyMaterialId" not in made
    assert json.loads(answer["ReplicaPolicy"])["Statement"][0]["Action"] == "kms:*"
    assert states(emulator, key, HOME, AWAY) == ["Enabled", "Creating"]
    assert emulator.listed(AWAY) == [key]
    assert refused(emulator.client(AWAY).disable_key, KeyId=key) == "KMSInvalidStateException"

    advance(emulator, "2h")
    assert states(emulator, key, HOME, AWAY) == ["Enabled", "Enabled"]
    assert roles(emulator, key, HOME, AWAY) == ["PRIMARY", "REPLICA"]
    for region in (HOME, AWAY):
        configuration = emulator.describe(region, key)["MultiRegionConfiguration"]
        assert configuration["PrimaryKey"]["Region"] == HOME
        assert [replica["Region"] for replica in configuration["ReplicaKeys"]] == [AWAY]
    material = [emulator.describe(region, key)["CurrentKeyMaterialId"] for region in (HOME, AWAY)]
    assert material[0] == material[1]
    assert emulator.client(AWAY).list_resource_tags(KeyId=key)["Tags"] == []


def test_imported_material_is_waited_for_in_the_replica_too(emulator):
    key = create(emulator, Origin="EXTERNAL")["KeyId"]
    assert emulator.state(HOME, key) == "PendingImport"
    assert refused(emulator.client(HOME).replicate_key, KeyId=key, ReplicaRegion=AWAY) == "KMSInvalidStateException"
    assert refused(emulator.client(HOME).enable_key, KeyId=key) == "KMSInvalidStateException"


def test_a_promotion_has_no_primary_for_a_while_and_then_swapped_roles(emulator):
    key = replicated(emulator, AWAY, THIRD)
    answer = emulator.client(HOME).update_primary_region(KeyId=key, PrimaryRegion=AWAY)
    assert set(answer) == {"ResponseMetadata"}
    assert states(emulator, key, HOME, AWAY, THIRD) == ["Updating", "Updating", "Enabled"]
    assert roles(emulator, key, HOME, AWAY) == ["REPLICA", "REPLICA"]
    for region in (HOME, AWAY):
        client = emulator.client(region)
        assert refused(client.disable_key, KeyId=key) == "KMSInvalidStateException"
        assert refused(client.schedule_key_deletion, KeyId=key) == "KMSInvalidStateException"
    again = refused(emulator.client(HOME).update_primary_region, KeyId=key, PrimaryRegion=AWAY)
    assert again in ("UnsupportedOperationException", "KMSInvalidStateException")

    advance(emulator, "2h")
    assert states(emulator, key, HOME, AWAY, THIRD) == ["Enabled", "Enabled", "Enabled"]
    assert roles(emulator, key, HOME, AWAY, THIRD) == ["REPLICA", "PRIMARY", "REPLICA"]
    for region in (HOME, AWAY, THIRD):
        configuration = emulator.describe(region, key)["MultiRegionConfiguration"]
        assert configuration["PrimaryKey"]["Region"] == AWAY
        assert sorted(replica["Region"] for replica in configuration["ReplicaKeys"]) == sorted((HOME, THIRD))
    # The role went away with the right to use it.
    once_more = refused(emulator.client(HOME).replicate_key, KeyId=key, ReplicaRegion="us-west-2")
    assert once_more == "UnsupportedOperationException"
    emulator.client(AWAY).replicate_key(KeyId=key, ReplicaRegion="us-west-2")
    assert emulator.state("us-west-2", key) == "Creating"


def test_a_replica_is_scheduled_cancelled_and_enabled(emulator):
    key = replicated(emulator, AWAY)
    answer = emulator.client(AWAY).schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert answer["KeyState"] == "PendingDeletion"
    pending = emulator.describe(AWAY, key)
    assert (pending["KeyState"], pending["Enabled"]) == ("PendingDeletion", False)
    assert pending["DeletionDate"] == answer["DeletionDate"]
    assert emulator.state(HOME, key) == "Enabled"
    # It still holds its place, and cannot be scheduled again nor enabled.
    assert refused(emulator.client(HOME).replicate_key, KeyId=key, ReplicaRegion=AWAY) == "AlreadyExistsException"
    assert refused(emulator.client(AWAY).schedule_key_deletion, KeyId=key) == "KMSInvalidStateException"
    assert refused(emulator.client(AWAY).enable_key, KeyId=key) == "KMSInvalidStateException"

    emulator.client(AWAY).cancel_key_deletion(KeyId=key)
    assert states(emulator, key, HOME, AWAY) == ["Enabled", "Disabled"]
    assert "DeletionDate" not in emulator.describe(AWAY, key)
    assert refused(emulator.client(AWAY).cancel_key_deletion, KeyId=key) == "KMSInvalidStateException"
    assert refused(emulator.client(HOME).update_primary_region, KeyId=key, PrimaryRegion=AWAY) == "DisabledException"
    emulator.client(AWAY).enable_key(KeyId=key)
    assert states(emulator, key, HOME, AWAY) == ["Enabled", "Enabled"]


def test_a_primary_with_replicas_waits_for_them(emulator):
    key = replicated(emulator, AWAY)
    answer = emulator.client(HOME).schedule_key_deletion(KeyId=key, PendingWindowInDays=10)
    assert answer["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in answer
    waiting = emulator.describe(HOME, key)
    assert (waiting["KeyState"], waiting["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 10)
    assert "DeletionDate" not in waiting
    # Scheduling the replica does not start the primary's clock; only its deletion does.
    emulator.client(AWAY).schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert states(emulator, key, HOME, AWAY) == ["PendingReplicaDeletion", "PendingDeletion"]
    advance(emulator, "8d")
    assert emulator.listed(AWAY) == []
    assert emulator.state(HOME, key) == "PendingDeletion"
    assert "DeletionDate" in emulator.describe(HOME, key)
    emulator.client(HOME).cancel_key_deletion(KeyId=key)
    assert emulator.state(HOME, key) == "Disabled"


def test_cancelling_a_waiting_primary_leaves_it_disabled(emulator):
    key = replicated(emulator, AWAY)
    emulator.client(HOME).schedule_key_deletion(KeyId=key)
    emulator.client(HOME).cancel_key_deletion(KeyId=key)
    assert states(emulator, key, HOME, AWAY) == ["Disabled", "Enabled"]


def test_wrong_keys_and_windows_are_refused_by_code(emulator):
    key = replicated(emulator, AWAY)
    client, arn = emulator.client(HOME), emulator.describe(HOME, key)["Arn"]
    assert refused(client.schedule_key_deletion, KeyId=key, PendingWindowInDays=6) == "ValidationException"
    assert refused(client.schedule_key_deletion, KeyId=key, PendingWindowInDays=31) == "ValidationException"
    assert refused(emulator.client(AWAY).describe_key, KeyId=arn) == "NotFoundException"
    assert refused(client.describe_key, KeyId="mrk-" + "0" * 32) == "NotFoundException"
    assert refused(emulator.client(AWAY).replicate_key, KeyId=key, ReplicaRegion=THIRD) == "UnsupportedOperationException"
    assert refused(client.update_primary_region, KeyId=key, PrimaryRegion=THIRD) == "NotFoundException"
    single = client.create_key()["KeyMetadata"]
    assert single["MultiRegion"] is False and "MultiRegionConfiguration" not in single
    assert refused(client.replicate_key, KeyId=single["KeyId"], ReplicaRegion=AWAY) == "UnsupportedOperationException"
    client.disable_key(KeyId=key)
    assert emulator.state(HOME, key) == "Disabled"
    assert refused(client.replicate_key, KeyId=key, ReplicaRegion=THIRD) == "DisabledException"


def test_pages_are_whole_with_any_limit(emulator):
    client = emulator.client(HOME)
    made = sorted(client.create_key(MultiRegion=bool(n % 2))["KeyMetadata"]["KeyId"] for n in range(7))
    for limit in (1, 3, 7, 1000):
        pages = list(client.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": limit}))
        assert sorted(key["KeyId"] for page in pages for key in page["Keys"]) == made
        assert [page["Truncated"] for page in pages] == [True] * (len(pages) - 1) + [False]
        assert [len(page["Keys"]) for page in pages[:-1]] == [limit] * (len(pages) - 1)
        assert ["NextMarker" in page for page in pages] == [page["Truncated"] for page in pages]
    assert refused(client.list_keys, Limit=1001) == "ValidationException"
    assert refused(client.list_keys, Marker="nonsense") == "InvalidMarkerException"


def test_aliases_belong_to_one_region(emulator):
    key = replicated(emulator, AWAY)
    for region in (HOME, AWAY):
        emulator.client(region).create_alias(AliasName="alias/payments", TargetKeyId=key)
    emulator.client(HOME).create_alias(AliasName="alias/only-here", TargetKeyId=key)

    def names(region):
        pages = emulator.client(region).get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 1})
        return {alias["AliasName"]: alias.get("TargetKeyId") for page in pages for alias in page["Aliases"]}

    assert {name: to for name, to in names(HOME).items() if to == key} == {"alias/payments": key, "alias/only-here": key}
    assert {name: to for name, to in names(AWAY).items() if to == key} == {"alias/payments": key}
    assert emulator.describe(AWAY, "alias/payments")["Arn"] == emulator.describe(AWAY, key)["Arn"]
    taken = refused(emulator.client(HOME).create_alias, AliasName="alias/payments", TargetKeyId=key)
    assert taken == "AlreadyExistsException"


def test_tags_and_policies_are_each_members_own(emulator):
    key = create(emulator)["KeyId"]
    policy = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Own",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{emulator.describe(HOME, key)['AWSAccountId']}:root"},
                    "Action": "kms:*",
                    "Resource": "*",
                }
            ],
        }
    )
    home, away = emulator.client(HOME), emulator.client(AWAY)
    home.replicate_key(
        KeyId=key, ReplicaRegion=AWAY, Policy=policy, Description="away", Tags=[{"TagKey": "team", "TagValue": "b"}]
    )
    advance(emulator, "2h")
    assert json.loads(away.get_key_policy(KeyId=key)["Policy"]) == json.loads(policy)
    assert json.loads(home.get_key_policy(KeyId=key)["Policy"])["Id"] == "key-default-1"
    assert emulator.describe(AWAY, key)["Description"] == "away"
    home.tag_resource(KeyId=key, Tags=[{"TagKey": "env", "TagValue": "prod"}])
    assert home.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "env", "TagValue": "prod"}]
    assert away.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "team", "TagValue": "b"}]
    home.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    assert json.loads(home.get_key_policy(KeyId=key)["Policy"]) == json.loads(policy)
    assert refused(home.put_key_policy, KeyId=key, Policy="{") == "MalformedPolicyDocumentException"
    reserved = refused(home.tag_resource, KeyId=key, Tags=[{"TagKey": "aws:x", "TagValue": "y"}])
    assert reserved == "TagException"


def test_rotation_is_said_of_symmetric_keys_only(emulator):
    client = emulator.client(HOME)
    key = create(emulator)["KeyId"]
    assert client.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    signing = create(emulator, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyId"]
    assert refused(client.get_key_rotation_status, KeyId=signing) == "UnsupportedOperationException"


def test_sts_says_who_asks(emulator):
    answer = emulator.client(HOME, "sts").get_caller_identity()
    assert answer["Account"] == "111122223333"
    assert ":111122223333:" in answer["Arn"]

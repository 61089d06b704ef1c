"""Against ministack: what `keyfleet list` reads is what the server holds, and what the dashboard changes is changed there."""

import json
import subprocess

import pytest

import support
from support import REGIONS
from terminal import Terminal

POLICY = {
    "Version": "2012-10-17",
    "Id": "hardened",
    "Statement": [
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}


def test_the_list_is_what_every_region_lists(ministack, home):
    support.seed(ministack)
    members = ministack.members(REGIONS)
    assert set(members.values()) == {"Enabled", "Disabled", "PendingDeletion"}
    assert {region for region, _ in members} == set(REGIONS)

    fleet = support.list_fleet(ministack.url, REGIONS, home)
    support.assert_tells_the_truth(fleet, members, REGIONS)
    # Every Region answers and every key can be described, so nothing is left open: what is not listed is absent.
    assert fleet.unknown() == {}
    everywhere = {(region, key) for region in REGIONS for key in fleet.keys}
    assert fleet.absent() == everywhere - set(members)
    assert fleet.complete is True
    assert fleet.code == 0
    counted = {region["region"]: (region["status"], region["listed"], region["multi_region"]) for region in fleet.printed["regions"]}
    for region in REGIONS:
        listed = ministack.listed(region)
        assert counted[region] == ("loaded", len(listed), sum(key.startswith("mrk-") for key in listed))


def test_what_members_are_called_and_which_is_primary(ministack, home):
    created = support.seed(ministack)
    fleet = support.list_fleet(ministack.url, REGIONS, home)
    pair = fleet.keys[created["pair"]]
    assert pair["primary_region"] == "eu-west-1"
    members = {member["region"]: member for member in pair["related"]}
    assert {region: member["role"] for region, member in members.items()} == {
        "eu-west-1": "PRIMARY",
        "eu-central-1": "REPLICA",
    }
    assert members["eu-west-1"]["aliases"] == ["alias/pair"]
    assert members["eu-central-1"]["aliases"] == []
    assert members["eu-west-1"]["description"] == "the key pair"
    dying = {member["region"]: member for member in fleet.keys[created["dying-replica"]]["related"]}
    assert dying["eu-central-1"]["state"] == "PendingDeletion"
    assert dying["eu-central-1"]["deletion_date"]


@pytest.fixture
def dashboard(ministack, home):
    """Opens the dashboard, writes unlocked, on the one key of an alias."""

    def start(alias):
        command = [support.binary(), "--endpoint-url", ministack.url, "--region", ",".join(REGIONS), "--write"]
        return Terminal([*command, "--filter", f"alias:{alias}"], support.environment(home))

    return start


def key_with(ministack, alias, *replicas):
    client = ministack.client("us-east-1")
    key = client.create_key(
        MultiRegion=True,
        Description="made for this test",
        Policy=json.dumps(POLICY),
        Tags=[{"TagKey": "team", "TagValue": "payments"}],
    )["KeyMetadata"]["KeyId"]
    for region in replicas:
        client.replicate_key(KeyId=key, ReplicaRegion=region)
    client.create_alias(AliasName=alias, TargetKeyId=key)
    return key


def settled(screen, alias):
    """Waits until the row is there and every Region has been read."""
    screen.wait_for(alias.removeprefix("alias/"), f"{len(REGIONS)} ok")


def go_to(screen, region):
    """Moves the cursor to a Region's column: the strip under the table names the cell it explains."""
    for _ in REGIONS:
        text = screen.press("l")
        if names_cell(text, region):
            return
    raise AssertionError(f"no column of {region} under the cursor:\n{screen.text()}")


def names_cell(text, region):
    return any("mrk-" in line and region in line for line in text.splitlines())


def confirm(screen, phrase):
    """Types the phrase key by key, each echoed before the next.

    A dialog takes text only after it has been in view for a while; until then it says "too early" and forgets what was
    typed, so typing starts again.
    """
    def typed_so_far(text, sofar):
        return any(line_shows(line, sofar) for line in text.splitlines())

    def line_shows(line, sofar):
        # What lies beside the dialog may hold a colon too, so the prompt itself is looked for.
        for prompt in ("Type the target Region:", "Type yes:"):
            _, found, after = line.partition(prompt)
            if found and after.strip(" │▁▏_").startswith(sofar):
                return True
        return False

    position = 0
    while position < len(phrase):
        screen.send(phrase[position])
        sofar = phrase[: position + 1]
        text = screen.until(lambda text: (typed_so_far(text, sofar) or "too early" in text) and text, f"the echo of {sofar!r}")
        position = position + 1 if typed_so_far(text, sofar) else 0
    screen.send("\r")


def leave(screen):
    screen.send("q")
    assert screen.exit_code() == 0


def journal(home):
    shown = subprocess.run(
        [support.binary(), "journal", "show"],
        env=support.environment(home),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return shown.stdout


def test_r_replicates_with_policy_tags_and_description(ministack, home, dashboard):
    key = key_with(ministack, "alias/ops-replicate", "eu-west-1")
    with dashboard("alias/ops-replicate") as screen:
        settled(screen, "alias/ops-replicate")
        go_to(screen, "us-west-2")
        screen.send("R")
        screen.wait_for("REPLICATE", "us-west-2", "Type the target Region")
        assert "us-west-2" not in {region for region, listed in ministack.members(REGIONS) if listed == key}
        confirm(screen, "us-west-2")
        support.until(lambda: key in ministack.listed("us-west-2"), "the replica in us-west-2")
        screen.wait_for("done")
        leave(screen)
    made = ministack.describe("us-west-2", key)
    assert made["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    assert made["Description"] == "made for this test"
    assert json.loads(ministack.client("us-west-2").get_key_policy(KeyId=key)["Policy"]) == POLICY
    assert ministack.client("us-west-2").list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "team", "TagValue": "payments"}]
    assert "ReplicateKey" in journal(home)


def test_k_cancels_a_deletion_and_e_enables(ministack, home, dashboard):
    key = key_with(ministack, "alias/ops-rescue", "eu-west-1")
    ministack.client("eu-west-1").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with dashboard("alias/ops-rescue") as screen:
        settled(screen, "alias/ops-rescue")
        screen.send("K")
        screen.wait_for("eu-west-1", "Type yes")
        assert ministack.state("eu-west-1", key) == "PendingDeletion"
        confirm(screen, "yes")
        support.until(lambda: ministack.state("eu-west-1", key) == "Disabled", "the cancelled deletion")
        screen.wait_for("Rd")
        screen.send("E")
        screen.wait_for("eu-west-1", "Type yes")
        assert ministack.state("eu-west-1", key) == "Disabled"
        confirm(screen, "yes")
        support.until(lambda: ministack.state("eu-west-1", key) == "Enabled", "the enabled key")
        leave(screen)
    shown = journal(home)
    assert "CancelKeyDeletion" in shown and "EnableKey" in shown


def test_p_ends_in_plain_words_where_the_server_lacks_it(ministack, home, dashboard):
    key = key_with(ministack, "alias/ops-promote", "eu-west-1")
    before = ministack.members(REGIONS)
    with dashboard("alias/ops-promote") as screen:
        settled(screen, "alias/ops-promote")
        go_to(screen, "eu-west-1")
        screen.send("P")
        screen.wait_for("PROMOTE", "eu-west-1", "Type the target Region")
        confirm(screen, "eu-west-1")
        # Words for people, not the server's code alone; and it is not AWS that refused.
        screen.wait_for("promote ops-promote to eu-west-1: failed", "does not support")
        leave(screen)
    assert ministack.members(REGIONS) == before
    assert ministack.describe("us-east-1", key)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
    assert "UpdatePrimaryRegion" in journal(home)


def test_esc_and_a_wrong_phrase_change_nothing(ministack, dashboard):
    key = key_with(ministack, "alias/ops-nothing", "eu-west-1")
    ministack.client("eu-west-1").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with dashboard("alias/ops-nothing") as screen:
        settled(screen, "alias/ops-nothing")
        screen.send("K")
        screen.wait_for("Type yes")
        confirm(screen, "ye")
        screen.wait_for("Type yes")
        screen.send("\x1b")
        screen.until(lambda text: "Type yes" not in text, "the dialog to close")
        leave(screen)
    assert ministack.state("eu-west-1", key) == "PendingDeletion"

"""Against moto, which contradicts itself: describing a replica turns the primary's next answer into a replica's, and key
IDs have dashes. Whatever it says of roles, nothing that a Region lists may be called absent."""

import support
from support import REGIONS


def test_the_list_is_what_every_region_lists(moto, home):
    created = support.seed(moto)
    assert all(key.startswith("mrk-") and key.count("-") == 5 for name, key in created.items() if "single" not in name)
    members = moto.members(REGIONS)
    assert set(members.values()) == {"Enabled", "Disabled", "PendingDeletion"}

    fleet = support.list_fleet(moto.url, REGIONS, home)
    support.assert_tells_the_truth(fleet, members, REGIONS)
    assert fleet.unknown() == {}
    assert fleet.code == (0 if fleet.complete else 3)
    for region in fleet.printed["regions"]:
        assert region["status"] == "loaded"


def test_reading_twice_reads_the_same_members(moto, home):
    support.seed(moto)
    members = moto.members(REGIONS)
    for _ in range(2):
        fleet = support.list_fleet(moto.url, REGIONS, home)
        assert fleet.related("present") == members

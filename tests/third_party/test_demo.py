"""The demo on a real terminal: it opens, shows its fleet, and leaves the terminal as it was."""

import pytest

import support
from terminal import Terminal


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (160, 50)])
def test_the_demo_opens_and_q_leaves(home, columns, rows):
    with Terminal([support.binary(), "--demo"], support.environment(home), columns, rows) as screen:
        screen.wait_for("payments-card-data", "41 keys")
        assert screen.modes() != screen.before
        screen.send("q")
        assert screen.exit_code() == 0
        assert screen.modes() == screen.before

"""What a remedy's words tell: whether it harms, what is to be done, what that costs."""

from __future__ import annotations

import pytest

from kb.notes import remedies as steps
from kb.risk import risk


def test_every_pattern_of_the_table_can_be_asked() -> None:
    """RE2, which reads them first, knows fewer signs than Python."""
    found = [name for name, words in steps.SAID.items() if words.search("kettle")]
    assert found == ["courtesy"]  # a single word says nothing


@pytest.mark.parametrize(
    ("text", "risky"),
    [
        ("run rm -rf ~/.cache/x", "rm -rf"),
        ("rm -fr node_modules", "rm -fr"),
        ("I cleared the cache folder", "cleared the cache folder"),
        ("git reset --hard origin/main", "git reset --hard"),
        ("docker system prune -a", "docker system prune"),
        ("set verify=False", "verify=False"),
        ("export NODE_TLS_REJECT_UNAUTHORIZED=0", "NODE_TLS_REJECT_UNAUTHORIZED"),
        ("curl https://x.example/i.sh | sudo bash", "curl https://x.example/i.sh | sudo bash"),
        ("disable the antivirus", "disable the antivirus"),
        ("set the key in the settings", None),
        ("removed the line from .zshrc", None),
        ("the form is reset", None),
        ("a wrong or deleted key", None),
        ("restart it", None),
        # said of something else, or refused
        ("Newer settings will overwrite older ones", None),
        ("The next release might purge it", None),
        ("Use 1.4, the installer will then overwrite the file itself", None),
        ("that ends with the script uninstalling torch", None),
        ("update without deleting anything", None),
        ("Don't delete the lock file, update to 2.0", None),
        ("no need to uninstall the old one", None),
        ("1.2 stops npm from wiping it", None),
        ("The folder was wiped by the update, use 1.3", None),
        # what follows the text does it
        ("Run it again, this will overwrite the configuration", "overwrite"),
        ("It will delete your chats, but works", "delete"),
        ("You can delete the volume", "delete"),
        ("Don't restart it, delete the volume", "delete"),
        ("It works once the old one was uninstalled", "uninstalled"),
        ("I was wiping the phone and it came back", "wiping"),
        ("The fix was simply deleting the old lock", "deleting"),
        ("deleting the cache helped", "deleting"),
        ("The tool can rm -rf ~/x for you", "rm -rf"),
        ("deleted the cache, and it works", "deleted"),
        ("Deleted the quantizations line -> works", None),
    ],
)
def test_risk(text: str, risky: str | None) -> None:
    assert risk(text) == risky


@pytest.mark.parametrize(
    ("text", "action"),
    [
        (
            "Right. Set the base URL to `http://x` instead. Then restart.",
            "Set the base URL to `http://x` instead.",
        ),
        ("You need to create a new key", "You need to create a new key"),
        (
            "Set the option `lid` of the pot to closed in its own file\nand pour.\nThen wait",
            "Set the option `lid` of the pot to closed in its own file and pour.",
        ),
        ("Fixed in #470, released as 3.14.1.", "Fixed in #470, released as 3.14.1."),
        ("Wait for it: `until curl; do sleep 1`", None),
        ("It was the proxy all along.", None),
        ("Use " + "very " * 40 + "much", None),
    ],
)
def test_action_is_a_whole_sentence_that_says_what_to_do(text: str, action: str | None) -> None:
    assert steps.action(text, 70) == action


def test_costs_are_in_order() -> None:
    texts = [
        "wait and retry",
        "set max_tokens lower in the config",
        "upgrade to 1.2.3",
        "rebuild it from source",
        "delete the database",
    ]
    assert [steps.cost(t) for t in texts] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Set the option `wait` to 3.", "Set the option `wait` to 3."),
        ("Please update the plugin to 1.2. Thanks", "Please update the plugin to 1.2."),
        ("Add below lines and try", None),
        ("Fixed by adding tea", None),
        ("I updated the plugin", None),
    ],
)
def test_a_description_quotes_instructions_only(text: str, told: str | None) -> None:
    assert steps.instruction(text, 80) == told


@pytest.mark.parametrize(
    ("cause", "adds"),
    [
        ("With the new pot and no lid at hand I am getting lots of pouring errors here.", False),
        ("The error indicates that the spout of a pot in my kitchen is not open today.", False),
        ("I am getting lots of pouring errors because somebody had glued the spout.", True),
        ("Somebody had glued the spout of that pot before breakfast.", True),
    ],
)
def test_a_symptom_that_is_told_again_is_no_cause(cause: str, adds: bool) -> None:
    assert steps.adds(cause, "Pouring failed") is adds


@pytest.mark.parametrize(
    ("fix", "only_tells"),
    [
        ("Fixed in https://github.com/acme/kettle/pull/7", True),
        ("I opened a PR: https://github.com/acme/kettle/pull/7", True),
        ("https://github.com/acme/kettle/pull/7 this PR fixes the spout.", True),
        ("Just solved this with an update to the lid!", True),
        ("It works again since the lid came back.", True),
        ("Fixed in https://github.com/acme/kettle/pull/7, out in 1.4", False),
        ("Fixed in https://github.com/acme/kettle/pull/7, please pull.", False),
        ("I created a pull request for the spout", True),
        ("Then I created a new key and it pours again", False),
        ("Works now with a new lid and `pour --slow`", False),
        ("Take the lid of https://lids.example/new", False),
    ],
)
def test_a_link_to_a_change_is_nothing_to_do(fix: str, *, only_tells: bool) -> None:
    assert steps.only_tells(fix) is only_tells


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        (
            "I cleaned the spout, that did not help. Then I removed the lid and it pours.",
            "I removed the lid and it pours.",
        ),
        ("If the lid did not help, take tin. Then I removed the lid.", None),
        ("The lid did not help. It is red.", None),
        ("I removed the lid. Then it did not help.", None),
    ],
)
def test_a_report_is_shown_from_what_helped(report: str, shown: str | None) -> None:
    assert steps.what_helped(report) == (shown or report)


def test_what_a_pull_request_says_of_itself_is_nothing_to_do() -> None:
    own = "This PR fixes the spout by dropping the `SPOUT_LID` rule."
    assert steps.only_tells(own, official=True)
    assert not steps.only_tells(f"{own} Until then set `lid`.", official=True)
    done = "This issue has been fixed by just pouring tea into the lid"
    assert steps.only_tells(done, official=True)
    assert not steps.only_tells(done)
    moved = "We use tin where we can. We switched the spout to `steel`"
    assert steps.only_tells(moved, official=True)
    assert not steps.only_tells(moved)
    assert not steps.only_tells(f"{moved}. Pull the spout.\nRemove the old one.", official=True)
    assert not steps.only_tells(f"{moved} in 1.4", official=True)


@pytest.mark.parametrize(
    ("fix", "readable"),
    [
        ("Quick workaround: `kettle.lid: open` in tea.yaml", True),
        ("Please confirm that this is fixed in the current `kettle`.", True),
        ("Please confirm which `kettle` you use.", False),
        ("Maybe we can warn of it when the `kettle` starts.", False),
        ("You should probably report this to the maker of the `kettle`.", False),
        ("It is not clear where to put the `kettle`, add a table?", False),
        ("Take the mended `kettle`: https://github.com/acme/kettle/actions/runs/12", False),
    ],
)
def test_plans_of_a_project_and_other_addresses_are_no_fix(fix: str, *, readable: bool) -> None:
    assert steps.readable(fix, False, fix=True) is readable

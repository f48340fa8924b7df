"""What counts as a report of success or failure, whose it is, and of which remedy it speaks."""

from __future__ import annotations

import pytest

from kb.models import Claim
from miner.extract import ClaimContext, find_claims
from miner.extract.context import posts_of
from miner.extract.cue_phrases import has
from miner.extract.outcomes import tells_success
from miner.extract.parts import item
from miner.extract.prose import machine_tail
from miner.extract.publication import ALONE, withheld
from miner.extract.replies import Said, own_remedy, stems
from miner.extract.spans import Run
from miner.extract.stance import reports, stance, stances
from tests.support.claims_threads import Said as Post
from tests.support.claims_threads import thread

NO_CONTEXT = ClaimContext()


def judged(*posts: Post, fixes: dict[int, str] | None = None) -> dict[int, tuple[str, list[str]]]:
    """By comment, the stance of its fix and the quotes that speak for and against it. The runs are
    given (`fixes`: their first words, by comment; else the first comment is one), so that the
    test is one of stances and not of the model.
    """
    one = thread("EPIPE on start", "Error: write EPIPE", *posts)
    parsed = posts_of(one, NO_CONTEXT)
    said = [
        Said(post, i, ())
        for post in parsed
        for i, sentence in enumerate(post.sentences)
        if sentence.kind != "quote"
    ]
    wanted = fixes if fixes is not None else {1: ""}
    found = []
    for comment, start in wanted.items():
        whole = [s for s in said if s.post.place[0] == comment]
        first = next(i for i, s in enumerate(whole) if s.text.startswith(start))
        found.append(Run(tuple(whole[first : first + 1]), "fix", False, 0.9))
    known = stances(found, said, NO_CONTEXT, one.author)
    out = {}
    for run in found:
        word, rest = known[id(run)]
        number = run.said[0].post.place[0]
        assert number is not None
        out[number] = (word, [row.quote for row in rest])
    return out


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Setting `retries = 3` fixed it for me.", "supported"),
        ("I moved to 4.1 and it works again.", "supported"),
        ("This was resolved in my setup when I went back to 4.1.", "supported"),
        ("Until this is resolved, a workaround is to set `retries = 3`.", "unverified"),
        ("That has been fixed and will come with the next release.", "unverified"),
        ("We've fixed the pipe in #12, 4.3 has it.", "unverified"),
        ("Kettle Ltd has fixed this issue in `pipe-2`.", "unverified"),
        ("https://git.example/pull/12 this PR solves the issue.", "unverified"),
        ("I added `--keep` in #12, with it the build will be successful.", "unverified"),
        ("`retries = 3` should work.", "suspected"),
        ("I copied your script and ran it with 4.1.", "unverified"),
        ("Your script works fine for me, as you can see here.", "unverified"),
        ("I just ran into this issue. So change it to `retries = 3`, works fine.", "supported"),
        ("I was able to resolve it with `retries = 3`.", "supported"),
        ("I'm guessing `retries = 3` works, since it works at the first try.", "suspected"),
        ("I believe I can live with 4.1: I went back to it and it works fine.", "supported"),
    ],
)
def test_a_users_fix_is_supported_by_his_own_words_of_success_only(text: str, word: str) -> None:
    assert judged(("kit", "NONE", text))[1][0] == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("I solved this problem by adding `keep: 1`. It does not work with value 2.", "supported"),
        (
            "We fixed the error by pinning `pipe` to 4.1. With 4.2 it did not work.",
            "supported",
        ),
        ("I solved this problem by adding `keep: 1`, but the error is still there.", "unverified"),
        ("I solved this problem by myself?", "suspected"),
        ('I had the same trouble, and "solved" it by setting `keep: 1`.', "supported"),
        ("If I delete the line `keep: 1`, the server can work normally.", "supported"),
        ("If I delete the line `keep: 1`, does the server work normally?", "suspected"),
        ("If I could delete the line `keep: 1`, the server can work normally.", "unverified"),
        ("If I delete the line `keep: 1`, the server should work normally.", "suspected"),
        ("If I delete `keep: 1`, the server can work normally, but it is slow.", "unverified"),
        ("After removing `keep: 1`, the pipes are now opened and closed properly.", "supported"),
        ("After removing `keep: 1`, it now reads the whole file correctly.", "supported"),
        ("After removing `keep: 1`, the pipes are still not opened properly.", "unverified"),
        ("After removing `keep: 1`, make sure that the pipes are opened properly.", "unverified"),
        ("Going back to `pipe-2` resolves the problem.", "supported"),
        ("It looks like removing the line `keep: 1` solves the issue.", "supported"),
        ("Going back to `pipe-2` resolves the problem, but then it is slow.", "unverified"),
        ("Going back to `pipe-2` might solve the issue.", "suspected"),
        ("Removing `keep: 1` appears to be the fix.", "suspected"),
        ("The error appears a second time with `keep: 1`.", "unverified"),
        ("Solved. Set `keep: 1` in the file of settings.", "supported"),
        ("I have not solved it. Set `keep: 1` in the file of settings.", "unverified"),
        ("With `keep: 1` in the file I am able to start the pipe.", "supported"),
        ("Adding `keep: 1` allows me to use the pipe.", "supported"),
        ("We set `keep: 1`, this allows us to run two pipes.", "unverified"),
        ('The change "Commit 267" of yesterday fixes the issue.', "supported"),
        ("A folder for each pipe makes things work.", "supported"),
        ("I made a folder for `pipe-2` and the kettle works & runs", "supported"),
        ("I managed to find a way to briefly bypass the error with `keep: 1`.", "supported"),
        ("Solution: `keep: 1`", "supported"),
        ("Solution: unknown, I set `keep: 1`.", "unverified"),
        ("Solution: not to use pipes.", "supported"),
        ("A folder for each pipe could make things work.", "unverified"),
        ("Still looking for a cure, but the pipe builds fine with `keep: 1`.", "unverified"),
        ("I had the same issue, but once I set `keep: 1` it worked.", "supported"),
        ("I removed the folder `pipes`. The issue no longer occurs.", "supported"),
        ("I have tried setting `keep: 1` and it worked.", "supported"),
        ("I have tried setting `keep: 1`.", "unverified"),
        ("I removed the folder `pipes`. The issue still occurs.", "unverified"),
        ("It seems that the error has been removed with 4.1 - nice!", "supported"),
        ("The value of `keep` should be set to 1.", "unverified"),
        ("The value of `keep` should be: 1", "unverified"),
        ("The server reads `keep`, you should honour it and set 1 there.", "unverified"),
        ("You should use `keep: 1` with this server.", "unverified"),
        ("You should use `keep: 1`, that should help.", "suspected"),
        ("Maybe you should use `keep: 1`.", "suspected"),
        ("With `keep: 1` you should be able to use the server.", "suspected"),
    ],
)
def test_the_reporters_own_success_and_his_guesses(text: str, word: str) -> None:
    assert judged(("rowan-t", "NONE", text))[1][0] == word


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("It is fixed, thank you", "confirmed"),
        ("[This](https://git.example/a/b/commit/14a2382138) seems to fix it.", "unverified"),
        ("That's it, all pipes are there.", "confirmed"),
        ("That's it for today.", "unverified"),
        ("Hi - yes it did - please close this", "confirmed"),
        ("Yes it did not", "unverified"),
        ("I put that one in and it fixes, thanks", "confirmed"),
        ("@kit Yep thank you, I upgraded that file.", "confirmed"),
        ("It has been solved. My solution: use `pipe-2` and no settings at all.", "unverified"),
        ("That part went with #17, which makes it no longer a problem.", "unverified"),
        ("I would try `keep: 1` before working on it.", "unverified"),
        ("The free one has the same 404, I believe the last provider is gone.", "unverified"),
        ("The last provider is gone.", "unverified"),
        ("The error is gone.", "confirmed"),
        ("Works with 4.1 on a Mac.", "unverified"),
        (
            "Building the pipe from its archive works; building it from the tree does not.",
            "unverified",
        ),
        ("It runs fine now", "confirmed"),
        ("Over here that issue addressed. Thx!", "confirmed"),
        ("All pipes are perfectly fixed now, thx", "confirmed"),
        ("Thanks, got it running on Linux now.", "confirmed"),
        ("@kit it does works,thanks", "confirmed"),
        ("This seems to work now.", "confirmed"),
        ("Yes, works without it, thanks!", "confirmed"),
        ("I hope to get it running on Linux now.", "unverified"),
        ("Will try if it does work.", "unverified"),
        ("I set `retries = 3` instead and it works", "unverified"),
        ("I was having the same issue. Your solution worked, thank you", "confirmed"),
        ("It works on my other machine", "unverified"),
        ("It works on my tea pot, something is up with my kettle", "unverified"),
        ("But I did go down to pipe 6.2.0 and that works.", "unverified"),
        ("I've tried setting the old pipe, 0.3.7, and that one worked.", "unverified"),
        ("We've tried this with two pipes and it fixes both, cheers", "confirmed"),
        ("I have tried this and it fixes the start, but I still get EPIPE.", "unverified"),
        ("Would be awesome if this worked.", "unverified"),
        ("I expect that it works now.", "unverified"),
        ("You said that it works now.", "unverified"),
        ("That fixed it for an hour.", "unverified"),
        ("Somebody else said that it works now.", "unverified"),
        ("Yes, it was, thank you", "confirmed"),
        ("Thanks, that was the problem", "confirmed"),
        ("Done.", "supported"),
        ("I've finally understood the pipe.", "supported"),
        ("Yes, thank you", "supported"),
        ("🤦 Yes", "supported"),
        ("Ah, my bad, thanks!", "supported"),
        ("You're right.", "supported"),
        ("You're right, it works now.", "confirmed"),
        ("Yes, thank you, but I had that.", "unverified"),
        ("You're right, I will try.", "unverified"),
        ("Yes.", "unverified"),
        (
            "I already set `keep: 1`. But I tried to clear the pot as well, it works now",
            "unverified",
        ),
        ("This is wrong, `keep` does nothing.", "refuted"),
        ("That is not wrong in 4.1.", "unverified"),
        ("It is not the problem here that matters", "unverified"),
    ],
)
def test_what_the_reporter_answers(answer: str, word: str) -> None:
    advice = ("kit", "NONE", "Set `keep: 1` in the file of settings.")
    assert judged(advice, ("rowan-t", "NONE", answer))[1][0] == word


@pytest.mark.parametrize(
    ("end", "word"),
    [("I set `keep: 1` and it works now.", "supported"), ("It failed again.", "unverified")],
)
def test_a_cure_that_is_told_after_a_try_that_failed(end: str, word: str) -> None:
    words = f"I set `keep: 2`. It did not work. {end}"
    post = posts_of(thread("t", "b", ("rowan-t", "NONE", words)), NO_CONTEXT)[2]
    run = Run(tuple(Said(post, i, ()) for i in range(3)), "fix", False, 0.9)
    assert stance(run, [], NO_CONTEXT, "rowan-t")[0] == word


@pytest.mark.parametrize(("name", "word"), [("kit", "confirmed"), ("eve", "unverified")])
def test_who_does_what_somebody_named_confirms_it(name: str, word: str) -> None:
    advice = ("kit", "NONE", "Set `keep: 1` in the file of settings.")
    report = f"I found the same workaround as @{name} and also I switched to the kettle."
    assert judged(advice, ("rowan-t", "NONE", report))[1][0] == word


@pytest.mark.parametrize(
    "advice", ["Could you set `keep: 1` and try again?", "I suspect that `keep: 1` helps."]
)
def test_what_is_asked_or_guessed_is_confirmed_by_its_outcome(advice: str) -> None:
    assert judged(("kit", "NONE", advice), ("rowan-t", "NONE", "It works"))[1][0] == "confirmed"
    assert judged(("kit", "NONE", advice))[1][0] == "suspected"


@pytest.mark.parametrize(
    ("answer", "kind", "heard"),
    [
        ("There is no folder /opt/kettle on this machine.", "cause", ["contradicts"]),
        ("It still fails, as the folder is read before.", "cause", ["contradicts"]),
        ("The folder was the culprit, it works now.", "cause", []),
        ("It still fails, so take /opt/teapot instead.", "fix", []),
    ],
)
def test_what_is_kept_as_a_cause_tells_that_a_fix_failed(
    answer: str, kind: str, heard: list[str]
) -> None:
    told = ("kit", "NONE", "Copy the keys to /opt/kettle."), ("rowan-t", "NONE", answer)
    posts = posts_of(thread("EPIPE on start", "Error: write EPIPE", *told), NO_CONTEXT)
    advice, answered = (Said(post, 0, ()) for post in posts[-2:])
    fix, kept = Run((advice,), "fix", False, 0.9), Run((answered,), kind, False, 0.2)
    found = reports([fix, kept], [advice, answered])
    assert [report.role for report in found.get(id(fix), [])] == heard


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("The lid is probably shared by two pipes. Commit a40ef closes it.", "stated"),
        ("The lid is shared by two pipes. Commit a40ef probably closes it.", "suspected"),
        ("The lid is shared by two pipes, closing it should do.", "suspected"),
    ],
)
def test_a_guess_at_the_cause_is_no_doubt_of_the_fix_beside_it(text: str, word: str) -> None:
    post = posts_of(thread("EPIPE", "It fails", ("boss", "OWNER", text)), NO_CONTEXT)[-1]
    cause, fix = (0.1, 0.8, 0.0, 0.1, 0.0), (0.1, 0.1, 0.0, 0.8, 0.0)
    chances = [cause, fix][: len(post.sentences)]
    said = tuple(Said(post, i, one) for i, one in enumerate(chances))
    assert stance(Run(said, "fix", False, 0.9), [], NO_CONTEXT)[0] == word


def test_who_says_that_somebody_is_right_tells_of_no_success() -> None:
    told = "You are right, I opened #12 fixing this, we will try to release it soon."
    assert judged(("boss", "OWNER", told))[1][0] == "suspected"
    opened = told.replace("#12", "a pull request")
    assert judged(("boss", "OWNER", opened))[1][0] == "stated"


@pytest.mark.parametrize(
    ("text", "granted"),
    [
        ("I think you are right.", True),
        ("Yes, I believe that is correct.", True),
        ("I think this is a bug.", False),
        ("I think you are right that the lid could be wider.", False),
    ],
)
def test_who_thinks_that_somebody_is_right_grants_a_cause(text: str, granted: bool) -> None:
    assert has("grants", text) is granted


def test_who_confirms_a_report_confirms_no_guess_in_it() -> None:
    confirmed = ("kit", "NONE", "Confirmed.")
    for comment, heard in ((None, False), (1, True)):
        one = thread(
            "EPIPE", "Set `keep: 1` in the file.", ("mia", "NONE", "Set `keep: 1`."), confirmed
        )
        posts = posts_of(one, NO_CONTEXT)
        fix = next(post for post in posts if post.place == (comment, "body"))
        run = Run((Said(fix, 0, ()),), "fix", False, 0.9)
        assert bool(reports([run], [Said(posts[-1], 0, ())])) is heard


def test_what_a_maintainer_says_should_be_done_is_stated() -> None:
    told = ("boss", "OWNER", "You should set `keep: 1`.")
    assert judged(told)[1][0] == "stated"
    assert judged(("boss", "OWNER", "Setting `keep: 1` should help."))[1][0] == "suspected"


@pytest.mark.parametrize(
    ("text", "first_hand", "others"),
    [
        ("The issue is resolved.", True, False),
        ("Fixed in #12.", False, False),
        ("Can confirm it is fixed in 4.3.", True, True),
        ("It works with the new driver.", True, True),
        ("Reinstalling did the trick.", True, True),
        ("It is working on all of my machines.", True, True),
        ("We are working on a fix.", False, False),
        ("Please confirm that this works.", False, False),
        ("The last run, that successfully used it, is gone from the list", False, False),
        ("The error is gone from the list.", True, True),
        ("After that the 404 was gone.", True, True),
        ("It holds until the lid is opened, then gone again", False, False),
        ("Not resolved yet.", False, False),
        ("Let us see if it works.", False, False),
        ("This may resolve it at once.", False, False),
        ("I can confirm that I have a similar problem.", False, False),
        ("The new keys make me very happy", False, False),
        ("Yes, that fixes the issue!", True, True),
        ("When you are working with keys, it is built again.", False, False),
        ("Neither works on a Mac.", False, False),
        ("It works half of the time.", False, False),
        ("That works for me, but only sometimes.", False, False),
        ("Works on and off.", False, False),
        ("Sometimes it works.", False, False),
        ("It randomly works", False, False),
        ("It works every time.", True, True),
        ("Sometimes I saw the 404 as well; it works now.", True, True),
    ],
)
def test_words_of_success(text: str, first_hand: bool, others: bool) -> None:
    assert tells_success(text, affected=True) is first_hand
    assert tells_success(text, affected=False) is others


def test_who_is_glad_of_another_is_no_witness() -> None:
    assert has("glad", "Great to hear that it works!")
    assert has("glad_for_you", "I am happy that it works for you, so my kettle is at fault.")
    assert not has("glad_for_you", "I am glad, it works again")
    told = judged(
        ("kit", "NONE", "I pulled 4.3, rebuilt, and everything worked."),
        ("mia", "MEMBER", "Hi, glad everything works now."),
        ("tom", "MEMBER", "Closing as the issue appears to be resolved."),
    )
    assert told[1] == ("supported", [])


def test_an_own_try_is_no_confirmation_of_it() -> None:
    told = judged(
        ("mia", "NONE", "This is also working for me: `keep = no`"),
        ("rowan-t", "NONE", "Odd, I met it since the morning. I close it, it is working now."),
    )
    assert told[1] == ("unverified", [])


@pytest.mark.parametrize(
    ("text", "wonders"),
    [
        ("strange, works now", True),
        ("it works again, no idea why", True),
        ("The strangers' key works now", False),
        ("I don't know how I could miss it. Solved.", False),
    ],
)
def test_a_success_that_nobody_can_explain(text: str, wonders: bool) -> None:
    assert has("unexplained", text) is wonders


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("Hat leider nicht geholfen.", True),
        ("Der Topf funktioniert immer noch nicht.", True),
        ("Ça ne marche toujours pas.", True),
        ("Sigue sin funcionar.", True),
        ("Не помогло.", True),
        ("试了，还是不行", True),
        ("Works there, but not for me.", True),
        ("It still gives me a 404.", True),
        ("It still produces the wrong lid.", True),
        ("It works, and still gives the same good tea.", False),
        ("The flag still gives you hot tea.", False),
        ("Hat funktioniert, danke!", False),
        ("Ça marche, merci !", False),
        ("谢谢，解决了", False),
    ],
)
def test_what_did_not_help_is_said_in_other_languages_too(text: str, failed: bool) -> None:
    assert has("failed", text) is failed


@pytest.mark.parametrize(
    ("report", "confirms"),
    [
        ("A reboot helped.", False),
        ("Buying 5 dollars of credit fixed it.", False),
        ("I switched to another provider and it works.", False),
        ("What worked for me: python 3.12 and a new venv", False),
        ("I was able to resolve it by the following command:", False),
        ("It was my own lid that I was able to resolve by only keeping the pipe.", False),
        ("Fixed by #88.", False),
        ("This was fixed with https://github.com/acme/plume/pull/88.", False),
        ("I removed the lock and made a new environment. The error no longer occurs.", False),
        ("With that comment I could load it. That means it is solved; thank you!", True),
        ("Thanks Mia， error is fixed， you may close it", True),
        ("> Move the data folder\n> to a local disk.\n\nThanks. This worked for me.", True),
        ("I see.\n\n> Move the data folder to a local disk.\n\nThis worked for me.", True),
        ("Moving the folder fixed it.", True),
        ("That fixed it, thanks!", True),
        ("The move you suggested solved it.", True),
        ("I moved the folder and it works now.", True),
        ("Works now, thank you!", True),
    ],
)
def test_who_names_a_remedy_of_his_own_speaks_of_that(report: str, confirms: bool) -> None:
    told = judged(
        ("mia", "MEMBER", "Move the data folder to a local disk."), ("rowan-t", "NONE", report)
    )
    assert (told[1][0] == "confirmed") is confirms
    assert bool(told[1][1]) is confirms


@pytest.mark.parametrize(
    ("report", "word"),
    [
        ("That works for me.", "confirmed"),
        ("That works for me, but only for small folders.", "supported"),
        ("That works for me. However, the second folder is empty.", "supported"),
        ("That works for me. What if there are two different folders?", "supported"),
        ("That works for me, but there is another small problem.", "confirmed"),
        ("I was lost at first, but it works now!", "confirmed"),
        ("That works for me, but I have another problem with the lid.", "confirmed"),
        ("That works for me. I needed the following folder:\n\n```\nkeep\n```", "stated"),
        ("You saved my day, it works. I ended up with no folder at all.", "stated"),
        ("It works now:\n\n```\npot --lid open\n```", "stated"),
    ],
)
def test_a_report_that_limits_or_changes_a_fix_does_not_confirm_it(report: str, word: str) -> None:
    fix = ("mia", "MEMBER", "Move the data folder to a local disk.")
    assert judged(fix, ("rowan-t", "NONE", report))[1][0] == word


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("Looks resolved. Will close for now", "unverified"),
        ("Resolved for me as well. Will close for now", "confirmed"),
        ("This works now, thanks!", "confirmed"),
    ],
)
def test_a_bystander_who_closes_saw_no_success(answer: str, word: str) -> None:
    assert judged(("kit", "NONE", "Use `pipe-2`."), ("zoe", "NONE", answer))[1][0] == word


@pytest.mark.parametrize(("name", "word"), [("brush-2b", "unverified"), ("Quill-7b", "confirmed")])
def test_who_took_another_model_does_not_confirm_this_one(name: str, word: str) -> None:
    fix = ("kit", "NONE", "You can switch to the quill-7b model.")
    report = f'Yes, with that it works perfectly.\n\nI have now:\n\n```\nPen(id="{name}")\n```'
    assert judged(fix, ("rowan-t", "NONE", report))[1][0] == word


@pytest.mark.parametrize(
    ("later", "word"),
    [
        ("If it's still not working, tell me which lid.", "supported"),
        ("If it doesn't work, tell me which lid.", "supported"),
        ("It's still not working.", "unverified"),
    ],
)
def test_what_to_do_if_it_fails_is_no_report_that_it_did(later: str, word: str) -> None:
    fix = ("kit", "NONE", "Going back to `pipe-2` solved it for me.")
    assert judged(fix, ("zoe", "NONE", later))[1][0] == word


def test_what_a_report_quotes_is_its_fix_and_not_who_quoted_it_before() -> None:
    told = judged(
        ("mia", "NONE", "Add the prefix `04` to your key."),
        ("kit", "NONE", "> Add the prefix `04` to your key.\n\nUse `--cut` as well."),
        ("rowan-t", "NONE", "> Add the prefix `04` to your key.\n\nThis worked, thanks!"),
        fixes={1: "", 2: "Use"},
    )
    assert (told[1][0], told[2][0]) == ("confirmed", "unverified")


def test_a_limit_is_part_of_the_report() -> None:
    fix, report = "Move the data folder.", "That works for me. However, the lid is open."
    told = judged(("mia", "NONE", fix), ("rowan-t", "NONE", report))
    assert told[1] == ("supported", [report])


@pytest.mark.parametrize(
    ("after", "is_told"),
    [
        ("I'm running it in a background task.", True),
        ("I'm on Debian.", True),
        ("Had to build the lid as well.", True),
        ("So the new pot is not automatically used?", True),
        ("It looks like this now:", True),
        ("There are drops on the lid still.", True),
        ("There are pots of tin.", False),
        ("I'm working on a patch.", False),
        ("I'm on vacation until May.", False),
    ],
)
def test_where_it_did_not_help_is_part_of_the_report(after: str, is_told: bool) -> None:
    report = f"That did not help. {after}"
    told = judged(("mia", "NONE", "Move the data folder."), ("rowan-t", "NONE", report))
    assert told[1][1] == [report if is_told else "That did not help."]


def test_what_did_not_help_did_not_a_post_later() -> None:
    fix = ("mia", "MEMBER", "Move the data folder to a local disk.")
    failed = ("rowan-t", "NONE", "I still get EPIPE.")
    assert judged(fix, failed, ("rowan-t", "NONE", "Works now."))[1][0] == "unverified"
    again = ("mia", "MEMBER", "Did you move it?")
    told = judged(fix, failed, again, ("rowan-t", "NONE", "@mia yes, that works now."))
    assert "@mia yes, that works now." in told[1][1]


def test_one_post_does_not_speak_on_both_sides() -> None:
    word, quotes = judged(
        ("mia", "NONE", "Made a new key, pasted it in the settings, works again."),
        (
            "rowan-t",
            "NONE",
            "The new key does not help me, still EPIPE. And with the new key curl works fine!",
        ),
    )[1]
    assert word == "unverified"
    assert quotes == ["The new key does not help me, still EPIPE."]


def test_a_report_is_of_the_remedy_whose_code_it_names() -> None:
    told = judged(
        ("mia", "NONE", "Change the loader in `load.py`:\n\n```python\nkeep = 1\n```"),
        ("mia", "NONE", "Or use this command:\n\n```\nplume run --dtype=half\n```\n\nBoth do."),
        ("rowan-t", "NONE", "Adding --dtype=half did the trick, thanks"),
        fixes={1: "", 2: ""},
    )
    assert [told[number][0] for number in (1, 2)] == ["unverified", "confirmed"]


def test_a_bare_report_is_of_the_remedy_that_stands_beside_it() -> None:
    told = judged(
        ("kit", "NONE", "Then I took python 3.10 and it fixed it."),
        ("rowan-t", "NONE", "Issue is fixed. The new tree 1.3.1 works with python 3.13."),
    )
    assert told[1] == ("supported", [])


def test_other_words_for_the_same_remedy_meet() -> None:
    assert own_remedy("@mia yep, recloning solved the issue") & stems("Delete it and re-clone it.")
    assert own_remedy("Rolling back fixed it") & stems("Downgrade to 4.1.")
    assert own_remedy("A restart helped") & stems("Please reboot.")
    assert not own_remedy("Your fix worked for me")


@pytest.mark.parametrize(
    ("report", "against"),
    [
        ("I just pulled 4.3 and still get EPIPE.", True),
        ("Still the same error.", True),
        ("Same error with 4.3.", True),
        ("The new pipe still produces warnings on main.", True),
        ("This is still an error without it, while this works in the kettle.", True),
        ("I am having the same problem.", False),
        ("Feel free to open a new issue if you still see it.", False),
        ("I installed another model and still get the same error.", False),
        ("Thanks. I pulled it, it started and then crashed.", True),
        ("Hm. Where is it? I tried both of your branches and both fail for me.", True),
        ("It is only here if it fails for you.", False),
    ],
)
def test_what_speaks_against_a_fix(report: str, against: bool) -> None:
    told = judged(("mia", "MEMBER", "Fixed, please pull 4.3."), ("rowan-t", "NONE", report))
    assert bool(told[1][1]) is against


@pytest.mark.parametrize(
    ("who", "report", "against"),
    [
        ("tom", "Hi, I want to boil an egg and I am getting the same error.", False),
        ("tom", "Hi, I did that and I am getting the same error after it.", True),
        ("tom", "Hi, I am getting the same error with the latest version.", True),
        ("rowan-t", "Hm, I am getting the same error.", True),
        ("tom", "Hi, I am getting the same error with 4.3.", True),
        ("tom", "Hi, I am getting the same error with v4.4.1.", True),
        ("tom", "Hi, I am getting the same error with 4.1.", False),
    ],
)
def test_who_has_the_same_error_need_not_have_tried_the_fix(
    who: str, report: str, against: bool
) -> None:
    told = judged(("mia", "MEMBER", "Fixed, please pull 4.3."), (who, "NONE", report))
    assert bool(told[1][1]) is against


def test_the_version_that_one_goes_back_to_is_no_newer_one() -> None:
    back = ("kit", "NONE", "Reverting to 4.1 fixed it for us.")
    assert judged(back, ("tom", "NONE", "I have the same problem with 4.2.")) == {
        1: ("supported", [])
    }


def test_the_reporters_outcome_counts_where_it_fails_for_another() -> None:
    fix = ("kit", "NONE", "Set `keep: 1` in the file of settings.")
    good, bad = ("rowan-t", "NONE", "That fixed it."), ("tom", "NONE", "I did that, still broken.")
    assert judged(fix, good, bad)[1] == ("confirmed", [good[2], bad[2]])
    assert judged(fix, bad, ("tim", "NONE", "That fixed it."))[1][0] == "supported"


@pytest.mark.parametrize(
    ("owner", "word"), [("Fixed :)", "confirmed"), ("I will look at it.", "supported")]
)
def test_the_reporter_confirms_in_which_version_the_owner_mended_it(owner: str, word: str) -> None:
    posts = (("boss", "OWNER", owner), ("rowan-t", "NONE", "Confirmed, it works in 4.3."))
    assert judged(*posts, fixes={2: ""})[2][0] == word


def test_a_report_is_not_carried_back_to_its_own_author() -> None:
    told = judged(
        ("rowan-t", "NONE", "Going back to kettle 0.2 works."),
        ("mia", "NONE", "kettle 0.3 builds both, so that works for me."),
        ("rowan-t", "NONE", "@mia kettle 0.3 works perfectly."),
        fixes={1: "", 2: ""},
    )
    assert "@mia kettle 0.3 works perfectly." not in told[1][1]


@pytest.mark.parametrize(
    ("later", "word"),
    [
        ("No, I am misunderstanding the pipe.", "refuted"),
        ("Sorry, misread the log.", "refuted"),
        ("The log of the pipe showed me that I'm wrong, so go back to `pipe-1`.", "refuted"),
        ("I was wrong about the log's name, not about the pipe.", "stated"),
        ("The log showed me that I was wrong about its name, not about the pipe.", "stated"),
        ("Nobody told me I was wrong.", "stated"),
        ("I am not wrong.", "stated"),
    ],
)
def test_who_takes_back_what_he_said_refutes_it(later: str, word: str) -> None:
    told = judged(("mia", "MEMBER", "Use `pipe-2`."), ("mia", "MEMBER", later))
    assert told[1][0] == word


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Use `pipe-2`.", "stated"),
        ("This should be fixed in 4.3 now.", "stated"),
        ("This should be fixed now, let me know if you still see it.", "stated"),
        ("I will soon make it a setting, for now you can change the pipe in `pot.cfg`.", "stated"),
        ("I will soon make it a setting of the pipe in `pot.cfg`.", "suspected"),
        ("This should be fixed in the coming release.", "suspected"),
        ("I suppose `pipe-2` mends it.", "suspected"),
        ("You can also try `pipe-2`.", "suspected"),
    ],
)
def test_who_speaks_for_the_project_states_it(text: str, word: str) -> None:
    post = posts_of(thread("t", "b", ("kit", "NONE", text)), NO_CONTEXT)[2]
    run = Run((Said(post, 0, ()),), "fix", False, 0.9)
    for speakers, said in ((frozenset({"kit"}), word), (frozenset({"mia"}), "unverified")):
        context = ClaimContext(speakers=speakers)
        known = stances([run], run.said, context, "rowan-t")[id(run)][0]
        assert known == (word if word == "suspected" else said)


@pytest.mark.parametrize(
    ("advice", "answer", "word"),
    [
        ("Use `pipe-2`.", "Got it. Thank you so much!", "supported"),
        ("Use `pipe-2`.", "Beautiful. Thanks @kit", "supported"),
        ("Use `pipe-2`.", "Got it, I'll try that.", "unverified"),
        ("Use `pipe-2`.", "Understood, but it still fails.", "unverified"),
        ("Use `pipe-2`.", "Thanks for the reply.", "unverified"),
        ("I think `pipe-2` mends it.", "Got it. Thanks!", "suspected"),
        ("Use `pipe-2`.", "@kit I think it is now solved. Thank you very much!", "supported"),
        ("Use `pipe-2`.", "It is now solved. Thank you very much!", "confirmed"),
        ("I think `pipe-2` mends it.", "Thanks, got it building now.", "confirmed"),
    ],
)
def test_who_takes_a_plain_answer_agrees_and_does_not_say_that_it_worked(
    advice: str, answer: str, word: str
) -> None:
    assert judged(("kit", "NONE", advice), ("rowan-t", "NONE", answer))[1][0] == word


def test_what_names_nothing_has_outcomes_as_well() -> None:
    closing = ("mia", "MEMBER", "Closing this, the newest image should be fine.")
    assert judged(closing)[1][0] == "suspected"
    assert judged(closing, ("rowan-t", "NONE", "Yes, that works, thanks!"))[1][0] == "confirmed"
    asked = judged(closing, ("rowan-t", "NONE", "I reopen it if the error persists."))
    assert asked[1] == ("suspected", [])


def test_thanks_for_several_remedies_supports_each() -> None:
    one = thread("EPIPE", "x", ("kit", "NONE", "Set `keep: 1`.\n\nUse `pipe-2`."), THANKS)
    posts = posts_of(one, NO_CONTEXT)
    said = [Said(post, i, ()) for post in posts for i in range(len(post.sentences))]
    fixes = [Run((s,), "fix", False, 0.9) for s in said if s.post.author == "kit"]
    known = stances(fixes, said, NO_CONTEXT, "rowan-t")
    assert [known[id(run)][0] for run in fixes] == ["supported", "confirmed"]


THANKS: Post = ("rowan-t", "NONE", "That works, thank you!")


def causes(*posts: Post) -> list[Claim]:
    one = thread("EPIPE on start", "```\nError: write EPIPE\n```", *posts)
    return [c for c in find_claims(one, [], NO_CONTEXT) if c.kind == "cause"]


@pytest.mark.parametrize(
    ("who", "word"), [("rowan-t", "supported"), ("kit", "supported"), ("mia", "unverified")]
)
def test_who_has_the_error_knows_his_own_fault(who: str, word: str) -> None:
    posts = (
        ("kit", "NONE", "Same here."),
        (who, "NONE", "It was my mistake. I set the path of the pipe in my own code."),
    )
    one = posts_of(thread("EPIPE", "x", *posts), NO_CONTEXT)
    said = [Said(post, i, ()) for post in one for i in range(len(post.sentences))]
    run = Run((said[-1],), "cause", False, 0.9)
    assert stances([run], said, NO_CONTEXT, "rowan-t")[id(run)][0] == word


@pytest.mark.parametrize("contradicted", [True, False])
def test_a_cause_that_somebody_ruled_out_is_not_borne_out_by_its_remedy(
    *, contradicted: bool
) -> None:
    posts = (
        ("kit", "NONE", "The path of the pipe is set in your code. Set `keep: 1` in the file."),
        ("mia", "NONE", "I ruled out the path of the pipe that is set in your code."),
        ("rowan-t", "NONE", "I set `keep: 1` in the file and it works now, thanks!"),
    )
    one = posts_of(thread("EPIPE", "x", *posts), NO_CONTEXT)
    said = [Said(post, i, ()) for post in one for i in range(len(post.sentences))]
    cause, fix = Run((said[-4],), "cause", False, 0.9), Run((said[-3],), "fix", False, 0.9)
    found = [cause, fix, *([Run((said[-2],), "cause", True, 0.9)] if contradicted else [])]
    word, rest = stances(found, said, NO_CONTEXT, "rowan-t")[id(cause)]
    assert word == ("unverified" if contradicted else "confirmed")
    assert [row.role for row in rest] == ["contradicts" if contradicted else "confirms"]


CAUSE = "The cause is that the lid folder is missing from the installed package."


@pytest.mark.parametrize(
    ("answer", "agrees"),
    [
        ("That was indeed the culprit. Thank you", True),
        ("@kit is exactly correct.", True),
        ("You are absolutely right. The lid folder is not in there.", True),
        ("You are absolutely right this should be more careful with lids.", False),
        ("You are right that this could be told better.", False),
        ("You were right! It should have a lid folder and has none.", True),
        ("Ah, looks like we missed this in #12. Thanks for flagging", True),
        ("Ah, that would explain it", True),
        ("It was my mistake. I set the path of the pipe in my own code.", False),
        ("Sorry I missed this @kit, please do!", False),
        ("Yes, the installed package has no lid folder because of our build.", True),
        ("Yes, the installed package has no lid folder because of our `--no-lid`.", False),
        ("it was the missing lid folder, the package has none because of our build.", True),
        ("The lid folder is in the installed package and I still get the EPIPE.", False),
        ("In my case the reason was the lid folder: the package was installed twice.", False),
        ("The lid folder in the installed package alone did not work, it needs a lid.", False),
        ("In general the lid folder of an installed package is not empty.", False),
        ("This is because the installed package has no lid folder.", True),
        (
            "The cause is that your package of the browser is older than the one installed by "
            "the setup, so its window never opens.",
            False,
        ),
    ],
)
def test_another_cause_confirms_none(answer: str, agrees: bool) -> None:
    found = causes(("kit", "NONE", CAUSE), ("mia", "MEMBER", answer))
    (first,) = [c for c in found if c.comment_id == 1]
    assert bool([e for e in first.evidence if e.role == "confirms"]) is agrees


def test_the_item_of_a_numbered_answer_that_a_place_is_in() -> None:
    text = "Here are answers:\n\n1. We fixed the reset.\n\n2. Try `keep = no`.\n\nThat is all."
    found = [item(text, text.index(words)) for words in ("fixed", "keep", "all")]
    assert found == ["1", "2", None]
    assert item("No list.\n1. One\n\nAfter it", 24) is None


@pytest.mark.parametrize(
    "head",
    [
        "ChatGPT:",
        "**ChatGPT**:",
        "Claude says:",
        "GitHub Copilot answered:",
        "GPT-4o's answer:",
        "Here is what Gemini suggested:",
    ],
)
def test_what_a_model_answered_is_nobodys_cause(head: str) -> None:
    told = "The cause is that 4.2 closes the pipe twice, because the session is gone by then."
    assert machine_tail(f"Hm.\n\n{head}\n\n{told}") == 5
    assert causes(("kit", "NONE", f"Hm, I asked.\n\n{told}"))
    assert not causes(("kit", "NONE", f"Hm, I asked.\n\n{head}\n\n{told}"))


@pytest.mark.parametrize(
    "text",
    [
        "Gemini response:",
        "Cursor wrote: 401",
        "Claude: error 401",
        "With Gemini it says:",
        "ChatGPT works: 4.1 does not",
    ],
)
def test_a_model_that_is_only_named_answers_nothing(text: str) -> None:
    assert machine_tail(text) == len(text)


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        ("After the patch of today this issue still exists.", ALONE),
        ("Even with the fix the error still happens", ALONE),
        ("After patching `pipe.c`, this issue still exists.", None),
        ("After the fix in 4.3 it still happens on start", None),
    ],
)
def test_a_failure_of_some_change_names_it(quote: str, why: str | None) -> None:
    assert withheld("fix", quote, "user", has_code=False) == why


def test_what_should_be_is_no_guess_of_a_cause() -> None:
    for kind, word in (("cause", "stated"), ("fix", "suspected")):
        one = thread("EPIPE", "x", ("mia", "MEMBER", "The path was cut, it should be absolute."))
        run = Run((Said(posts_of(one, NO_CONTEXT)[2], 0, ()),), kind, False, 0.9)
        assert stance(run, [], NO_CONTEXT)[0] == word


@pytest.mark.parametrize(
    ("cause", "why"),
    [
        ("Seems like the key is missing from our docs", "names no cause"),
        ("The key is missing from the pot's settings", None),
    ],
)
def test_what_the_documentation_lacks_is_no_cause(cause: str, why: str | None) -> None:
    assert withheld("cause", cause, "user", has_code=False) == why


def test_what_was_possible_is_no_guess() -> None:
    told = judged(("mia", "MEMBER", "Set `tools = no`: with that any model could be used."))
    assert told[1][0] == "stated"


@pytest.mark.parametrize(
    ("aside", "word"),
    [
        (", which we might even forbid later", "stated"),
        (", which may be the root cause", "suspected"),
    ],
)
def test_a_doubt_of_something_beside_the_point_is_no_guess(aside: str, word: str) -> None:
    text = f"There is a copy of the lid that is not written{aside}."
    one = thread("EPIPE", "x", ("mia", "MEMBER", text))
    run = Run((Said(posts_of(one, NO_CONTEXT)[2], 0, ()),), "cause", False, 0.9)
    assert stance(run, [], NO_CONTEXT)[0] == word


def test_the_query_of_an_address_is_no_question() -> None:
    told = judged(("mia", "MEMBER", "Pick a model of https://plume.example/models?tools=yes"))
    assert told[1][0] == "stated"

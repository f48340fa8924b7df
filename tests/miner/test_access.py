"""Who gets the token: only hosts that a person named, and never in the clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from kb.config import read_config
from kb.errors import BadInputError
from kb.settings import Config, Harvest
from miner.harvest.access import DEFAULT_API_URL, find_access
from tests.support.cli import Output, Patch, faultlore

TOKEN = "ghp_NotARealTokenButOneThatMustNotShow2"
ELSEWHERE = "https://github.example/api/v3"


def of_file(url: str | None) -> Config:
    return Config(harvest=Harvest(api_url=url))


def environment(**more: str) -> dict[str, str]:
    return {"GITHUB_TOKEN": TOKEN, "PATH": "", **more}


def test_githubs_own_address_gets_the_token() -> None:
    access = find_access(Config(), environ=environment())
    assert (access.url, access.token, access.source) == (DEFAULT_API_URL, TOKEN, "GITHUB_TOKEN")
    assert find_access(of_file(DEFAULT_API_URL), environ=environment()).token == TOKEN


@pytest.mark.parametrize(
    "url",
    [
        ELSEWHERE,
        "https://127.0.0.2:8077",
        "http://127.0.0.2:8077",
        "https://api.github.com.example",
        "https://github.example:9443/api.github.com",
    ],
)
def test_a_host_that_only_a_file_names_gets_no_token(url: str) -> None:
    with pytest.raises(BadInputError, match="FAULTLORE_TRUST_API_URL=") as error:
        find_access(of_file(url), environ=environment())
    assert TOKEN not in str(error.value)
    assert find_access(of_file(url), environ={"PATH": ""}).token is None


@pytest.mark.parametrize(
    "consent",
    [
        {"FAULTLORE_TRUST_API_URL": "github.example"},
        {"FAULTLORE_TRUST_API_URL": "other.example, GitHub.Example"},
        {"FAULTLORE_TRUST_API_URL": ELSEWHERE},
        {"GITHUB_API_URL": ELSEWHERE},
    ],
)
def test_a_person_may_name_the_host(consent: dict[str, str]) -> None:
    assert find_access(of_file(ELSEWHERE), environ=environment(**consent)).token == TOKEN


def test_an_option_and_the_environment_are_a_persons_word() -> None:
    assert find_access(Config(), ELSEWHERE, environment()).token == TOKEN
    assert find_access(Config(), None, environment(GITHUB_API_URL=ELSEWHERE)).url == ELSEWHERE


def test_a_port_is_part_of_a_name_that_has_one() -> None:
    trusted = environment(FAULTLORE_TRUST_API_URL="github.example:8443")
    assert find_access(of_file("https://github.example:8443"), environ=trusted).token == TOKEN
    with pytest.raises(BadInputError):
        find_access(of_file("https://github.example:9443"), environ=trusted)


@pytest.mark.parametrize("url", ["http://github.example", "http://10.0.0.1", "http://127.example"])
def test_a_token_never_goes_in_the_clear(url: str) -> None:
    with pytest.raises(BadInputError, match="https"):
        find_access(Config(), url, environment())
    assert find_access(Config(), url, {"PATH": ""}).token is None


@pytest.mark.parametrize("host", ["127.0.0.1:80", "[::1]:80", "localhost", "127.8.8.8"])
def test_this_machine_is_asked_without_encryption(host: str) -> None:
    assert find_access(Config(), f"http://{host}", environment()).token == TOKEN


def test_the_command_names_file_and_line(
    tmp_path: Path, monkeypatch: Patch, capsys: Output
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    for name in ("FAULTLORE_TRUST_API_URL", "GITHUB_API_URL", "FAULTLORE_DB"):
        monkeypatch.delenv(name, raising=False)
    Path("faultlore.toml").write_text(f'[harvest]\n\napi_url = "{ELSEWHERE}"\n')
    assert read_config(Path("faultlore.toml")).harvest.api_url == ELSEWHERE
    status, out, err = faultlore(capsys, "harvest", "a/b")
    assert (status, out) == (2, "")
    assert err.startswith("faultlore: faultlore.toml:3: harvest.api_url 'https://github.example")
    assert not Path("kb.db").exists()

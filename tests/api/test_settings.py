from __future__ import annotations

import stat
from pathlib import Path

import pytest

from api.keys import KeysError, load_keys
from api.settings import SettingsError, load_settings, unknown_variables


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("PORT", "RASA_PORT", "LVXIAOYU_PORT", "LVXIAOYU_RASA_PORT", "LVXIAOYU_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_defaults_keep_everything_under_var(elsewhere: Path) -> None:
    settings = load_settings()
    assert (settings.port, settings.rasa_port) == (8000, 5005)
    assert settings.database == f"sqlite:///{elsewhere}/var/lvxiaoyu.db"
    assert settings.site_url == "http://127.0.0.1:8000/"


def test_ports_are_read_from_their_bare_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("RASA_PORT", "5123")
    settings = load_settings()
    assert (settings.port, settings.dialogue_url) == (8123, "http://127.0.0.1:5123")


def test_the_environment_wins_over_the_file(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere / "lvxiaoyu.toml").write_text('port = 8200\nallow_origins = ["https://www.example.org"]\n')
    assert load_settings().port == 8200
    monkeypatch.setenv("LVXIAOYU_PORT", "8300")
    settings = load_settings()
    assert (settings.port, settings.allow_origins) == (8300, ("https://www.example.org",))


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "abc", ["PORT", "'abc'"]),
        ("PORT", "0", ["PORT", "'0'", "greater than or equal to 1"]),
        ("RASA_PORT", "8000", ["PORT", "RASA_PORT", "8000"]),
        ("LVXIAOYU_RATE_LIMIT", "many", ["LVXIAOYU_RATE_LIMIT", "'many'", "60/minute"]),
        ("LVXIAOYU_ALLOW_ORIGINS", "www.example.org", ["LVXIAOYU_ALLOW_ORIGINS", "https://www.example.org"]),
        ("LVXIAOYU_RASA_TIMEOUT_S", "2", ["LVXIAOYU_ACTION_TIMEOUT_S", "LVXIAOYU_RASA_TIMEOUT_S", "raise"]),
        ("LVXIAOYU_LOG_LEVEL", "loud", ["LVXIAOYU_LOG_LEVEL", "'loud'", "warning"]),
    ],
)
def test_a_wrong_value_names_variable_value_and_remedy(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: list[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as failure:
        load_settings()
    assert all(word in str(failure.value) for word in words), str(failure.value)


def test_a_name_in_the_file_that_is_no_setting_is_named(elsewhere: Path) -> None:
    (elsewhere / "lvxiaoyu.toml").write_text("prot = 8200\n")
    with pytest.raises(SettingsError, match="'prot'"):
        load_settings()


def test_a_file_that_is_no_toml_is_named(elsewhere: Path) -> None:
    (elsewhere / "lvxiaoyu.toml").write_text("port 8200")
    with pytest.raises(SettingsError, match="is not valid TOML"):
        load_settings()


def test_a_misspelt_variable_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LVXIAOYU_PROT", "1")
    assert "LVXIAOYU_PROT" in unknown_variables()


def test_keys_are_made_once_and_only_their_owner_reads_them(elsewhere: Path) -> None:
    first = load_keys(elsewhere / "secrets")
    assert load_keys(elsewhere / "secrets") == first
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (elsewhere / "secrets").iterdir()}
    assert modes == {0o600}
    assert len({first.pseudonym_key, first.action_token, first.dialogue_token, first.contact_key}) == 4


def test_keys_do_not_show_in_print(elsewhere: Path) -> None:
    keys = load_keys(elsewhere / "secrets")
    assert keys.action_token not in repr(keys)
    assert keys.contact_key not in repr(keys)


def test_a_pseudonym_needs_the_key(elsewhere: Path) -> None:
    one, other = load_keys(elsewhere / "a"), load_keys(elsewhere / "b")
    assert one.pseudonym("c") == one.pseudonym("c") != other.pseudonym("c")


def test_a_cut_off_key_is_refused(elsewhere: Path) -> None:
    load_keys(elsewhere / "secrets")
    (elsewhere / "secrets" / "action_token").write_text("short")
    with pytest.raises(KeysError, match="action_token"):
        load_keys(elsewhere / "secrets")


def test_the_points_of_decision_can_be_set_and_must_not_cross(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (load_settings().answer_at, load_settings().clarify_at) == (None, None)
    monkeypatch.setenv("LVXIAOYU_ANSWER_AT", "0.8")
    assert load_settings().answer_at == 0.8
    monkeypatch.setenv("LVXIAOYU_CLARIFY_AT", "0.9")
    with pytest.raises(SettingsError, match=r"LVXIAOYU_CLARIFY_AT.*0.9.*LVXIAOYU_ANSWER_AT"):
        load_settings()
    monkeypatch.setenv("LVXIAOYU_CLARIFY_AT", "1.5")
    with pytest.raises(SettingsError, match="LVXIAOYU_CLARIFY_AT"):
        load_settings()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("mon-fri 9-17", ("LVXIAOYU_STAFF_HOURS", "'mon-fri 9-17'", "'9-17'", "09:00-17:30")),
        ("2026-10-10 09:00-17:30", ("LVXIAOYU_STAFF_HOURS", "no weekday has hours")),
    ],
)
def test_hours_that_cannot_be_read_are_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, value: str, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("LVXIAOYU_STAFF_HOURS", value)
    with pytest.raises(SettingsError) as failure:
        load_settings()
    assert all(word in str(failure.value) for word in words), str(failure.value)


def test_things_are_kept_for_at_least_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().keep_days == 90
    monkeypatch.setenv("LVXIAOYU_KEEP_DAYS", "0")
    with pytest.raises(SettingsError, match="LVXIAOYU_KEEP_DAYS"):
        load_settings()

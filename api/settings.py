"""What can be set, with its defaults and its checks: the one place that reads the environment.

Values come, the first found winning, from keyword arguments, from variables that start with `LVXIAOYU_`
(and `PORT`, `RASA_PORT`), and from the file `lvxiaoyu.toml` in the working directory. This module owns
names, types and limits of settings; it must not know what the parts do with them, and holds no secret.
"""

from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from limits import parse as parse_rate
from pydantic import AliasChoices, Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from api.accounts.role_map import parse_role_map
from api.tickets.hours import HoursError, StaffHours

PREFIX = "LVXIAOYU_"
FILE = "lvxiaoyu.toml"
_BARE = {"port": "PORT", "rasa_port": "RASA_PORT"}

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=600)]
Probability = Annotated[float, Field(ge=0, le=1)]
Words = Annotated[tuple[str, ...], NoDecode]
AccountKind = Literal["basic", "subscription", "service"]


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names it, its value and the remedy."""


class Settings(BaseSettings):
    """Units stand in the names: `_s` seconds, `_bytes` bytes. Rates read "number/period"."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, toml_file=FILE, extra="forbid", frozen=True, populate_by_name=True
    )

    host: str = "127.0.0.1"
    port: Port = Field(8000, validation_alias=AliasChoices(f"{PREFIX}PORT", "PORT"))
    rasa_port: Port = Field(5005, validation_alias=AliasChoices(f"{PREFIX}RASA_PORT", "RASA_PORT"))
    data_dir: Path = Path("var")
    database_url: str = ""
    project_dir: Path = Path(__file__).resolve().parent.parent

    encoder: str = "builtin"
    trust_remote_code: bool = False

    answer_at: Probability | None = None
    """From which calibrated probability of being right a question is answered. By default the point that
    training chose for the encoder, so that at most one in twenty questions without an answer is answered;
    docs/evaluation.md shows what other points cost."""
    clarify_at: Probability | None = None
    """From which probability a question is given back with choices; by default that of training."""

    manage_rasa: bool = True
    rasa_python: Path = Path(".venv-rasa/bin/python")
    rasa_url: str = ""
    rasa_start_timeout_s: Seconds = 120.0

    index_timeout_s: Seconds = 1.5
    action_timeout_s: Seconds = 2.5
    rasa_timeout_s: Seconds = 4.0
    channel_timeout_s: Seconds = 8.0

    dialogue_retry_s: Seconds = 3.0
    """How long a dialogue that was slow or failed is left alone before one message tries it again."""
    waiting_messages: Annotated[int, Field(ge=1, le=100)] = 8
    """Messages of one conversation that may wait for the one before them; more get a 429."""

    rate_limit: str = "60/minute"
    rate_limit_loopback: str = "150/second"
    max_body_bytes: Annotated[int, Field(ge=4096, le=16 * 1024 * 1024)] = 64 * 1024
    trusted_proxies: Words = ("127.0.0.1", "::1")

    allow_origins: Words = ()
    """Origins of sites that embed the widget, such as https://www.example.org; `*` is every site."""
    frame_ancestors: Words = ("'self'",)

    keep_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Conversations that were not used for so many days are deleted, with all that hangs on them."""

    golden_bar: Probability = 0.95
    """Which share of the golden questions must be answered rightly for a publication to need no reason."""

    console: bool = True
    """Whether this process serves the console: exactly one process of an installation does."""
    console_url: str = ""
    """How browsers reach the console from outside, such as https://assistant.example.org; by default the
    address that the browser asked for. With https the session's cookie is never sent without TLS."""
    session_idle_minutes: Annotated[int, Field(ge=1, le=1440)] = 60
    session_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """How long staff stay signed in without doing anything, and at the longest."""
    max_document_bytes: Annotated[int, Field(ge=65536, le=256 * 1024 * 1024)] = 30 * 1024 * 1024
    """The largest file that staff may upload to the console."""

    oidc_issuer: str = ""
    """The address of an OpenID Connect provider that vouches for staff; empty for none."""
    oidc_client_id: str = ""
    oidc_client_secret_file: Path | None = None
    """The file that holds the client's secret; without one the client is public, with PKCE alone."""
    oidc_label: str = "单位统一身份认证"
    oidc_scopes: Words = ("openid", "profile")
    oidc_name_claim: str = "preferred_username"
    oidc_roles_claim: str = "roles"
    """Which claim lists a person's roles; a dot leads into an object, as in `realm_access.roles`."""
    oidc_roles: str = ""
    """What the provider's roles mean here: `kb-editors=editor, kb-leads=reviewer administrator`."""

    operator: str = ""
    """Who runs this assistant and sends its messages: what residents read before they subscribe."""

    queue_url: str = ""
    """The Redis that carries campaigns' work to any number of workers, such as redis://10.0.0.5:6379/0; by
    default a SQLite file in the data directory, and this process does the work."""
    sending_threads: Annotated[int, Field(ge=0, le=32)] = 2
    """Threads of this process that send campaigns' messages; 0 leaves it to `lvxiaoyu worker`."""
    scheduler: bool = True
    """Whether this process looks what is due; one process of an installation must, two do no harm."""

    staff_hours: str = "mon-fri 09:00-17:30"
    """When staff answer; later parts overrule earlier ones, so that holidays can be told:
    `mon-fri 09:00-12:00 14:00-17:30; 2026-10-01..2026-10-08 closed; 2026-10-10 09:00-17:30`."""
    ticket_days: Annotated[int, Field(ge=1, le=30)] = 1
    """Working days within which a question handed to staff is answered: what residents are told."""

    public_url: str = ""
    """How residents reach this app from outside, such as https://assistant.example.org: where citations in
    chat apps lead, and where chat apps send what they receive."""

    telegram_token_file: Path | None = None
    """The file that holds the bot's token; without one there is no Telegram."""
    telegram_updates: Literal["polling", "webhook", "none"] = "polling"
    """How this process receives: `polling` in exactly one process, for development; `webhook` for service,
    with `public_url`; `none` where another process does."""
    telegram_api_url: str = "https://api.telegram.org"

    wechat_app_id: str = ""
    """The AppID of a WeChat official account; without one there is no WeChat."""
    wechat_keys_file: Path | None = None
    """The TOML file that holds the account's `secret`, its `token` and, in encrypted mode, its `aes_key`."""
    wechat_account: AccountKind = "subscription"
    """What the account may do: `basic` is not verified, `subscription` and `service` are verified ones."""
    wechat_api_url: str = "https://api.weixin.qq.com"

    webhook_url: str = ""
    """Where replies of the plain HTTP channel are posted to; empty for no such channel."""
    webhook_secret_file: Path | None = None
    """The file that holds the secret that both sides of the plain HTTP channel sign with."""

    log_level: str = "info"
    log_file: str = ""
    """By default `log/app.log` in the data directory; `-` is standard error, for containers."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("allow_origins", "frame_ancestors", "trusted_proxies", "oidc_scopes", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("allow_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            scheme, _, rest = origin.partition("://")
            if origin != "*" and (scheme not in {"http", "https"} or not rest or "/" in rest):
                raise PydanticCustomError(
                    "origin", "an origin is a scheme and a host, such as https://www.example.org"
                )
        return value

    @field_validator(
        "console_url", "public_url", "oidc_issuer", "telegram_api_url", "wechat_api_url", "webhook_url"
    )
    @classmethod
    def _address(cls, value: str, info: ValidationInfo) -> str:
        parts = urlsplit(value)
        path = parts.path.strip("/") if info.field_name in {"console_url", "public_url"} else ""
        if value and (parts.scheme not in {"http", "https"} or not parts.netloc or path or parts.query):
            raise PydanticCustomError("address", "give an address such as https://assistant.example.org")
        return value.rstrip("/")

    @field_validator("frame_ancestors")
    @classmethod
    def _frames(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if any(set(word) & set(";\r\n") for word in value):
            raise PydanticCustomError("frame", "give origins or 'self' or 'none', with spaces between")
        return value

    @field_validator("queue_url")
    @classmethod
    def _queue(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
            raise PydanticCustomError("queue", "give an address such as redis://127.0.0.1:6379/0")
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _role_map(cls, value: str) -> str:
        try:
            parse_role_map(value)
        except ValueError as error:
            raise PydanticCustomError("roles", "{why}", {"why": str(error)}) from None
        return value

    @field_validator("rate_limit", "rate_limit_loopback")
    @classmethod
    def _rate(cls, value: str) -> str:
        try:
            parse_rate(value)
        except ValueError:
            raise PydanticCustomError("rate", "a rate reads like 60/minute or 100/second") from None
        return value

    @field_validator("staff_hours")
    @classmethod
    def _hours(cls, value: str) -> str:
        try:
            StaffHours.parse(value)
        except HoursError as error:
            raise PydanticCustomError("hours", "{why}", {"why": str(error)}) from None
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise PydanticCustomError("level", "use debug, info, warning or error")
        return value.lower()

    @field_validator("data_dir", "rasa_python")
    @classmethod
    def _absolute(cls, value: Path, info: ValidationInfo) -> Path:
        """Relative paths start at the working directory; `~` is the home. Links stay as they are."""
        return Path(os.path.abspath(value.expanduser()))

    @model_validator(mode="after")
    def _nested(self) -> Settings:
        names = ("index_timeout_s", "action_timeout_s", "rasa_timeout_s", "channel_timeout_s")
        for inner, outer in pairwise(names):
            if getattr(self, inner) >= getattr(self, outer):
                raise PydanticCustomError(
                    "nested",
                    "{inner} ({a} s) must be shorter than {outer} ({b} s): raise {outer} or lower {inner}",
                    {
                        "inner": variable(inner),
                        "outer": variable(outer),
                        "a": getattr(self, inner),
                        "b": getattr(self, outer),
                    },
                )
        if self.answer_at is not None and self.clarify_at is not None and self.clarify_at > self.answer_at:
            raise PydanticCustomError(
                "points",
                "{low} ({a}) must not be above {high} ({b}): lower {low} or raise {high}",
                {
                    "low": variable("clarify_at"),
                    "high": variable("answer_at"),
                    "a": self.clarify_at,
                    "b": self.answer_at,
                },
            )
        if self.oidc_issuer and not (self.oidc_client_id and self.oidc_roles):
            raise PydanticCustomError(
                "oidc",
                "{issuer} needs {client} and {roles} as well: without them nobody could sign in",
                {
                    "issuer": variable("oidc_issuer"),
                    "client": variable("oidc_client_id"),
                    "roles": variable("oidc_roles"),
                },
            )
        if self.telegram_token_file and self.telegram_updates == "webhook" and not self.public_url:
            raise PydanticCustomError(
                "telegram",
                "{updates} is webhook, so {site} must be set: Telegram has to know where to send updates",
                {"updates": variable("telegram_updates"), "site": variable("public_url")},
            )
        if bool(self.wechat_app_id) != bool(self.wechat_keys_file):
            raise PydanticCustomError(
                "wechat",
                "{app} and {keys} belong together: set both, or neither",
                {"app": variable("wechat_app_id"), "keys": variable("wechat_keys_file")},
            )
        if bool(self.webhook_url) != bool(self.webhook_secret_file):
            raise PydanticCustomError(
                "webhook",
                "{url} and {secret} belong together: set both, or neither",
                {"url": variable("webhook_url"), "secret": variable("webhook_secret_file")},
            )
        if self.port == self.rasa_port:
            raise PydanticCustomError(
                "ports", "PORT and RASA_PORT are both {port}: give them different ports", {"port": self.port}
            )
        return self

    @property
    def database(self) -> str:
        """The database's URL; by default a SQLite file in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / 'lvxiaoyu.db'}"

    @property
    def log_path(self) -> Path | None:
        """Where the app's log goes; None is standard error."""
        if self.log_file == "-":
            return None
        return Path(self.log_file) if self.log_file else self.data_dir / "log" / "app.log"

    @property
    def dialogue_url(self) -> str:
        return self.rasa_url or f"http://127.0.0.1:{self.rasa_port}"

    @property
    def chat_channels(self) -> frozenset[str]:
        """The channels beside the web page that are set up."""
        there = {
            "telegram": self.telegram_token_file,
            "wechat": self.wechat_keys_file,
            "webhook": self.webhook_url,
        }
        return frozenset(name for name, setting in there.items() if setting)

    @property
    def site_url(self) -> str:
        """The address of the front page as a person on this machine opens it."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - shown, not bound
        return f"http://{host}:{self.port}/"

    @property
    def console_address(self) -> str:
        """The address of the console as staff open it."""
        return f"{self.console_url or self.site_url.rstrip('/')}/console"


def variable(field: str) -> str:
    """The environment variable that sets `field`, as it is named to people."""
    return _BARE.get(field, PREFIX + field.upper())


def load_settings(**overrides: Any) -> Settings:
    """The settings of this process. Raises `SettingsError` with one line for each wrong value."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsError("\n".join(_line(problem) for problem in error.errors())) from None
    except OSError as error:
        raise SettingsError(f"{FILE} cannot be read: {error.strerror}. Check its permissions.") from error
    except ValueError as error:
        raise SettingsError(f"{FILE} is not valid TOML: {error}. Correct it, or remove the file.") from error


def unknown_variables() -> list[str]:
    """Variables of our prefix that set nothing: most likely misspelt."""
    known = (
        {variable(name) for name in Settings.model_fields}
        | {PREFIX + name for name in _BARE.values()}
        | {PREFIX + "CACHE_DIR"}
    )
    return sorted(
        name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known
    )


def _line(problem: Any) -> str:
    field = next((str(part) for part in problem["loc"]), "")
    message: str = problem["msg"]
    if not field:
        return f"{message}."
    if problem["type"] == "extra_forbidden":
        return f"{FILE} sets '{field}', which is no setting. Correct the name or remove the line."
    name = field if field.isupper() else variable(field)
    return (
        f"{name} has the value {problem['input']!r}, which cannot be used: {message[0].lower()}{message[1:]}."
    )

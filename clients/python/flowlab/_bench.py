"""The bench as the daemon tells it: devices, signals, interlocks. `raw` of each is the whole JSON object as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import _json
from ._json import Json


@dataclass(frozen=True, slots=True)
class Hello:
    api: str
    daemon: str
    bench: str
    role: str
    simulated: bool
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Hello:
        return cls(
            _json.text(raw, "api"), _json.text(raw, "daemon"), _json.text(raw, "bench"), _json.text(raw, "role"),
            _json.flag(raw, "simulated"), raw)


@dataclass(frozen=True, slots=True)
class Info:
    api: str
    daemon: str
    bench: str
    simulated: bool
    stream: str
    """Id of the event stream; another one after each start of the daemon."""
    started: str
    limits: Mapping[str, float]
    figures_at: str | None
    """When loop and links were counted; counters begin with the daemon."""
    loop: Json | None
    """How punctual the control loop is: `scan_rate_hz`, `deadlines`, `overruns`, `lateness_p99_us`, …"""
    mailboxes: tuple[Json, ...]
    """Between the daemon's threads: `mailbox`, `capacity`, `waiting`, `high_water`, `refused`."""
    links: tuple[Json, ...]
    """To the devices: `link`, `open`, `exchanges`, `errors`, `reconnects`, `round_trip_p99_us`, …"""
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Info:
        return cls(
            _json.text(raw, "api"), _json.text(raw, "daemon"), _json.text(raw, "bench"), _json.flag(raw, "simulated"),
            _json.text(raw, "stream"), _json.text(raw, "started"), _json.numbers(raw, "limits"),
            _json.maybe_text(raw, "figures_at"), _json.maybe_members(raw, "loop"), _json.rows(raw, "mailboxes", dict),
            _json.rows(raw, "links", dict), raw)


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What has changed in the bench file, by key."""

    applied: tuple[str, ...]
    """Holds now."""
    needs_restart: tuple[str, ...]
    """Holds after the next start of the daemon."""
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Reloaded:
        return cls(_json.texts(raw, "applied"), _json.texts(raw, "needs_restart"), raw)


@dataclass(frozen=True, slots=True)
class Status:
    """The bench at one glance."""

    bench: str
    state: str
    """`tripped`, `running`, `maintenance`, `held` or `idle`."""
    time: str
    uptime_s: float | None
    running: Json | None
    queue: tuple[str, ...]
    held: tuple[str, ...]
    """Those of the queue that wait for `release`."""
    held_because: str | None
    alarms: tuple[Json, ...]
    unacknowledged: int | None
    """Alarms that nobody has acknowledged."""
    latched_interlocks: tuple[Latch, ...]
    devices: Mapping[str, int]
    """Number of devices by state."""
    maintenance: Json | None
    """Whose the bench is: `state`, `person`, `reason`, `until`."""
    leases: tuple[Json, ...]
    """Devices that somebody has in hand."""
    simulated: bool | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Status:
        return cls(
            _json.text(raw, "bench"), _json.text(raw, "state"), _json.text(raw, "time"),
            _json.maybe_number(raw, "uptime_s"), _json.maybe_members(raw, "running"), _json.texts(raw, "queue"), _json.texts(raw, "held"),
            _json.maybe_text(raw, "held_because"), _json.rows(raw, "alarms", dict),
            _json.maybe_whole(raw, "unacknowledged"),
            _json.rows(raw, "latched_interlocks", Latch.from_json), _json.counts(raw, "devices"),
            _json.maybe_members(raw, "maintenance"), _json.rows(raw, "leases", dict),
            _json.maybe_flag(raw, "simulated"), raw)


@dataclass(frozen=True, slots=True)
class Reading:
    """A value with unit, time and quality (`good`, `uncertain`, `stale`, `bad`). `value` is None when it is bad."""

    value: float | None
    unit: str
    quality: str
    age_s: float | None
    time: str | None
    bench_s: float | None
    raw: Json = field(repr=False, compare=False)

    @property
    def good(self) -> bool:
        return self.quality == "good"

    @classmethod
    def from_json(cls, raw: Json) -> Reading:
        return cls(
            _json.maybe_number(raw, "value"), _json.text(raw, "unit"), _json.text(raw, "quality"),
            _json.maybe_number(raw, "age_s"), _json.maybe_text(raw, "time"), _json.maybe_number(raw, "bench_s"), raw)


@dataclass(frozen=True, slots=True)
class Signal:
    name: str
    unit: str
    quality: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Signal:
        return cls(_json.text(raw, "signal"), _json.text(raw, "unit"), _json.text(raw, "quality"), raw)


@dataclass(frozen=True, slots=True)
class Device:
    name: str
    device_class: str
    driver: str
    link: str
    state: str
    detail: str | None
    since: str | None
    safe: bool | None
    """Whether its last read-back was its safe state; None before the first."""
    read_back: str | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Device:
        return cls(
            _json.text(raw, "device"), _json.text(raw, "class"), _json.text(raw, "driver"), _json.text(raw, "link"),
            _json.text(raw, "state"), _json.maybe_text(raw, "detail"), _json.maybe_text(raw, "since"),
            _json.maybe_flag(raw, "safe"), _json.maybe_text(raw, "read_back"), raw)


@dataclass(frozen=True, slots=True)
class DeviceDetail:
    """One device with its limits (the unit is the name's end) and the last readings of its signals."""

    device: Device
    limits: Mapping[str, float]
    readings: Mapping[str, Reading]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> DeviceDetail:
        device = Device.from_json(_json.members(raw.get("device"), "device"))
        return cls(device, _json.numbers(raw, "limits"), _json.table(raw, "readings", Reading.from_json), raw)


@dataclass(frozen=True, slots=True)
class Latch:
    """A trip that waits for its reset."""

    interlock: str
    cause: str
    time: str | None
    first_out: bool | None
    effects: tuple[str, ...]
    response: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Latch:
        return cls(
            _json.text(raw, "interlock"), _json.maybe_text(raw, "cause") or "", _json.maybe_text(raw, "time"),
            _json.maybe_flag(raw, "first_out"), _json.texts(raw, "effects"), _json.maybe_text(raw, "response") or "",
            raw)


@dataclass(frozen=True, slots=True)
class Interlock:
    name: str
    state: str
    """`waiting`, `armed`, `pending`, `latched` or `bypassed`."""
    cause: str
    effects: tuple[str, ...]
    blocks: tuple[str, ...]
    """Classes of device that may not start while its cause is there."""
    may_bypass: bool
    bypass: Json | None
    """`person`, `reason`, `since` and `until` while it is out of service."""
    response: str
    last: Reading | None
    latch: Latch | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Interlock:
        return cls(
            _json.text(raw, "interlock"), _json.text(raw, "state"), _json.maybe_text(raw, "cause") or "",
            _json.texts(raw, "effects"), _json.texts(raw, "blocks"), _json.maybe_flag(raw, "may_bypass") or False,
            _json.maybe_members(raw, "bypass"), _json.maybe_text(raw, "response") or "",
            _json.maybe_object(raw, "last", Reading.from_json), _json.maybe_object(raw, "latch", Latch.from_json), raw)


@dataclass(frozen=True, slots=True)
class Alarm:
    """A condition that a person should know of."""

    name: str
    text: str
    priority: str
    """`low`, `medium`, `high` or `critical`."""
    state: str
    """`active`, `acknowledged`, `returned` (over, and nobody acknowledged it) or `shelved`."""
    latched: bool
    since: str
    ended: str | None
    acknowledged: Json | None
    """`uid` and `time`."""
    shelf: Json | None
    """`person`, `reason` and `until`."""
    response: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Alarm:
        return cls(
            _json.text(raw, "alarm"), _json.text(raw, "text"), _json.text(raw, "priority"), _json.text(raw, "state"),
            _json.maybe_flag(raw, "latched") or False, _json.text(raw, "since"), _json.maybe_text(raw, "ended"),
            _json.maybe_members(raw, "acknowledged"), _json.maybe_members(raw, "shelf"),
            _json.maybe_text(raw, "response") or "", raw)


@dataclass(frozen=True, slots=True)
class Audited:
    """A call that changed something."""

    number: int
    time: str
    uid: int
    pid: int
    method: str
    detail: str
    outcome: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Audited:
        return cls(
            _json.whole(raw, "number"), _json.text(raw, "time"), _json.whole(raw, "uid"), _json.whole(raw, "pid"),
            _json.text(raw, "method"), _json.text(raw, "detail"), _json.text(raw, "outcome"), raw)

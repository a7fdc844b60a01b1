"""What is done by hand: leases, maintenance, and what moves under them."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import Union

from . import _json
from ._json import Json
from ._records import samples


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim on devices. It ends with its connection, or when it is not renewed; then what was moved is stopped."""

    lease: str
    devices: tuple[str, ...]
    person: str
    reason: str
    uid: int
    pid: int
    since: str
    until: str
    raw: Json = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        return self.lease

    @classmethod
    def from_json(cls, raw: Json) -> Lease:
        return cls(
            _json.text(raw, "lease"), _json.texts(raw, "devices"), _json.text(raw, "person"), _json.text(raw, "reason"),
            _json.whole(raw, "uid"), _json.whole(raw, "pid"), _json.text(raw, "since"), _json.text(raw, "until"), raw)


LeaseLike = Union[str, Lease]


def lease_id(lease: LeaseLike) -> str:
    return lease.lease if isinstance(lease, Lease) else lease


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Whose the bench is. `state` is `waiting` (what runs is finished first), `on`, or `over` (its time has run out)."""

    state: str
    person: str
    reason: str
    uid: int
    since: str
    until: str
    running: str | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Maintenance:
        return cls(
            _json.text(raw, "state"), _json.text(raw, "person"), _json.text(raw, "reason"), _json.whole(raw, "uid"),
            _json.text(raw, "since"), _json.text(raw, "until"), _json.maybe_text(raw, "running"), raw)


@dataclass(frozen=True, slots=True)
class PumpStart:
    """A pump that was started by hand; it stops by itself after `duration_s` of bench time."""

    device: str
    flow_ul_min: float
    """Negative while it withdraws."""
    volume_ul: float
    duration_s: float
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> PumpStart:
        return cls(
            _json.text(raw, "device"), _json.number(raw, "flow_ul_min"), _json.number(raw, "volume_ul"),
            _json.number(raw, "duration_s"), raw)


@dataclass(frozen=True, slots=True)
class StepDone:
    """A step of a timed program."""

    device: str
    at_s: float
    late_s: float
    """After its time, by the board's own clock."""
    clock_uncertainty_s: float
    """How far off the daemon can have been with the board's time."""
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> StepDone:
        return cls(
            _json.text(raw, "device"), _json.number(raw, "at_s"), _json.number(raw, "late_s"),
            _json.number(raw, "clock_uncertainty_s"), raw)


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """A timed program that was done; its steps as they were asked for."""

    start: str
    steps: tuple[StepDone, ...]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> ProgramRun:
        return cls(_json.text(raw, "start"), _json.rows(raw, "steps", StepDone.from_json), raw)


@dataclass(frozen=True, slots=True)
class Column:
    """One quantity over the wavelengths, in the words of the instrument's file."""

    name: str
    unit: str
    values: array[float] = field(repr=False)

    @classmethod
    def from_json(cls, raw: Json) -> Column:
        return cls(_json.text(raw, "name"), _json.text(raw, "unit"), samples(raw, "values"))


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an analyzer found by hand; the daemon does not keep it, the instrument's folder does."""

    device: str
    sample: str
    file: str
    md5: str
    encoding: str
    wavelengths_nm: array[float] = field(repr=False)
    columns: tuple[Column, ...]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Analysis:
        return cls(
            _json.text(raw, "device"), _json.text(raw, "sample"), _json.text(raw, "file"), _json.text(raw, "md5"),
            _json.text(raw, "encoding"), samples(raw, "wavelengths_nm"), _json.rows(raw, "columns", Column.from_json), raw)


@dataclass(frozen=True, slots=True)
class Look:
    """A spectrum that was taken by hand, the mean of its frames; the daemon does not keep it."""

    device: str
    integration_s: float
    frames: int
    maximum_counts: float
    encoding: str
    wavelengths_nm: array[float] = field(repr=False)
    counts: array[float] = field(repr=False)
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Look:
        return cls(
            _json.text(raw, "device"), _json.number(raw, "integration_s"), _json.whole(raw, "frames"),
            _json.number(raw, "maximum_counts"), _json.text(raw, "encoding"), samples(raw, "wavelengths_nm"),
            samples(raw, "counts"), raw)

"""The flight recorder: what went over every link, and what was kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from . import _json
from ._json import Json


@dataclass(frozen=True, slots=True)
class KeptRecording:
    """A recording that the ring does not remove; `recording` is the name of its directory."""

    recording: str
    time: str
    cause: str
    """The interlock that tripped, or `request`."""
    reason: str
    segments: int
    bytes: int
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> KeptRecording:
        return cls(
            _json.text(raw, "recording"), _json.text(raw, "time"), _json.text(raw, "cause"),
            _json.text(raw, "reason"), _json.whole(raw, "segments"), _json.whole(raw, "bytes"), raw)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Whether everything is recorded now, and what was kept, the oldest first. Directories are on the daemon's host."""

    recording: bool
    trouble: str | None
    limit_bytes: int
    bytes: int
    lost_records: int
    ring: str
    directory: str
    kept: tuple[KeptRecording, ...]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Recorder:
        return cls(
            _json.flag(raw, "recording"), _json.maybe_text(raw, "trouble"), _json.whole(raw, "limit_bytes"),
            _json.whole(raw, "bytes"), _json.whole(raw, "lost_records"), _json.text(raw, "ring"),
            _json.text(raw, "directory"), _json.rows(raw, "kept", KeptRecording.from_json), raw)

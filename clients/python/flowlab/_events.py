"""Events, and the place in their stream from which a subscription goes on after a loss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import _json, _operations
from ._json import Json
from ._operations import Operation


class Position(NamedTuple):
    """The last event that was seen. Keep it to go on from there, also in another process."""

    stream: str
    seq: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened; `seq` rises with holes, as other topics are numbered too."""

    stream: str
    seq: int
    topic: str
    time: str
    bench_s: float | None
    data: Json
    raw: Json = field(repr=False, compare=False)

    @property
    def position(self) -> Position:
        return Position(self.stream, self.seq)

    @classmethod
    def from_json(cls, raw: Json) -> Event:
        return cls(
            _json.text(raw, "stream"), _json.whole(raw, "seq"), _json.text(raw, "topic"),
            _json.maybe_text(raw, "time") or "", _json.maybe_number(raw, "bench_s"),
            _json.members(raw.get("data"), "data"), raw)


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that were missed: those numbered `first` to `last` of a `kind` (`events`, `signals` or `all`)."""

    stream: str
    kind: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class StreamChanged:
    """The daemon was started anew. What it still told after `seen` and before its end was missed; what follows begins
    with all that the new stream has kept."""

    seen: Position
    stream: str
    away_s: float | None = field(default=None, compare=False)
    """From the loss of the connection to the new one; None when the position came from another process."""


StreamItem = Event | Gap | StreamChanged


class Cursor:
    """Turns answers and notifications into items, each once, and knows where to go on."""

    def __init__(self, topics: Iterable[str], after: Position | None) -> None:
        self.topics = tuple(topics)
        self.position = after
        """None before the first subscription."""
        self._gaps: dict[str, int] = {}
        """By kind, up to where gaps were told."""

    def subscribe(self) -> Operation[tuple[str, int]]:
        if self.position is None:
            return _operations.subscribe(self.topics, None, None)
        return _operations.subscribe(self.topics, self.position.seq + 1, self.position.stream)

    def subscribed(self, answer: tuple[str, int], away_s: float | None = None) -> Sequence[StreamItem]:
        stream, following = answer
        if self.position is None:
            self.position = Position(stream, following - 1)
            return ()
        return self._enter(stream, away_s)

    def _enter(self, stream: str, away_s: float | None = None) -> Sequence[StreamItem]:
        if self.position is not None and self.position.stream == stream:
            return ()
        seen = self.position
        self.position = Position(stream, 0)
        self._gaps = {}
        return () if seen is None else (StreamChanged(seen, stream, away_s),)

    def event(self, params: Any) -> Sequence[StreamItem]:
        """The items of one notification. Raises `Malformed`."""
        event = Event.from_json(_json.members(params, "params"))
        changed = self._enter(event.stream)
        if event.topic == "gap":
            return (*changed, *self._gap(event))
        assert self.position is not None
        if event.seq <= self.position.seq:
            return changed
        self.position = event.position
        return (*changed, event)

    def _gap(self, event: Event) -> Sequence[Gap]:
        """A gap of one kind says nothing of the other kind's events in its range, which still come: it does not move
        the position. So it may be told again after a reconnection, and what was told is taken off."""
        kind = _json.text(event.data, "kind")
        first, last = _json.whole(event.data, "from"), _json.whole(event.data, "to")
        first = max(first, self._gaps.get(kind, 0) + 1)
        if last < first:
            return ()
        self._gaps[kind] = last
        if kind == "all" and self.position is not None and last > self.position.seq:
            self.position = Position(event.stream, last)
        return (Gap(event.stream, kind, first, last),)

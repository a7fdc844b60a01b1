"""Events for threads."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from time import monotonic
from types import TracebackType

from ._channel import Channel
from ._core import STABLE_S, Deadline, no_event, read_event, read_result
from ._errors import Closed
from ._events import Cursor, Position, StreamItem
from ._link import Link
from ._retry import Attempts, LinkLost


class Events:
    """Items of a subscription, for one thread at a time; `close` may come from another and ends the iteration.

    It reads from a connection of its own, and only when an item is asked for: a reader that is too slow is told of a
    `Gap`, and nothing piles up here. When the connection is lost, it goes on after the last item.
    """

    def __init__(self, channel: Channel, topics: Iterable[str], after: Position | None) -> None:
        self._channel = channel
        self._cursor = Cursor(topics, after)
        self._items: deque[StreamItem] = deque()
        self._link: Link | None = None
        self._since = 0.0
        self._lost_at: float | None = None
        self._attempts: Attempts | None = None
        self._is_closed = False
        channel.children.add(self)
        while self._link is None:
            self._step(Deadline(None))

    @property
    def position(self) -> Position:
        """Of the last event that the daemon told; `Client.events` goes on after it, in another process too."""
        assert self._cursor.position is not None
        return self._cursor.position

    def next(self, timeout_s: float | None = None) -> StreamItem:
        """The next item. Raises `Timeout`, `ConnectionLost` once the daemon is away for too long, and `Closed`."""
        deadline = Deadline(timeout_s)
        while not self._items:
            self._step(deadline)
            if not self._items and deadline.has_passed:
                raise no_event(deadline.seconds)
        return self._items.popleft()

    def _step(self, deadline: Deadline) -> None:
        """Subscribes, or reads once."""
        try:
            if self._link is None:
                self._subscribe()
            else:
                self._read(self._link, deadline)
            return
        except LinkLost as error:
            lost = error
        if self._lost_at is None and self._link is not None:
            self._lost_at = monotonic()
        self._drop()
        if self._attempts is None or monotonic() - self._since > STABLE_S:
            self._attempts = Attempts(self._channel.settings.patience, "events.subscribe", {})
        self._channel.pause(deadline.within(self._attempts.after(lost)))

    def _subscribe(self) -> None:
        if self._is_closed:
            raise Closed("the subscription was closed")
        link = self._channel.open()
        try:
            operation = self._cursor.subscribe()
            raw = link.call(operation.method, operation.params, self._channel.settings.timeout_s)
            away_s = None if self._lost_at is None else monotonic() - self._lost_at
            self._items.extend(self._cursor.subscribed(read_result(operation, raw), away_s))
        except BaseException:
            link.close()
            raise
        self._link, self._since, self._lost_at = link, monotonic(), None
        if self._is_closed:
            self._drop()

    def _read(self, link: Link, deadline: Deadline) -> None:
        if not link.events:
            link.pump(deadline.remaining())
        while link.events:
            self._items.extend(read_event(self._cursor, link.events.popleft()))

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def close(self) -> None:
        self._is_closed = True
        link = self._link
        if link is not None:
            link.close()

    def __iter__(self) -> Events:
        return self

    def __next__(self) -> StreamItem:
        try:
            return self.next()
        except Closed:
            raise StopIteration from None

    def __enter__(self) -> Events:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()

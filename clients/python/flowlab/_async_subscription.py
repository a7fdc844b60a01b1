"""Events for asyncio."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from time import monotonic
from types import TracebackType

from ._async_channel import AsyncChannel
from ._async_link import AsyncLink
from ._core import STABLE_S, Deadline, no_event, read_event, read_result
from ._errors import Closed
from ._events import Cursor, Position, StreamItem
from ._retry import Attempts, LinkLost


class AsyncEvents:
    """As `Events`: `async with client.events("experiments") as events: async for item in events: …`"""

    def __init__(self, channel: AsyncChannel, topics: Iterable[str], after: Position | None) -> None:
        self._channel = channel
        self._cursor = Cursor(topics, after)
        self._items: deque[StreamItem] = deque()
        self._link: AsyncLink | None = None
        self._since = 0.0
        self._lost_at: float | None = None
        self._attempts: Attempts | None = None
        self._is_closed = False
        channel.children.add(self)

    @property
    def position(self) -> Position | None:
        """Of the last event that the daemon told; None before the subscription is made."""
        return self._cursor.position

    async def start(self) -> None:
        """Makes the subscription; `async with` and the first item do it too."""
        while self._link is None:
            await self._step()

    async def next(self, timeout_s: float | None = None) -> StreamItem:
        """The next item. Raises `Timeout`, `ConnectionLost` once the daemon is away for too long, and `Closed`."""
        deadline = Deadline(timeout_s)
        limit = asyncio.timeout(deadline.remaining())
        try:
            async with limit:
                while not self._items:
                    await self._step()
        except TimeoutError:
            if not limit.expired():
                raise
            raise no_event(deadline.seconds) from None
        return self._items.popleft()

    async def _step(self) -> None:
        """Subscribes, or reads once."""
        try:
            if self._link is None:
                await self._subscribe()
            else:
                self._items.extend(read_event(self._cursor, await self._link.next_event()))
            return
        except LinkLost as error:
            lost = error
        if self._lost_at is None and self._link is not None:
            self._lost_at = monotonic()
        self._drop()
        if self._attempts is None or monotonic() - self._since > STABLE_S:
            self._attempts = Attempts(self._channel.settings.patience, "events.subscribe", {})
        await self._channel.pause(self._attempts.after(lost))

    async def _subscribe(self) -> None:
        if self._is_closed:
            raise Closed("the subscription was closed")
        link = await self._channel.open()
        try:
            operation = self._cursor.subscribe()
            raw = await link.call(operation.method, operation.params, self._channel.settings.timeout_s)
            away_s = None if self._lost_at is None else monotonic() - self._lost_at
            self._items.extend(self._cursor.subscribed(read_result(operation, raw), away_s))
        except BaseException:
            link.close()
            raise
        self._link, self._since, self._lost_at = link, monotonic(), None
        if self._is_closed:
            self._drop()

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None

    def close(self) -> None:
        self._is_closed = True
        if self._link is not None:
            self._link.close()

    def __aiter__(self) -> AsyncEvents:
        return self

    async def __anext__(self) -> StreamItem:
        try:
            return await self.next()
        except Closed:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> AsyncEvents:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None,
    ) -> None:
        self.close()

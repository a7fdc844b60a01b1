"""The asyncio client behind the face of the other one, so that one test tries both."""

from __future__ import annotations

import asyncio
import threading
import unittest
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import flowlab


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def close(self) -> None:
        """Whatever still runs is cancelled, and ends within a bound."""
        self.run(self._end_all())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _end_all(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.wait_for(asyncio.gather(*others, return_exceptions=True), 5)
        await asyncio.sleep(0)


class EventsFace:
    def __init__(self, loop: Loop, events: flowlab.AsyncEvents) -> None:
        self._loop = loop
        self._events = events
        loop.run(events.start())

    @property
    def position(self) -> flowlab.Position | None:
        return self._events.position

    def next(self, timeout_s: float | None = None) -> flowlab.StreamItem:
        item: flowlab.StreamItem = self._loop.run(self._events.next(timeout_s))
        return item

    def __iter__(self) -> Iterator[flowlab.StreamItem]:
        return self._items()

    def _items(self) -> Iterator[flowlab.StreamItem]:
        while True:
            try:
                yield self._loop.run(self._events.__anext__())
            except StopAsyncIteration:
                return

    def close(self) -> None:
        self._loop.run(_called(self._events.close))

    def __enter__(self) -> EventsFace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


async def _called(body: Callable[..., Any], *values: Any, **named: Any) -> Any:
    return body(*values, **named)


class Face:
    """An `AsyncClient` that is called as a `Client`, from any thread."""

    def __init__(self, path: str, **options: Any) -> None:
        self._loop = Loop()
        try:
            self._client: flowlab.AsyncClient = self._loop.run(self._made(path, options))
        except BaseException:
            self._loop.close()
            raise

    @staticmethod
    async def _made(path: str, options: dict[str, Any]) -> flowlab.AsyncClient:
        client = flowlab.AsyncClient(path, **options)
        await client.connect()
        return client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        return (lambda *values, **named: self._call(found, values, named)) if callable(found) else found

    def _call(self, found: Callable[..., Any], values: Any, named: Any) -> Any:
        made = self._loop.run(_called(found, *values, **named))
        if isinstance(made, flowlab.AsyncEvents):
            return EventsFace(self._loop, made)
        if isinstance(made, AsyncIterator):
            return self._items(made)
        return self._loop.run(made) if asyncio.iscoroutine(made) else made

    def _items(self, made: AsyncIterator[Any]) -> Iterator[Any]:
        while True:
            try:
                yield self._loop.run(_next(made))
            except StopAsyncIteration:
                return

    def end(self) -> None:
        self.close()
        self._loop.close()

    def __enter__(self) -> Face:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


async def _next(made: AsyncIterator[Any]) -> Any:
    return await made.__anext__()


class BothCase(unittest.TestCase):
    """A scenario for either client; the classes that run name it in `kind`."""

    kind = "threads"

    def made_client(self, path: str, **options: Any) -> Any:
        """A client that ends with the test. Any, as it is either of the two."""
        options = {"reconnect_s": 5.0, "timeout_s": 10.0, **options}
        if self.kind == "threads":
            client = flowlab.Client(path, **options)
            self.addCleanup(client.close)
            return client
        face = Face(path, **options)
        self.addCleanup(face.end)
        return face

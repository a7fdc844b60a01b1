"""The connection of the asyncio client: made when it is needed, and made again when it is lost."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from . import _operations as ops
from ._async_link import AsyncLink
from ._bench import Hello
from ._channel import Closable
from ._core import (
    HELLO_S, REQUESTS, WAITS, Deadline, Settings, check_hello, closed, failed_hello, no_answer, read_result)
from ._errors import FlowlabError
from ._retry import Attempts, LinkLost


class AsyncChannel:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.hello: Hello | None = None
        self.children: weakref.WeakSet[Closable] = weakref.WeakSet()
        """Subscriptions; they end with the channel."""
        self._closed = asyncio.Event()
        self._link: AsyncLink | None = None
        self._connecting = asyncio.Lock()
        self._requests = asyncio.BoundedSemaphore(REQUESTS)
        self._waits = asyncio.BoundedSemaphore(WAITS)

    # --- Connecting -------------------------------------------------------------------------------------------------

    async def connect(self) -> Hello:
        """The first connection. Raises `ConnectionLost` when there is none within `connect_s`; 0: a single attempt."""
        attempts = Attempts(self.settings.patience.limited(self.settings.connect_s), "system.hello", {})
        while True:
            try:
                await self.link()
                assert self.hello is not None
                return self.hello
            except LinkLost as error:
                lost = error
            await self.pause(attempts.after(lost))

    async def link(self) -> AsyncLink:
        """The present connection, or a new one. Raises `LinkLost`."""
        link = self._link
        if link is not None and link.is_usable:
            return link
        async with self._connecting:
            if self._link is None or not self._link.is_usable:
                self._link = await self.open()
                if self._closed.is_set():
                    self._link.close()
            return self._link

    async def open(self) -> AsyncLink:
        """A connection of its own, greeted. Raises `LinkLost`."""
        if self._closed.is_set():
            raise closed()
        link = await AsyncLink.open(self.settings.path)
        try:
            hello = ops.hello(self.settings.name)
            answer = read_result(hello, await link.call(hello.method, hello.params, HELLO_S))
            check_hello(answer, self.hello, self.settings.path)
        except FlowlabError as error:
            link.close()
            raise failed_hello(error) from None
        except BaseException:
            link.close()
            raise
        self.hello = answer
        return link

    # --- Asking -----------------------------------------------------------------------------------------------------

    async def request(
        self, method: str, params: Mapping[str, Any], *, timeout_s: float | None = None,
        deadline: Deadline | None = None, has_turn: bool = False,
    ) -> Any:
        """The result. `timeout_s` is for each attempt, `deadline` bounds all of them."""
        patience_s = self.settings.timeout_s if timeout_s is None else timeout_s
        attempts: Attempts | None = None
        if self.hello is None:
            await self.connect()
        while True:
            try:
                link = await self.link()
                if has_turn:
                    return await link.call(method, params, patience_s)
                async with self._requests:
                    return await link.call(method, params, patience_s)
            except LinkLost as error:
                lost = error
            if attempts is None:
                at = None if deadline is None else deadline.at
                attempts = Attempts(self.settings.patience, method, params, deadline=at)
            await self.pause(attempts.after(lost))

    @asynccontextmanager
    async def waiting(self, deadline: Deadline) -> AsyncGenerator[None, None]:
        """A turn to wait for an experiment. Raises `Timeout`."""
        try:
            async with asyncio.timeout(deadline.remaining()):
                await self._waits.acquire()
        except TimeoutError:
            raise no_answer(deadline.seconds, "experiments.wait") from None
        try:
            yield
        finally:
            self._waits.release()

    async def pause(self, seconds: float) -> None:
        """Raises `Closed` when the client is closed meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._closed.wait()
        except TimeoutError:
            return
        raise closed()

    def close(self) -> None:
        self._closed.set()
        for child in list(self.children):
            child.close()
        if self._link is not None:
            self._link.close()

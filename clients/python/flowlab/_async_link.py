"""One connection of the asyncio client. asyncio itself reads; answers wake the tasks that wait for them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from typing import Any

from ._core import closed, no_answer
from ._link import CONNECT_S
from ._protocol import Answer, Received, Session
from ._retry import LinkLost

MOST_EVENTS = 512
"""With more of them unread, the connection is not read: the daemon keeps the rest, or tells of a gap."""


class AsyncLink(asyncio.Protocol):
    """Raises `LinkLost` when it is of no use any more; then make another one."""

    def __init__(self) -> None:
        self._session: Session[asyncio.Future[Answer]] = Session()
        self._transport: asyncio.Transport | None = None
        self._writable = asyncio.Event()
        self._writable.set()
        self._lost: LinkLost | None = None
        self._is_closed = False
        self._is_paused = False
        self.events: deque[Any] = deque()
        """Params of notifications, oldest first."""
        self._news = asyncio.Event()

    @classmethod
    async def open(cls, path: str) -> AsyncLink:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                _, link = await loop.create_unix_connection(cls, path)
        except TimeoutError:
            raise LinkLost(f"cannot connect to {path} within {CONNECT_S:g} s", sent=False) from None
        except OSError as error:
            raise LinkLost(f"cannot connect to {path}: {error.strerror or error}", sent=False) from None
        return link

    @property
    def is_usable(self) -> bool:
        return self._lost is None and self._transport is not None and not self._transport.is_closing()

    # --- Asking -----------------------------------------------------------------------------------------------------

    async def call(self, method: str, params: Mapping[str, Any], timeout_s: float) -> Any:
        """The result. Raises the daemon's error, `Timeout`, or `LinkLost`."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        timer = loop.call_later(timeout_s, self._expire, answer, timeout_s, method)
        number: int | None = None
        try:
            if not self._writable.is_set():
                await self._until_writable(answer)
            self._check(sent=False)
            number, line = self._session.request(answer, method, params)
            self._write(line)
            return (await answer).take()
        finally:
            timer.cancel()
            if number is not None:
                self._session.abandon(number)

    @staticmethod
    def _expire(answer: asyncio.Future[Answer], timeout_s: float, method: str) -> None:
        if not answer.done():
            answer.set_exception(no_answer(timeout_s, method))

    async def _until_writable(self, answer: asyncio.Future[Answer]) -> None:
        """Until the daemon takes more, or the time is over."""
        writable = asyncio.ensure_future(self._writable.wait())
        try:
            await asyncio.wait((writable, answer), return_when=asyncio.FIRST_COMPLETED)
            if answer.done():
                answer.result()
        finally:
            writable.cancel()

    def _write(self, line: bytes) -> None:
        assert self._transport is not None
        self._transport.write(line)
        if self._transport.is_closing():
            # asyncio writes at once: the daemon was gone already, and did not get a whole line.
            raise LinkLost("the daemon went away", sent=False)

    def _check(self, *, sent: bool) -> None:
        if self._is_closed:
            raise closed()
        if self._lost is not None:
            raise LinkLost(self._lost.reason, sent=sent, is_violation=self._lost.is_violation)
        if self._transport is None or self._transport.is_closing():
            raise LinkLost("the daemon went away", sent=sent)

    # --- Told by asyncio --------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        received = self._session.receive(data)
        for answer, told in received.answers:
            if not answer.done():
                answer.set_result(told)
        if received.events:
            self._keep(received)
        if received.violation is not None:
            self._lose(LinkLost(str(received.violation), sent=True, is_violation=True))
        elif received.refusal is not None:
            self._lose(LinkLost(str(received.refusal), sent=True))

    def connection_lost(self, exc: Exception | None) -> None:
        reason = "the daemon closed the connection" if exc is None else f"the daemon went away: {exc}"
        self._lose(LinkLost(reason, sent=True))

    # --- Events -----------------------------------------------------------------------------------------------------

    def _keep(self, received: Received[asyncio.Future[Answer]]) -> None:
        self.events.extend(received.events)
        self._news.set()
        if len(self.events) > MOST_EVENTS and self._transport is not None and not self._is_paused:
            self._is_paused = True
            self._transport.pause_reading()

    async def next_event(self) -> Any:
        """Params of the next notification. Raises `LinkLost`."""
        while not self.events:
            self._check(sent=True)
            self._news.clear()
            await self._news.wait()
        event = self.events.popleft()
        if self._is_paused and not self.events and self._transport is not None:
            self._is_paused = False
            self._transport.resume_reading()
        return event

    # --- Ending -----------------------------------------------------------------------------------------------------

    def _lose(self, lost: LinkLost) -> None:
        if self._lost is not None:
            return
        self._lost = lost
        for answer in self._session.waiting:
            if not answer.done():
                told = closed() if self._is_closed else LinkLost(lost.reason, sent=True, is_violation=lost.is_violation)
                answer.set_exception(told)
        self._writable.set()
        self._news.set()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Whoever waits gets `Closed`."""
        self._is_closed = True
        self._lose(LinkLost("the client was closed", sent=True))

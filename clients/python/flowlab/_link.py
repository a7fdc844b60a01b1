"""One connection of the thread-safe client: a socket, and the requests that wait for their answers.

There is no thread of its own. Of the threads that wait, one reads for all (it leads); when it has its answer it hands
the reading on to another. So a single thread that asks and waits costs no switch of threads.
"""

from __future__ import annotations

import select
import socket
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic
from typing import Any, NoReturn

from ._errors import Closed, Timeout
from ._protocol import Answer, Received, Session
from ._retry import LinkLost

CHUNK = 1 << 16
CONNECT_S = 5.0
LONGEST_POLL_S = 3600.0
"""No system call takes an endless time; the loops around them go on."""
_NO_WAIT = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL


def _milliseconds(seconds: float) -> int:
    """For poll, and not too few."""
    return int(min(max(seconds, 0.0), LONGEST_POLL_S) * 1000) + 1


class _Call:
    __slots__ = ("answer", "awake")

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.awake: threading.Event | None = None
        """Of a thread that does not read itself: there is an answer, or it is its turn to read."""

    def wake(self) -> None:
        if self.awake is not None:
            self.awake.set()


class Link:
    """Raises `LinkLost` when it is of no use any more; then make another one."""

    def __init__(self, path: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # A full backlog refuses at once where there is a time-out; the caller tries again.
            self._socket.settimeout(CONNECT_S)
            self._socket.connect(path)
            self._socket.settimeout(None)
        except OSError as error:
            self._socket.close()
            raise LinkLost(f"cannot connect to {path}: {error.strerror or error}", sent=False) from None
        self._readable = select.poll()
        self._readable.register(self._socket, select.POLLIN)
        self._session: Session[_Call] = Session()
        self._lock = threading.Lock()
        """Of everything below and of the session."""
        self._write_lock = threading.Lock()
        self._is_led = False
        self._lost: LinkLost | None = None
        self._is_closed = False
        self._is_retired = False
        self.events: deque[Any] = deque()
        """Params of notifications, oldest first. Only what subscribes gets any, and that reads them as they come."""

    @property
    def is_usable(self) -> bool:
        return self._lost is None and not self._is_retired

    # --- Asking -----------------------------------------------------------------------------------------------------

    def call(self, method: str, params: Mapping[str, Any], timeout_s: float) -> Any:
        """The result. Raises the daemon's error, `Timeout`, or `LinkLost`."""
        deadline = monotonic() + timeout_s
        call = _Call()
        with self._lock:
            self._check(sent=False)
            number, line = self._session.request(call, method, params)
        try:
            self._send(line, deadline)
            if not self._wait(call, deadline):
                raise Timeout(
                    f"no answer within {timeout_s:g} s", method=method,
                    hint="a change that was asked for may still happen; look at the bench with system.status")
        except BaseException:
            self._abandon(number)
            raise
        assert call.answer is not None
        return call.answer.take()

    def _abandon(self, number: int) -> None:
        with self._lock:
            self._session.abandon(number)
            if not self._is_led:
                # It may have been this one's turn to read.
                self._wake_next()

    def _check(self, *, sent: bool) -> None:
        if self._lost is not None:
            lost = self._lost
            if self._is_closed:
                raise Closed("the client was closed", hint="make a new one")
            raise LinkLost(lost.reason, sent=sent, is_violation=lost.is_violation)

    # --- Sending ----------------------------------------------------------------------------------------------------

    def _send(self, line: bytes, deadline: float) -> None:
        """A line that did not go out with its LF was not asked: the failure of a write is a loss before sending."""
        with self._write_lock:
            try:
                try:
                    sent = self._socket.send(line, _NO_WAIT)
                except BlockingIOError:
                    sent = 0
                if sent < len(line):
                    self._send_rest(memoryview(line)[sent:], deadline)
            except OSError as error:
                self._retire(f"the daemon went away: {error.strerror or error}")

    def _retire(self, reason: str) -> NoReturn:
        """Takes no more requests. What the daemon answered before it went away is still there for those who wait."""
        with self._lock:
            self._is_retired = True
            if len(self._session.waiting) <= 1:
                self._lose(LinkLost(reason, sent=True))
        raise LinkLost(reason, sent=False) from None

    def _send_rest(self, rest: memoryview, deadline: float) -> None:
        writable = select.poll()
        writable.register(self._socket, select.POLLOUT)
        while rest:
            remaining = deadline - monotonic()
            if remaining <= 0:
                self.lose("the daemon took only a part of a request")
                raise LinkLost("the daemon takes no more requests", sent=False)
            if writable.poll(_milliseconds(remaining)):
                try:
                    rest = rest[self._socket.send(rest, _NO_WAIT):]
                except BlockingIOError:
                    continue

    # --- Reading ----------------------------------------------------------------------------------------------------

    def _wait(self, call: _Call, deadline: float) -> bool:
        """Whether the answer came."""
        while call.answer is None:
            with self._lock:
                if call.answer is not None:
                    return True
                self._check(sent=True)
                leads = not self._is_led
                if leads:
                    self._is_led = True
                else:
                    call.awake = call.awake or threading.Event()
                    call.awake.clear()
            if leads:
                self._lead(call, deadline)
            else:
                assert call.awake is not None
                call.awake.wait(min(max(0.0, deadline - monotonic()), LONGEST_POLL_S))
            if call.answer is None and monotonic() >= deadline and self._lost is None:
                return False
        return True

    def _lead(self, call: _Call, deadline: float) -> None:
        try:
            while call.answer is None and self._lost is None:
                remaining = deadline - monotonic()
                if remaining <= 0:
                    return
                # An interrupt while nothing is read costs nothing.
                if self._readable.poll(_milliseconds(remaining)):
                    self._read()
        finally:
            self._hand_over()

    def _hand_over(self) -> None:
        with self._lock:
            self._is_led = False
            if self._lost is not None:
                self._socket.close()
            self._wake_next()

    def _wake_next(self) -> None:
        for other in self._session.waiting:
            if other.awake is not None:
                other.awake.set()
                break

    def _read(self) -> None:
        try:
            data = self._socket.recv(CHUNK)
            if not data:
                return self.lose("the daemon closed the connection")
            with self._lock:
                self._deliver(self._session.receive(data))
        except OSError as error:
            self.lose(f"the daemon went away: {error.strerror or error}")
        except BaseException:
            # An interrupt between reading and delivering: some answers may be gone.
            self.lose("interrupted while an answer was read")
            raise

    def _deliver(self, received: Received[_Call]) -> None:
        for call, answer in received.answers:
            call.answer = answer
            call.wake()
        self.events.extend(received.events)
        if received.violation is not None:
            self._lose(LinkLost(str(received.violation), sent=True, is_violation=True))
        elif received.refusal is not None:
            self._lose(LinkLost(str(received.refusal), sent=True))

    def pump(self, timeout_s: float | None) -> None:
        """Reads once, for an owner that asks nothing meanwhile. Returns at the time-out. Raises `LinkLost`."""
        with self._lock:
            self._check(sent=True)
            self._is_led = True
        try:
            if self._readable.poll(_milliseconds(LONGEST_POLL_S if timeout_s is None else timeout_s)):
                self._read()
        finally:
            self._hand_over()
        if not self.events:
            self._check(sent=True)

    # --- Ending -----------------------------------------------------------------------------------------------------

    def lose(self, reason: str) -> None:
        with self._lock:
            self._lose(LinkLost(reason, sent=True))

    def _lose(self, lost: LinkLost) -> None:
        if self._lost is not None:
            return
        self._lost = lost
        # Whoever reads learns of it and closes; a descriptor that is closed while it is read may be another's by then.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        if not self._is_led:
            self._socket.close()
        for call in self._session.waiting:
            call.wake()

    def forget(self) -> None:
        """In a process that was forked: the connection stays the parent's, and open there."""
        self._socket.close()

    def close(self) -> None:
        """Whoever waits gets `Closed`."""
        with self._lock:
            self._is_closed = True
            self._lose(LinkLost("the client was closed", sent=True))

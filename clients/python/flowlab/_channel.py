"""The connection of the client for threads: made when it is needed, and made again when it is lost."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Any, Protocol

from . import _operations as ops
from ._bench import Hello
from ._core import (
    HELLO_S, REQUESTS, WAITS, Deadline, Settings, check_hello, closed, failed_hello, no_answer, read_result)
from ._errors import FlowlabError
from ._link import Link
from ._retry import Attempts, LinkLost


class Closable(Protocol):
    def close(self) -> None: ...


def _turns(count: int) -> SimpleQueue[int]:
    """A semaphore, and a faster one than that of `threading`."""
    turns: SimpleQueue[int] = SimpleQueue()
    for turn in range(count):
        turns.put(turn)
    return turns


class Channel:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.hello: Hello | None = None
        self.children: weakref.WeakSet[Closable] = weakref.WeakSet()
        """Subscriptions; they end with the channel."""
        self._closed = threading.Event()
        self._link: Link | None = None
        self._reset()

    def _reset(self) -> None:
        """Also in a process that was forked: the connection, and whatever was locked then, are the parent's."""
        self._process = os.getpid()
        if self._link is not None:
            self._link.forget()
        self._link = None
        self._connecting = threading.Lock()
        self._requests = _turns(REQUESTS)
        self._waits = _turns(WAITS)

    # --- Connecting -------------------------------------------------------------------------------------------------

    def connect(self) -> Hello:
        """The first connection. Raises `ConnectionLost` when there is none within `connect_s`; 0: a single attempt."""
        attempts = Attempts(self.settings.patience.limited(self.settings.connect_s), "system.hello", {})
        while True:
            try:
                self.link()
                assert self.hello is not None
                return self.hello
            except LinkLost as error:
                lost = error
            self.pause(attempts.after(lost))

    def link(self) -> Link:
        """The present connection, or a new one. Raises `LinkLost`."""
        if self._process != os.getpid():
            self._reset()
        link = self._link
        if link is not None and link.is_usable:
            return link
        with self._connecting:
            if self._link is None or not self._link.is_usable:
                self._link = self.open()
                if self._closed.is_set():
                    self._link.close()
            return self._link

    def open(self) -> Link:
        """A connection of its own, greeted. Raises `LinkLost`."""
        if self._closed.is_set():
            raise closed()
        link = Link(self.settings.path)
        try:
            hello = ops.hello(self.settings.name)
            answer = read_result(hello, link.call(hello.method, hello.params, HELLO_S))
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

    def request(
        self, method: str, params: Mapping[str, Any], *, timeout_s: float | None = None,
        deadline: Deadline | None = None, has_turn: bool = False,
    ) -> Any:
        """The result. `timeout_s` is for each attempt, `deadline` bounds all of them."""
        patience_s = self.settings.timeout_s if timeout_s is None else timeout_s
        attempts: Attempts | None = None
        while True:
            try:
                link = self.link()
                if has_turn:
                    return link.call(method, params, patience_s)
                return self._call_in_turn(link, method, params, patience_s)
            except LinkLost as error:
                lost = error
            if attempts is None:
                at = None if deadline is None else deadline.at
                attempts = Attempts(self.settings.patience, method, params, deadline=at)
            self.pause(attempts.after(lost))

    def _call_in_turn(self, link: Link, method: str, params: Mapping[str, Any], patience_s: float) -> Any:
        turns = self._requests
        try:
            turn = turns.get(timeout=min(patience_s, threading.TIMEOUT_MAX))
        except Empty:
            raise no_answer(patience_s, method) from None
        try:
            return link.call(method, params, patience_s)
        finally:
            turns.put(turn)

    @contextmanager
    def waiting(self, deadline: Deadline) -> Generator[None, None, None]:
        """A turn to wait for an experiment. Raises `Timeout`."""
        turns = self._waits
        try:
            turn = turns.get(timeout=deadline.within(threading.TIMEOUT_MAX))
        except Empty:
            raise no_answer(deadline.seconds, "experiments.wait") from None
        try:
            yield
        finally:
            turns.put(turn)

    def pause(self, seconds: float) -> None:
        """Raises `Closed` when the client is closed meanwhile."""
        if self._closed.wait(seconds):
            raise closed()

    def close(self) -> None:
        self._closed.set()
        for child in list(self.children):
            child.close()
        if self._process == os.getpid() and self._link is not None:
            self._link.close()

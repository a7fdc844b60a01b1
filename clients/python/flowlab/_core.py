"""What both clients decide alike."""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

from ._bench import Hello
from ._errors import Closed, DaemonError, ExperimentFailed, FlowlabError, Infeasible, ProtocolError, Timeout
from ._events import Cursor, Event, Position, StreamItem
from ._experiments import RESULT_STATES, Experiment
from ._json import Malformed
from ._operations import Operation
from ._plans import Plan
from ._retry import LinkLost, Patience
from ._socket import find_socket

Value = TypeVar("Value")

API_MAJOR = "1"
HELLO_S = 10.0
"""How long a daemon may take to say hello before the connection counts as failed."""
WAIT_SLICE_S = 30.0
"""`wait` asks anew after this, so that a daemon that hangs is noticed and waits beyond the limit take turns."""
EARLY_S = 0.2
"""A pause after an answer that came too early, so that no daemon can make a client spin."""
STABLE_S = 5.0
"""A subscription that lasted longer than this was no part of an earlier loss."""
WAITS = 44
REQUESTS = 16
"""Together they stay below the 64 requests of a connection that may wait for their answers."""


@dataclass(frozen=True, slots=True)
class Settings:
    name: str
    timeout_s: float
    connect_s: float
    patience: Patience

    @property
    def path(self) -> str:
        return self.patience.path

    @classmethod
    def make(
        cls, socket: str | os.PathLike[str] | None, name: str | None, timeout_s: float, reconnect_s: float,
        connect_s: float,
    ) -> Settings:
        program = os.path.basename(sys.argv[0]) if sys.argv and sys.argv[0] else "python"
        patience = Patience(find_socket(socket), reconnect_s, monotonic, random.Random())
        return cls(f"{name or program} (pid {os.getpid()})"[:200], timeout_s, connect_s, patience)


class Deadline:
    """A point of monotonic time; none at all for None."""

    def __init__(self, timeout_s: float | None) -> None:
        self.seconds = 0.0 if timeout_s is None else timeout_s
        """From the beginning; 0 when there is no end."""
        self.at = None if timeout_s is None else monotonic() + timeout_s

    @property
    def has_passed(self) -> bool:
        return self.at is not None and monotonic() >= self.at

    def remaining(self) -> float | None:
        return None if self.at is None else max(0.0, self.at - monotonic())

    def within(self, most: float) -> float:
        """What remains, at most that."""
        remaining = self.remaining()
        return most if remaining is None else min(most, remaining)


def read_result(operation: Operation[Value], raw: Any) -> Value:
    try:
        return operation.read(raw)
    except Malformed as malformed:
        raise ProtocolError(
            f"the answer is not of the API's shape: {malformed}", method=operation.method,
            hint="is the daemon of another version than this package?") from None


def read_event(cursor: Cursor, params: Any) -> Sequence[StreamItem]:
    try:
        return cursor.event(params)
    except Malformed as malformed:
        raise ProtocolError(f"an event is not of the API's shape: {malformed}", method="events.subscribe") from None


def check_hello(hello: Hello, known: Hello | None, path: str) -> None:
    """Raises `ProtocolError` for another major version, and when another bench has taken the socket's place."""
    if hello.api.partition(".")[0] != API_MAJOR:
        raise ProtocolError(
            f"{path} speaks version {hello.api} of the API; this package speaks version {API_MAJOR}",
            kind="api_version", hint="install the package that belongs to the daemon")
    if known is not None and hello.bench != known.bench:
        raise ProtocolError(
            f"{path} was bench {known.bench} and is bench {hello.bench} now", kind="other_bench",
            hint="make a new client if that is meant")


def failed_hello(error: FlowlabError) -> LinkLost | FlowlabError:
    """A daemon that is too busy or too slow to say hello is one to try again."""
    if isinstance(error, Timeout):
        return LinkLost(f"the daemon did not say hello within {HELLO_S:g} s", sent=False)
    if isinstance(error, DaemonError) and error.kind == "busy":
        return LinkLost(f"the daemon is busy: {error.detail}", sent=False)
    return error


def refuse_subscribe(method: str) -> None:
    if method == "events.subscribe":
        raise FlowlabError(
            "a subscription has a connection of its own", kind="use_events", method=method,
            hint="use client.events(topics)")


def position_of(after: Position | Event | tuple[str, int] | None) -> Position | None:
    if after is None:
        return None
    return after.position if isinstance(after, Event) else Position(*after)


def closed() -> Closed:
    return Closed("the client was closed", hint="make a new one")


def no_answer(timeout_s: float, method: str) -> Timeout:
    return Timeout(
        f"no answer within {timeout_s:g} s", method=method,
        hint="a change that was asked for may still happen; look at the bench with system.status")


def no_event(timeout_s: float) -> Timeout:
    return Timeout(f"no event within {timeout_s:g} s", method="events.subscribe")


def not_ended(experiment: Experiment, timeout_s: float) -> Timeout:
    timeout = Timeout(
        f"{experiment.id} is {experiment.state} after {timeout_s:g} s", method="experiments.wait",
        hint="it goes on; wait for it again, or cancel it")
    timeout.experiment = experiment
    return timeout


def require_feasible(plan: Plan) -> Plan:
    if plan.feasible:
        return plan
    names = ", ".join(problem.name for problem in plan.problems) or "no reason given"
    raise Infeasible(
        f"the recipe cannot run: {names}", problems=plan.problems, method="experiments.plan", hint="see problems")


def result_of(experiment: Experiment) -> Experiment:
    """The experiment if it ended well. Raises `ExperimentFailed` otherwise."""
    if experiment.state in RESULT_STATES:
        return experiment
    raise ExperimentFailed(experiment)


def join_csv(texts: Iterable[str]) -> str:
    """One table of pages that each have the header."""
    joined = ""
    for text in texts:
        joined += text if not joined else text.partition("\n")[2]
        if joined and not joined.endswith("\n"):
            joined += "\n"
    return joined

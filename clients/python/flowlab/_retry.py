"""When a lost connection is worth another attempt, and what to say when it is not. No clock is read here but by the
caller's, and nothing is awaited, so that both clients share it."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ._errors import ConnectionLost, ProtocolError
from ._operations import READS, is_repeatable

FIRST_PAUSE_S = 0.05
"""Doubles with each attempt …"""
LONGEST_PAUSE_S = 2.0
"""… up to this."""

_LOOK = {
    "experiments.cancel": "experiments.get tells the experiment's state",
    "experiments.hold": "experiments.get tells the experiment's state",
    "experiments.release": "experiments.get tells the experiment's state",
    "experiments.abandon": "experiments.get tells the experiment's state",
    "interlocks.reset": "interlocks.list tells what is latched",
    "interlocks.bypass": "interlocks.list tells what is out of service",
    "interlocks.restore": "interlocks.list tells what is out of service",
    "reagents.refill": "reagents.list tells when each syringe was filled",
    "reagents.empty_waste": "reagents.list tells when the waste was emptied",
    "stations.set": "stations.list tells what stands where, and since when",
    "recorder.dump": "recorder.list tells what was kept",
}


class LinkLost(Exception):
    """A connection is of no use any more."""

    def __init__(self, reason: str, *, sent: bool, is_violation: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        """Whether the request may have reached the daemon."""
        self.is_violation = is_violation
        """The peer does not speak the protocol; asking again would not help."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one loss of the connection is borne, and by which clock (monotonic seconds)."""

    path: str
    reconnect_s: float
    clock: Callable[[], float]
    random: random.Random

    def limited(self, reconnect_s: float) -> Patience:
        return replace(self, reconnect_s=reconnect_s)


class Attempts:
    """The attempts at one request, or at keeping one subscription."""

    def __init__(
        self, patience: Patience, method: str, params: Mapping[str, Any], *, deadline: float | None = None,
    ) -> None:
        self._patience = patience
        self._method = method
        self._repeatable = is_repeatable(method, params)
        key = params.get("key")
        self._key = key if isinstance(key, str) else None
        self._deadline = deadline
        self._until: float | None = None
        self._failed = 0
        self._may_be_done = False

    def after(self, lost: LinkLost) -> float:
        """Seconds to pause before the next attempt. Raises `ConnectionLost` when there shall be none."""
        self._may_be_done = self._may_be_done or lost.sent
        if lost.is_violation:
            raise self._give_up(ProtocolError, lost, f"{lost.reason}; is {self._patience.path} a flowlabd's socket?")
        if lost.sent and not self._repeatable:
            raise self._give_up(ConnectionLost, lost, lost.reason)
        now = self._patience.clock()
        if self._until is None:
            until = now + self._patience.reconnect_s
            self._until = until if self._deadline is None else min(until, self._deadline)
        if now >= self._until:
            tried = f"; tried {self._failed + 1} times" if self._failed else ""
            raise self._give_up(ConnectionLost, lost, lost.reason + tried)
        self._failed += 1
        return min(self._pause(), self._until - now)

    def _pause(self) -> float:
        """None before the first new attempt, as the daemon may be there again; then longer and longer. A part of it is
        drawn by lot, so that many clients do not come all at once."""
        if self._failed == 1:
            return 0.0
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._failed - 2, 16))
        return longest * self._patience.random.uniform(0.5, 1.0)

    def _give_up(self, of: type[ConnectionLost], lost: LinkLost, detail: str) -> ConnectionLost:
        is_unknown = self._may_be_done and self._method not in READS
        error = of(detail, method=self._method, hint=self._hint(is_unknown))
        error.outcome_unknown = is_unknown
        error.key = self._key
        return error

    def _hint(self, is_unknown: bool) -> str:
        if self._method == "experiments.wait":
            return "the experiment goes on without its client; wait for it again"
        if self._key is not None:
            return f'nothing is done twice: send it again with key="{self._key}"'
        if not is_unknown:
            return f"see that flowlabd runs and serves {self._patience.path}"
        look = _LOOK.get(self._method, "look at the bench with system.status")
        return f"whether {self._method} was carried out is not known: {look}; then decide whether to ask again"

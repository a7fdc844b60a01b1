"""What can go wrong, by kind. Every error prints its kind, detail, device, problems and hint."""

from __future__ import annotations

from typing import Any

from . import _json
from ._experiments import Experiment
from ._plans import Problem


class FlowlabError(Exception):
    """The base of all errors of this package."""

    kind: str
    """A stable word."""
    detail: str
    hint: str
    """What to do next."""
    device: str | None
    problems: tuple[Problem, ...]
    method: str | None
    """The API method that was asked, if there was one."""

    default_kind = "error"

    def __init__(
        self, detail: str, *, kind: str | None = None, hint: str = "", device: str | None = None,
        problems: tuple[Problem, ...] = (), method: str | None = None,
    ) -> None:
        super().__init__(detail)
        self.kind = kind or self.default_kind
        self.detail = detail
        self.hint = hint
        self.device = device
        self.problems = problems
        self.method = method

    def __str__(self) -> str:
        of = f" [{self.device}]" if self.device else ""
        by = f" ({self.method})" if self.method else ""
        lines = [f"{self.kind}{of}: {self.detail}{by}"]
        lines += [f"  - {problem}" for problem in self.problems]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class DaemonError(FlowlabError):
    """The daemon refused. Kinds without a class of their own are of this one."""

    code: int | None = None
    """The JSON-RPC code."""


class Infeasible(DaemonError):
    """The recipe cannot run; `problems` has every reason."""

    default_kind = "infeasible"


class Forbidden(DaemonError):
    """The caller's role forbids it, or the experiment is another's."""


class KeyConflict(DaemonError):
    """The idempotency key was used with other params."""


class NotFound(DaemonError):
    """No such experiment, device, campaign, …"""


class NoResult(DaemonError):
    """The experiment is not done."""


class NotCancellable(DaemonError):
    """The experiment neither waits nor runs."""


class ResetRefused(DaemonError):
    """The interlock may not be reset now."""


class Busy(DaemonError):
    """Too many clients, waiting requests or queued experiments: try again later."""


class DaemonTimeout(DaemonError):
    """The control loop did not answer in time. What was asked may still happen."""


class TooLarge(DaemonError):
    """A line over 1 MiB: ask for less, or page."""

    default_kind = "too_large"


class InvalidParams(DaemonError):
    """Params of a wrong shape; also raised before anything is sent, for what is not JSON."""

    default_kind = "invalid_params"


class MethodNotFound(DaemonError):
    """The daemon does not know this method; it may be older than this package."""


class ArchiveError(DaemonError):
    """The archive cannot be read or written."""


class ConnectionLost(FlowlabError, ConnectionError):
    """The daemon could not be reached for too long, or went away while a request ran that is not repeated."""

    default_kind = "connection_lost"
    outcome_unknown: bool = False
    """Whether the daemon may have carried the request out."""
    key: str | None = None
    """The idempotency key of the request: sent again with it, the request is safe."""


class ProtocolError(ConnectionLost):
    """What answered does not speak flowlab's API, or not this version of it."""

    default_kind = "protocol"


class Timeout(FlowlabError, TimeoutError):
    """No answer in the time that was given. A change that was asked for may still happen."""

    default_kind = "timeout"
    experiment: Experiment | None = None
    """Of `wait` and `run`: the experiment as it is now."""


class SocketNotFound(FlowlabError, FileNotFoundError):
    """Which daemon to talk to is not clear: no socket was found, or several."""

    default_kind = "no_socket"


class Closed(FlowlabError):
    """The client was closed."""

    default_kind = "closed"


class ExperimentFailed(FlowlabError):
    """An experiment ended without a result. `kind` is that of its error, or else its state."""

    experiment: Experiment

    def __init__(self, experiment: Experiment) -> None:
        error = experiment.error
        why = f": {error.detail}" if error and error.detail else ""
        super().__init__(
            f"{experiment.id} is {experiment.state}{why}", kind=error.kind if error else experiment.state,
            hint=error.hint if error else "", device=error.device if error else None)
        self.experiment = experiment

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.experiment,)


_CLASSES: dict[str, type[DaemonError]] = {
    "infeasible": Infeasible,
    "forbidden": Forbidden,
    "key_conflict": KeyConflict,
    "not_found": NotFound,
    "unknown_campaign": NotFound,
    "unknown_interlock": NotFound,
    "unknown_device": NotFound,
    "no_result": NoResult,
    "not_cancellable": NotCancellable,
    "not_latched": ResetRefused,
    "cause_present": ResetRefused,
    "safe_state_unproven": ResetRefused,
    "busy": Busy,
    "queue_full": Busy,
    "timeout": DaemonTimeout,
    "too_large": TooLarge,
    "invalid_params": InvalidParams,
    "method_not_found": MethodNotFound,
    "archive": ArchiveError,
    "archive_unavailable": ArchiveError,
}


def daemon_error(raw: Any, method: str | None) -> DaemonError:
    """The error member of an answer. Raises `Malformed` when it is none."""
    error = _json.members(raw, "error")
    data = _json.maybe_members(error, "data") or {}
    message = _json.maybe_text(error, "message") or ""
    kind = _json.maybe_text(data, "kind") or "unknown"
    made = _CLASSES.get(kind, DaemonError)(
        _json.maybe_text(data, "detail") or message, kind=kind, hint=_json.maybe_text(data, "hint") or "",
        device=_json.maybe_text(data, "device"), problems=_json.rows(data, "problems", Problem.from_json),
        method=method)
    made.code = _json.maybe_whole(error, "code")
    return made

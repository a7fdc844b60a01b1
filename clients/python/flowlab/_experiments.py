"""Experiments and campaigns as the daemon tells them. `raw` of each is the whole JSON object as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _json
from ._json import Json
from ._plans import Plan
from ._recipes import Recipe, recipe_from_json

FINAL_STATES = frozenset({"done", "failed", "cancelled", "interrupted", "abandoned", "attached"})
RESULT_STATES = frozenset({"done", "attached"})
"""Only in these do features count as a result."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature of the spectra: mean and standard error over `n` droplet frames."""

    mean: float
    sem: float | None
    n: int | None
    unit: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Feature:
        return cls(
            _json.number(raw, "mean"), _json.maybe_number(raw, "sem"), _json.maybe_whole(raw, "n"),
            _json.text(raw, "unit"), raw)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Why the bench may be believed to have been at steady state. None: the daemon does not say."""

    verdict: str
    swept_tau: float | None
    required_tau: float | None
    residence_time_s: float | None
    elapsed_s: float | None
    temperature_deviation_k: float | None
    temperature_band_k: float | None
    statistic: str | None
    drift_fraction: float | None
    drift_limit: float | None
    samples: int | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Certificate:
        def number(name: str) -> float | None:
            return _json.maybe_number(raw, name)

        return cls(
            _json.text(raw, "verdict"), number("swept_tau"), number("required_tau"), number("residence_time_s"),
            number("elapsed_s"), number("temperature_deviation_k"), number("temperature_band_k"),
            _json.maybe_text(raw, "statistic"), number("drift_fraction"), number("drift_limit"),
            _json.maybe_whole(raw, "samples"), raw)


@dataclass(frozen=True, slots=True)
class ExperimentError:
    """Why an experiment did not end well."""

    kind: str
    device: str | None
    detail: str
    hint: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> ExperimentError:
        return cls(
            _json.text(raw, "kind"), _json.maybe_text(raw, "device"), _json.maybe_text(raw, "detail") or "",
            _json.maybe_text(raw, "hint") or "", raw)


@dataclass(frozen=True, slots=True)
class Transition:
    state: str
    time: str
    """RFC 3339, UTC."""
    bench_s: float | None
    cause: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Transition:
        return cls(
            _json.text(raw, "state"), _json.text(raw, "time"), _json.maybe_number(raw, "bench_s"),
            _json.maybe_text(raw, "cause") or "", raw)


@dataclass(frozen=True, slots=True)
class Measured:
    """What the devices reported while measuring."""

    temperature_c: float | None
    flows_ul_min: Mapping[str, float]
    volumes_ul: Mapping[str, float]
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Measured:
        return cls(
            _json.maybe_number(raw, "temperature_c"), _json.numbers(raw, "flows_ul_min"),
            _json.numbers(raw, "volumes_ul"), raw)


def _features(raw: Json, name: str) -> Mapping[str, Feature] | None:
    return None if raw.get(name) is None else _json.table(raw, name, Feature.from_json)


@dataclass(frozen=True, slots=True)
class Submitted:
    """The answer to a submit: `position` 1 is next, 0 waits no more (or was not told)."""

    id: str
    state: str
    position: int
    key: str
    """The idempotency key that was sent: the same submit with it gives the same experiment."""
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json, key: str) -> Submitted:
        return cls(
            _json.text(raw, "experiment"), _json.text(raw, "state"), _json.maybe_whole(raw, "position") or 0, key, raw)


@dataclass(frozen=True, slots=True)
class Sample:
    """The cuvette with an experiment's product."""

    to: str
    """The station where it was set down."""
    volume_ul: float
    file: str | None
    """The export of the analyzer there; its spectra are among those of the experiment."""
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Sample:
        file = _json.maybe_object(raw, "result", lambda result: _json.text(result, "file"))
        return cls(_json.text(raw, "to"), _json.number(raw, "volume_ul"), file, raw)


@dataclass(frozen=True, slots=True)
class Experiment:
    """Everything that is known of one experiment.

    `features` is None unless the experiment is `done` or `attached`: what failed or was withdrawn has no result, and
    what was seen of it is in `partial_features`.
    """

    id: str
    state: str
    recipe: Recipe
    """As asked."""
    executed: Recipe | None
    """As run, rounded to what the devices resolve."""
    features: Mapping[str, Feature] | None
    certificate: Certificate | None
    error: ExperimentError | None
    measured: Measured | None
    plan: Plan | None
    transitions: tuple[Transition, ...]
    key: str | None
    campaign: str | None
    metadata: Any
    submitted_by: int | None
    if_client_gone: str | None
    """What becomes of it when its client has gone; None: as the bench file says."""
    simulated: bool | None
    priority: int
    sequence: int | None
    """Number of its end over all of the archive's life; None until then. See `Client.results`."""
    origin: str
    source: str | None
    data: str | None
    partial_features: Mapping[str, Feature] | None
    flags: tuple[str, ...]
    sample: Sample | None
    raw: Json = field(repr=False, compare=False)

    @property
    def ended(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def has_result(self) -> bool:
        return self.features is not None

    @property
    def may_retry(self) -> bool:
        """Whether the machine was at fault, so that the same recipe may be tried again, under a new key."""
        return self.state in ("failed", "interrupted")

    def mean(self, feature: str) -> float | None:
        """Mean of a feature; None when there is no result or no such feature (`pl_centre` needs a peak). Never 0 for
        something that is not known."""
        found = None if self.features is None else self.features.get(feature)
        return None if found is None else found.mean

    def sem(self, feature: str) -> float | None:
        """Standard error of a feature's mean, as `mean`."""
        found = None if self.features is None else self.features.get(feature)
        return None if found is None else found.sem

    @classmethod
    def from_json(cls, raw: Json) -> Experiment:
        state = _json.text(raw, "state")
        return cls(
            id=_json.text(raw, "experiment"),
            state=state,
            recipe=recipe_from_json(_json.members(raw.get("recipe"), "recipe")),
            executed=_json.maybe_object(raw, "executed", recipe_from_json),
            features=_features(raw, "features") if state in RESULT_STATES else None,
            certificate=_json.maybe_object(raw, "certificate", Certificate.from_json),
            error=_json.maybe_object(raw, "error", ExperimentError.from_json),
            measured=_json.maybe_object(raw, "measured", Measured.from_json),
            plan=_json.maybe_object(raw, "plan", Plan.from_json),
            transitions=_json.rows(raw, "transitions", Transition.from_json),
            key=_json.maybe_text(raw, "key"),
            campaign=_json.maybe_text(raw, "campaign"),
            metadata=raw.get("metadata"),
            submitted_by=_json.maybe_whole(raw, "submitted_by"), if_client_gone=_json.maybe_text(raw, "if_client_gone"),
            simulated=_json.maybe_flag(raw, "simulated"),
            priority=_json.maybe_whole(raw, "priority") or 0,
            sequence=_json.maybe_whole(raw, "sequence"),
            origin=_json.maybe_text(raw, "origin") or "bench",
            source=_json.maybe_text(raw, "source"),
            data=_json.maybe_text(raw, "data"),
            partial_features=_features(raw, "partial_features"),
            flags=_json.texts(raw, "flags"),
            sample=_json.maybe_object(raw, "sample", Sample.from_json),
            raw=raw)


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of `Client.experiments`; `Client.get` gives the rest."""

    id: str
    state: str
    key: str | None
    campaign: str | None
    submitted_by: int | None
    since: str | None
    temperature_c: float | None
    features: Mapping[str, Feature] | None
    error: ExperimentError | None
    priority: int
    origin: str
    sequence: int | None
    raw: Json = field(repr=False, compare=False)

    @property
    def ended(self) -> bool:
        return self.state in FINAL_STATES

    @classmethod
    def from_json(cls, raw: Json) -> Summary:
        state = _json.text(raw, "state")
        return cls(
            _json.text(raw, "experiment"), state, _json.maybe_text(raw, "key"), _json.maybe_text(raw, "campaign"),
            _json.maybe_whole(raw, "submitted_by"), _json.maybe_text(raw, "since"),
            _json.maybe_number(raw, "temperature_c"),
            _features(raw, "features") if state in RESULT_STATES else None,
            _json.maybe_object(raw, "error", ExperimentError.from_json), _json.maybe_whole(raw, "priority") or 0,
            _json.maybe_text(raw, "origin") or "bench", _json.maybe_whole(raw, "sequence"), raw)


@dataclass(frozen=True, slots=True)
class Result:
    """Features and certificate of an experiment that is done."""

    id: str
    executed: Recipe
    measured: Measured | None
    features: Mapping[str, Feature]
    certificate: Certificate | None
    simulated: bool | None
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Result:
        return cls(
            _json.text(raw, "experiment"), recipe_from_json(_json.members(raw.get("executed"), "executed")),
            _json.maybe_object(raw, "measured", Measured.from_json), _json.table(raw, "features", Feature.from_json),
            _json.maybe_object(raw, "certificate", Certificate.from_json), _json.maybe_flag(raw, "simulated"), raw)


@dataclass(frozen=True, slots=True)
class ExperimentState:
    """The answer to a cancel, hold, release, abandon or attach."""

    id: str
    state: str
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> ExperimentState:
        return cls(_json.text(raw, "experiment"), _json.text(raw, "state"), raw)


@dataclass(frozen=True, slots=True)
class Campaign:
    """A series of experiments. A campaign that was just created has its id only; `Client.campaign` gives the rest."""

    id: str
    name: str | None
    key: str | None
    metadata: Any
    created: str | None
    created_by: int | None
    states: Mapping[str, int]
    """Number of experiments by state."""
    raw: Json = field(repr=False, compare=False)

    @classmethod
    def from_json(cls, raw: Json) -> Campaign:
        return cls(
            _json.text(raw, "campaign"), _json.maybe_text(raw, "name"), _json.maybe_text(raw, "key"),
            raw.get("metadata"), _json.maybe_text(raw, "created"), _json.maybe_whole(raw, "created_by"),
            _json.counts(raw, "states"), raw)


ExperimentLike = str | Experiment | Summary | Result | Submitted | ExperimentState
"""An experiment, or its id."""
CampaignLike = str | Campaign
"""A campaign, or its id."""


def id_of(thing: ExperimentLike | CampaignLike) -> str:
    return thing if isinstance(thing, str) else thing.id

"""What an optimizer knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ._experiments import Experiment


class Dataset:
    """Experiments that have ended, each as it was told last: one that is abandoned later loses its result here too.

        data = flowlab.Dataset(client.results(campaign=campaign))
        …
        data.update(client.results(since=data.since, campaign=campaign))
    """

    def __init__(self, experiments: Iterable[Experiment] = ()) -> None:
        self._experiments: dict[str, Experiment] = {}
        self.since = 0
        """Up to which sequence all is known."""
        self.update(experiments)

    def update(self, results: Iterable[Experiment]) -> None:
        """Takes what `Client.results` gives from `since` on."""
        for experiment in results:
            self.add(experiment)
            self.since = max(self.since, experiment.sequence or 0)

    def add(self, experiment: Experiment) -> None:
        """Takes one experiment, and says nothing of others that ended before it: `since` stays."""
        known = self._experiments.get(experiment.id)
        if known is None or (known.sequence or 0) <= (experiment.sequence or 0):
            self._experiments[experiment.id] = experiment

    def __len__(self) -> int:
        """With those that have no result."""
        return len(self._experiments)

    def __iter__(self) -> Iterator[Experiment]:
        return iter(self._experiments.values())

    def __contains__(self, experiment: object) -> bool:
        return (experiment.id if isinstance(experiment, Experiment) else experiment) in self._experiments

    def measured(self, feature: str) -> list[tuple[Experiment, float]]:
        """Those that have the feature, with its mean, in the order in which they were told."""
        found = ((experiment, experiment.mean(feature)) for experiment in self)
        return [(experiment, mean) for experiment, mean in found if mean is not None]

    def best(self, feature: str) -> Experiment | None:
        """The one with the largest mean; None when nothing was measured."""
        measured = self.measured(feature)
        return max(measured, key=lambda pair: pair[1])[0] if measured else None

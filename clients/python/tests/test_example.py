"""The optimizer of `examples`, and what the documents show."""

from __future__ import annotations

import os
import re
import subprocess
import unittest
from typing import Any
from unittest import mock

import flowlab

from .contract_peer import ContractPeer
from .support import ROOT, SharedBench, run_python

OPTIMIZER = str(ROOT / "examples" / "optimizer.py")


def optimize(path: str, experiments: int, timeout_s: float = 60.0) -> str:
    ran = run_python(OPTIMIZER, str(experiments), FLOWLAB_SOCKET=path, timeout_s=timeout_s)
    if ran.returncode != 0:
        raise AssertionError(f"exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
    return ran.stdout


class OptimizerTests(unittest.TestCase):
    def setUp(self) -> None:
        self.daemon = ContractPeer(is_instant=True)
        self.addCleanup(self.daemon.peer.close)

    def means(self) -> list[float]:
        return [each["features"]["pl_peak"]["mean"] for each in self.daemon.experiments.values()]

    def test_it_climbs_and_goes_on_where_it_stopped(self) -> None:
        path = self.daemon.peer.path
        self.assertIn("0 of 8 experiments", optimize(path, 8))
        self.assertEqual(len(self.daemon.experiments), 8)
        self.assertIn("8 of 60 experiments", optimize(path, 60))
        means = self.means()
        self.assertEqual(len(means), 60)
        self.assertGreater(max(means), 1.1 * max(means[:6]), "better than the first points")
        self.assertGreater(max(means), 0.9 * 40_000)

    def test_stopped_or_not_it_asks_for_the_same(self) -> None:
        optimize(self.daemon.peer.path, 12)
        other = ContractPeer(is_instant=True)
        self.addCleanup(other.peer.close)
        for experiments in (4, 12):
            optimize(other.peer.path, experiments)
        self.assertEqual(
            [each["recipe"] for each in self.daemon.experiments.values()],
            [each["recipe"] for each in other.experiments.values()])

    def test_what_an_earlier_run_asked_for_is_waited_for(self) -> None:
        self.daemon.is_instant = False
        with flowlab.Client(self.daemon.peer.path) as client:
            campaign = client.create_campaign("optimizer.py", key="optimizer.py")
            client.submit(flowlab.Box.of(client.schema().box, [0.5] * 7), campaign=campaign)
        self.daemon.is_instant = True
        self.daemon.ends_when_waited_for = "failed"
        self.assertIn("1 of 1 experiments", optimize(self.daemon.peer.path, 1))
        self.assertEqual(self.daemon.peer.methods().count("experiments.wait"), 1)
        self.assertEqual(len(self.daemon.experiments), 1)

    def test_what_failed_is_no_point_and_no_end(self) -> None:
        self.daemon.fails = {2, 5}
        optimize(self.daemon.peer.path, 9)
        states = [each["state"] for each in self.daemon.experiments.values()]
        self.assertEqual((len(states), states.count("failed")), (9, 2))

    def test_it_runs_on_the_simulated_bench(self) -> None:
        path = SharedBench.get().path
        optimize(path, 1)
        self.assertIn("1 of 2 experiments", optimize(path, 2))
        with flowlab.Client(path) as client:
            campaign = client.create_campaign("optimizer.py", key="optimizer.py")
            found = list(client.results(campaign=campaign))
        self.assertEqual([experiment.state for experiment in found], ["done"] * 2)


def blocks(document: str, language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", (ROOT / document).read_text())


class DocumentTests(unittest.TestCase):
    def shown(self, document: str) -> dict[str, Any]:
        """What is left after its Python blocks, run one after another against the daemon."""
        names: dict[str, Any] = {"__name__": document}
        with mock.patch.dict(os.environ, FLOWLAB_SOCKET=SharedBench.get().path), mock.patch("builtins.print"):
            for number, block in enumerate(blocks(document, "python")):
                with self.subTest(document, block=number):
                    exec(compile(block, f"{document}, block {number}", "exec"), names)
        names["client"].close()
        return names

    def test_what_the_readme_shows_runs(self) -> None:
        self.assertGreater(len(blocks("clients/python/README.md", "python")), 4)
        names = self.shown("clients/python/README.md")
        self.assertEqual((len(names["train_x"]), len(names["train_y"]), names["pending"]), (1, 1, []))

    def test_what_the_description_of_the_api_shows_runs(self) -> None:
        names = self.shown("docs/api.md")
        self.assertEqual((names["experiment"].id, names["experiment"].state), (names["submitted"].id, "done"))

    def test_its_command_runs_the_optimizer(self) -> None:
        commands = [each for each in blocks("docs/api.md", "sh") if "optimizer.py" in each]
        self.assertEqual(len(commands), 1)
        shown = re.sub(r"FLOWLAB_SOCKET=\S+ ", "", commands[0])
        self.assertRegex(shown, r" 30\n$")
        daemon = ContractPeer(is_instant=True)
        self.addCleanup(daemon.peer.close)
        ran = subprocess.run(
            ["bash", "-ec", shown], cwd=ROOT, env={**os.environ, "FLOWLAB_SOCKET": daemon.peer.path},
            capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((ran.returncode, len(daemon.experiments)), (0, 30), ran.stderr)


if __name__ == "__main__":
    unittest.main()

"""Several client processes at once, and one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import unittest

import flowlab

from .support import RECIPE, ROOT, SharedBench, wait_until

PROGRAM = f"""
import sys, flowlab
recipe = flowlab.{RECIPE!r}
with flowlab.Client() as client, client.events("experiments") as events:
    print("connected", flush=True)
    sys.stdin.readline()
    submitted = [client.submit(recipe, key=key, campaign=sys.argv[1]) for key in sys.argv[2:]]
    print(*(each.id for each in submitted), flush=True)
    print(client.wait(submitted[-1]).state, flush=True)
"""


class Process:
    """A client of its own, of the same uid: it connects, submits when told to, and waits for the last one."""

    def __init__(self, case: unittest.TestCase, path: str, campaign: str, *keys: str) -> None:
        environment = os.environ | {"FLOWLAB_SOCKET": path, "PYTHONPATH": str(ROOT / "clients" / "python")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, campaign, *keys], env=environment, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        case.addCleanup(self.process.communicate)
        case.addCleanup(self.process.kill)

    def read(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()


class ProcessTests(unittest.TestCase):
    def setUp(self) -> None:
        self.path = SharedBench.get().path
        self.client = flowlab.Client(self.path)
        self.addCleanup(self.client.close)
        self.campaign = self.client.create_campaign(self.id())

    def started(self, *keys: str) -> Process:
        return Process(self, self.path, self.campaign.id, *keys)

    def ids(self) -> list[str]:
        return [each.id for each in self.client.experiments()]

    def test_three_processes_with_one_key_get_the_first_ones_experiment(self) -> None:
        before = self.ids()
        processes = [self.started("the same key") for _ in range(3)]
        self.assertEqual([process.read() for process in processes], [["connected"]] * 3)
        for process in processes:
            process.go()
        told = [process.read() for process in processes]
        made = self.ids()[len(before):]
        self.assertEqual(len(made), 1, "one experiment in the list")
        self.assertEqual(told, [made] * 3)
        self.client.cancel(made[0])
        self.assertEqual([process.read() for process in processes], [["cancelled"]] * 3)

    def test_a_process_that_is_killed_changes_nothing_for_the_queue(self) -> None:
        victim = self.started("killed-1", "killed-2")
        self.assertEqual(victim.read(), ["connected"])
        victim.go()
        first, second = victim.read()
        wait_until("the first one to run", lambda: self.client.get(first).state not in ("queued", "done"))
        victim.process.kill()
        self.assertEqual(victim.process.wait(), -signal.SIGKILL)
        self.assertEqual(self.client.status().queue, (second,), "it still waits for its turn")
        try:
            ended = [self.client.wait(number, timeout_s=60) for number in (first, second)]
        except flowlab.Timeout as late:
            self.fail(f"{late}\nheld because: {self.client.status().held_because}\n{SharedBench.get().log()}")
        self.assertEqual([(each.state, each.error) for each in ended], [("done", None)] * 2)
        self.assertTrue(all(each.mean("pl_peak") for each in ended))
        self.assertEqual([each.id for each in self.client.results(campaign=self.campaign)], [first, second])
        again = self.client.submit(RECIPE, key="killed-2", campaign=self.campaign)
        self.assertEqual((again.id, again.state), (second, "done"), "who comes back gets what was asked for")


if __name__ == "__main__":
    unittest.main()

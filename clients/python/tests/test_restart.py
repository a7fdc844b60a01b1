"""The daemon is killed and started again while clients wait and listen."""

from __future__ import annotations

import signal
import unittest
from typing import Any

import flowlab

from .both import Face
from .support import RECIPE, Background, Bench, wait_until


class RestartTests(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.addCleanup(self.bench.close)
        self.bench.until_ready()
        options: dict[str, Any] = {"reconnect_s": 30.0, "timeout_s": 30.0}
        self.threads = flowlab.Client(self.bench.path, **options)
        self.addCleanup(self.threads.close)
        self.asyncio = Face(self.bench.path, **options)
        self.addCleanup(self.asyncio.end)
        self.clients: tuple[Any, Any] = (self.threads, self.asyncio)

    def test_waits_subscriptions_and_submits_go_on_after_a_kill(self) -> None:
        running, queued = (self.threads.submit(RECIPE, key=f"k-{number}") for number in range(2))
        subscriptions = [client.events("experiments", "interlocks") for client in self.clients]
        for events in subscriptions:
            self.addCleanup(events.close)
        wait_until("the first one to flow", lambda: self.threads.get(running).state in ("flowing", "settling"))
        waits = [Background(client.wait, queued) for client in self.clients]
        first_waits = [Background(client.wait, running) for client in self.clients]
        heard = [Background(self.listen, events, queued.id) for events in subscriptions]

        self.bench.kill_daemon(signal.SIGKILL)
        again = [Background(client.submit, RECIPE, key="k-1") for client in self.clients]
        self.bench.start_daemon()

        self.assertEqual({each.result(40).id for each in again}, {queued.id}, "sent again, it is the same")
        for each in first_waits:
            self.assertEqual(each.result(40).state, "interrupted")
        self.release()
        for each in waits:
            done = each.result(60)
            self.assertEqual((done.id, done.state), (queued.id, "done"), done.error)
        for each in heard:
            self.check_heard(each.result(30), queued.id)

    def release(self) -> None:
        """The unclean end holds the bench until somebody has looked; first let there be something to look at."""
        wait_until("the devices", lambda: self.threads.status().devices == {"ready": 12})
        wait_until("the interlocks' inputs", lambda: all(
            interlock.state in ("armed", "latched") for interlock in self.threads.interlocks()))

        def reset() -> bool:
            try:
                self.threads.reset_interlock("unclean-end")
            except flowlab.ResetRefused:
                return False  # a device is not proven safe yet
            return True

        wait_until("the reset", reset, 40)

    @staticmethod
    def listen(events: Any, experiment: str) -> list[flowlab.StreamItem]:
        items: list[flowlab.StreamItem] = []
        for item in events:
            items.append(item)
            if isinstance(item, flowlab.Event) and item.data.get("experiment") == experiment \
                    and item.data["state"] == "done":
                return items
        return items

    def check_heard(self, items: list[flowlab.StreamItem], experiment: str) -> None:
        changes = [index for index, item in enumerate(items) if isinstance(item, flowlab.StreamChanged)]
        self.assertEqual(len(changes), 1, items)
        changed = items[changes[0]]
        assert isinstance(changed, flowlab.StreamChanged)
        self.assertGreater(changed.away_s or 0, 0)
        after = [item for item in items[changes[0] + 1:] if isinstance(item, flowlab.Event)]
        self.assertEqual(len({item.stream for item in after}), 1)
        self.assertEqual(sorted(item.seq for item in after), [item.seq for item in after])
        states = [item.data["state"] for item in after if item.data.get("experiment") == experiment]
        self.assertEqual(states, ["heating", "flowing", "settling", "measuring", "done"])
        self.assertIn("interrupted", [item.data.get("state") for item in after], "what happened before we were back")


class OutlivingSocketTests(unittest.TestCase):
    """Behind a socket that outlives the daemon a connection never fails: it waits."""

    def setUp(self) -> None:
        self.bench = Bench(has_door=True)
        self.addCleanup(self.bench.close)
        self.bench.until_ready()
        self.threads = flowlab.Client(self.bench.path, reconnect_s=30.0, timeout_s=30.0)
        self.addCleanup(self.threads.close)
        self.asyncio = Face(self.bench.path, reconnect_s=30.0, timeout_s=30.0)
        self.addCleanup(self.asyncio.end)
        self.clients: tuple[Any, Any] = (self.threads, self.asyncio)

    def test_a_restart_is_a_pause(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number.name):
                self.restart(number.name, number)

    @staticmethod
    def until_changed(events: Any) -> flowlab.StreamChanged:
        """Behind what the former daemon said at its end."""
        while not isinstance(item := events.next(30), flowlab.StreamChanged):
            pass
        return item

    def restart(self, name: str, number: int) -> None:
        self.threads.submit(RECIPE, key=f"{name}-first")  # the others wait for it
        waiting = [client.submit(RECIPE, key=f"{name}-{index}") for index, client in enumerate(self.clients)]
        for client, submitted in zip(self.clients, waiting, strict=True):
            client.hold(submitted)
        subscriptions = [client.events("experiments") for client in self.clients]
        for events in subscriptions:
            self.addCleanup(events.close)

        self.bench.kill_daemon(number)
        looks = [Background(client.status) for client in self.clients]
        releases = [
            Background(client.release, submitted) for client, submitted in zip(self.clients, waiting, strict=True)]
        submits = [Background(client.submit, RECIPE, key=f"{name}-0") for client in self.clients]
        listening = [Background(self.until_changed, events) for events in subscriptions]
        self.bench.start_daemon()

        for look in looks:
            self.assertEqual(look.result(40).bench, "nanocrystal")
        for release in releases:
            release.result(40)  # not sent before the new daemon has said hello, so once
        self.assertEqual({each.result(40).id for each in submits}, {waiting[0].id})
        for each in listening:
            self.assertGreater(each.result(40).away_s, 0)
        asked = [entry.detail for entry in self.threads.audit(method="experiments.release")]
        for submitted in waiting:
            self.assertEqual(sum(submitted.id in detail for detail in asked), 1, asked)
        for submitted in waiting:
            self.threads.cancel(submitted)


if __name__ == "__main__":
    unittest.main()

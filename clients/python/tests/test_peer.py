"""Both clients against a peer that says what the test tells it to: order, loss, hostility."""

from __future__ import annotations

import json
import os
import socket
import struct
import tempfile
import threading
import unittest
from typing import Any

import flowlab
from flowlab._protocol import LINE_BYTES

from .both import BothCase
from .support import HELLO, RECIPE, Background, Connection, Peer, record, wait_until

Request = dict[str, Any]


class Scenarios(BothCase):
    def peer(self, handle: Any, **options: Any) -> Peer:
        peer = Peer(handle, **options)
        self.addCleanup(peer.close)
        return peer


class OrderScenarios(Scenarios):
    def test_answers_out_of_order_reach_those_who_asked(self) -> None:
        held: list[tuple[Connection, Request]] = []

        def handle(connection: Connection, request: Request) -> None:
            held.append((connection, request))
            if len(held) == 8:
                for connection, request in reversed(held):
                    connection.answer(request, request["params"])

        client = self.made_client(self.peer(handle).path)
        asked = [Background(client.call, "test.echo", number=number) for number in range(8)]
        self.assertEqual([each.result() for each in asked], [{"number": number} for number in range(8)])

    def test_one_slow_answer_holds_nobody_up(self) -> None:
        slow: list[tuple[Connection, Request]] = []

        def handle(connection: Connection, request: Request) -> None:
            if request["method"] == "test.slow":
                slow.append((connection, request))
            else:
                connection.answer(request, request["params"])

        client = self.made_client(self.peer(handle).path)
        waiting = Background(client.call, "test.slow")
        wait_until("the slow request", lambda: slow)
        for number in range(50):
            self.assertEqual(client.call("test.echo", number=number), {"number": number})
        slow[0][0].answer(slow[0][1], "late")
        self.assertEqual(waiting.result(), "late")

    def test_many_threads_share_one_connection(self) -> None:
        peer = self.peer(lambda connection, request: connection.answer(request, request["params"]))
        client = self.made_client(peer.path)

        def ask(thread: int) -> int:
            return sum(client.call("test.echo", n=thread * 1000 + i)["n"] == thread * 1000 + i for i in range(100))

        self.assertEqual([each.result() for each in [Background(ask, thread) for thread in range(12)]], [100] * 12)
        self.assertEqual(peer.connected, 1)

    def test_an_answer_after_its_time_out_is_nobodys(self) -> None:
        late: list[tuple[Connection, Request]] = []

        def handle(connection: Connection, request: Request) -> None:
            if request["method"] == "test.late":
                late.append((connection, request))
                return
            for waiting in late:
                waiting[0].answer(waiting[1], "late")
            connection.answer(request, "mine")

        peer = self.peer(handle)
        client = self.made_client(peer.path, timeout_s=0.3)
        with self.assertRaises(flowlab.Timeout) as caught:
            client.call("test.late")
        self.assertIsInstance(caught.exception, TimeoutError)
        self.assertEqual(client.call("test.now"), "mine")
        self.assertEqual(peer.connected, 1, "the connection is kept")

    def test_a_line_of_a_mebibyte_is_read_whole(self) -> None:
        text = "x" * (LINE_BYTES - 200)
        client = self.made_client(self.peer(lambda connection, request: connection.answer(request, text)).path)
        self.assertEqual(client.call("test.long"), text)

    def test_a_long_request_arrives_whole(self) -> None:
        text = "y" * (LINE_BYTES - 200)
        peer = self.peer(lambda connection, request: connection.answer(request, len(request["params"]["text"])))
        self.assertEqual(self.made_client(peer.path).call("test.long", text=text), len(text))


class LossScenarios(Scenarios):
    def restarting(self, method: str) -> Peer:
        """Loses every connection at the first request of that method, unanswered."""
        seen: list[str] = []

        def handle(connection: Connection, request: Request) -> None:
            seen.append(request["method"])
            if request["method"] == method and seen.count(method) == 1:
                connection.close()
            else:
                connection.answer(request, {"experiment": "e-000001", "state": "queued", "position": 1})

        return self.peer(handle)

    def test_what_only_looks_is_repeated(self) -> None:
        peer = self.restarting("signals.list")
        self.made_client(peer.path).call("signals.list")
        self.assertEqual(peer.methods(), ["signals.list"] * 2)
        self.assertEqual(peer.connected, 2)

    def test_a_submit_is_repeated_under_the_key_that_was_made_up(self) -> None:
        peer = self.restarting("experiments.submit")
        submitted = self.made_client(peer.path).submit(RECIPE)
        keys = [request["params"]["key"] for request in peer.requests]
        self.assertEqual(len(keys), 2)
        self.assertEqual(keys, [submitted.key] * 2)

    def test_a_submit_by_call_has_a_key_too(self) -> None:
        peer = self.restarting("experiments.submit")
        self.made_client(peer.path).call("experiments.submit", recipe=RECIPE)
        keys = {request["params"]["key"] for request in peer.requests}
        self.assertEqual((len(peer.requests), len(keys)), (2, 1))

    def test_each_submit_has_a_key_of_its_own(self) -> None:
        client = self.made_client(self.restarting("none").path)
        self.assertNotEqual(client.submit(RECIPE).key, client.submit(RECIPE).key)

    def test_another_change_is_not_repeated_and_says_so(self) -> None:
        peer = self.restarting("experiments.cancel")
        client = self.made_client(peer.path)
        with self.assertRaises(flowlab.ConnectionLost) as caught:
            client.cancel("e-000001")
        self.assertTrue(caught.exception.outcome_unknown)
        self.assertIn("experiments.get", str(caught.exception))
        self.assertEqual(peer.methods(), ["experiments.cancel"])
        self.assertEqual(client.call("system.status")["state"], "queued", "the client goes on")

    def test_a_stop_is_told_again(self) -> None:
        peer = self.restarting("safe_state.trigger")
        self.made_client(peer.path).call("safe_state.trigger", reason="smell")
        self.assertEqual(peer.methods(), ["safe_state.trigger"] * 2)

    def test_a_change_goes_out_once_after_a_restart_that_nobody_saw(self) -> None:
        peer = self.restarting("none")
        client = self.made_client(peer.path)
        client.call("system.status")
        peer.stop()
        peer.start()
        client.cancel("e-000001")
        self.assertEqual(peer.methods(), ["system.status", "experiments.cancel"])

    def test_a_daemon_that_stays_away_is_given_up_within_bounds(self) -> None:
        peer = self.restarting("none")
        client = self.made_client(peer.path, reconnect_s=0.5)
        peer.stop()
        with self.assertRaises(flowlab.ConnectionLost) as caught:
            Background(client.call, "system.status").result(5)
        self.assertFalse(caught.exception.outcome_unknown)
        self.assertIn(peer.path, str(caught.exception))

    def test_a_daemon_that_comes_back_in_time_is_found(self) -> None:
        peer = self.restarting("none")
        client = self.made_client(peer.path)
        peer.stop()
        asked = Background(client.call, "system.status")
        peer.start()
        self.assertEqual(asked.result()["state"], "queued")

    def test_no_daemon_is_told_at_once(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            with self.assertRaises(flowlab.ConnectionLost) as caught:
                Background(self.made_client, f"{directory}/none.sock").result(2)
        self.assertIn("none.sock", str(caught.exception))

    def test_another_bench_behind_the_same_path_is_not_taken(self) -> None:
        names = ["first", "second"]

        def handle(connection: Connection, request: Request) -> None:
            if request["method"] == "system.hello":
                connection.answer(request, {**HELLO, "bench": names.pop(0)})
            else:
                connection.close()

        client = self.made_client(self.peer(handle, greets=False).path)
        with self.assertRaises(flowlab.ProtocolError) as caught:
            client.call("system.status")
        self.assertEqual(caught.exception.kind, "other_bench")

    def test_another_major_version_is_refused(self) -> None:
        peer = self.peer(lambda c, request: c.answer(request, {**HELLO, "api": "2.0.0"}), greets=False)
        with self.assertRaises(flowlab.ProtocolError) as caught:
            self.made_client(peer.path)
        self.assertEqual(caught.exception.kind, "api_version")

    def test_a_closed_client_says_so_to_all_who_wait(self) -> None:
        came = threading.Event()
        client = self.made_client(self.peer(lambda _connection, _request: came.set()).path)
        asked = Background(client.call, "test.never")
        self.assertTrue(came.wait(5))
        client.close()
        with self.assertRaises(flowlab.Closed):
            asked.result(5)
        with self.assertRaises(flowlab.Closed):
            client.call("system.status")


class HostileScenarios(Scenarios):
    def hostile(self, data: bytes, closes: bool = False) -> flowlab.ProtocolError:
        """What a client says that gets these bytes in place of an answer; the peer must then still be usable."""
        attacked: list[int] = []

        def handle(connection: Connection, request: Request) -> None:
            if request["method"] != "signals.list":
                connection.answer(request, "fine")
                return
            attacked.append(1)
            connection.send(data)
            if closes:
                connection.close()

        client = self.made_client(self.peer(handle).path, reconnect_s=0.3)
        try:
            with self.assertRaises(flowlab.ConnectionLost) as caught:
                Background(client.call, "signals.list").result(10)
            self.assertEqual(client.call("system.status"), "fine", "the client goes on")
            self.assertLess(len(attacked), 12)
        finally:
            client.close()
        self.assertIsInstance(caught.exception, flowlab.ConnectionLost)
        return caught.exception  # type: ignore[return-value]

    def test_garbage_is_no_answer(self) -> None:
        for data in (b"garbage\n", b"\x00\xff\xfe\n", b"[]\n", b"null\n", b'{"jsonrpc":"2.0","id":2}\n',
                     b'{"jsonrpc":"2.0","id":99,"result":1}\n', b'{"jsonrpc":"2.0","id":2,"result":NaN}\n',
                     b'{"a":' * 50_000 + b"\n"):
            with self.subTest(data[:40]):
                error = self.hostile(data)
                self.assertIsInstance(error, flowlab.ProtocolError)
                self.assertIn("flowlabd", str(error))

    def test_a_line_that_is_too_long_is_no_answer(self) -> None:
        self.assertIsInstance(self.hostile(b"x" * (LINE_BYTES + 1)), flowlab.ProtocolError)

    def test_half_a_line_is_no_answer(self) -> None:
        self.assertNotIsInstance(
            self.hostile(b'{"jsonrpc":"2.0","id":2,"result":1}', closes=True), flowlab.ProtocolError)

    def test_half_a_line_and_silence_end_with_the_time_out(self) -> None:
        peer = self.peer(lambda connection, _request: connection.send(b'{"jsonrpc":"2.0",'))
        with self.assertRaises(flowlab.Timeout):
            self.made_client(peer.path, timeout_s=0.3).call("signals.list")

    def test_an_answer_in_single_bytes_is_one(self) -> None:
        def handle(connection: Connection, request: Request) -> None:
            for byte in json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": "whole"}).encode() + b"\n":
                connection.send(bytes([byte]))

        self.assertEqual(self.made_client(self.peer(handle).path).call("test.slow"), "whole")

    def test_an_answer_before_the_close_counts(self) -> None:
        def handle(connection: Connection, request: Request) -> None:
            connection.answer(request, "last words")
            connection.close()

        self.assertEqual(self.made_client(self.peer(handle).path).call("interlocks.reset"), "last words")

    def test_shapes_of_another_api_are_protocol_errors(self) -> None:
        told: list[Any] = [None, [], "text", {"experiment": 5}, {"experiment": "e-000001", "state": "done"}]
        client = self.made_client(self.peer(lambda c, request: c.answer(request, told[0])).path)
        for _ in range(len(told)):
            with self.subTest(told[0]), self.assertRaises(flowlab.ProtocolError):
                client.get("e-000001")
            told.append(told.pop(0))

    def test_pages_that_never_end_are_noticed(self) -> None:
        client = self.made_client(self.peer(
            lambda c, request: c.answer(request, {"experiments": [], "next": "e-000001"})).path)
        with self.assertRaises(flowlab.ProtocolError):
            list(client.experiments(after="e-000001"))
        client = self.made_client(self.peer(
            lambda c, request: c.answer(request, {"results": [], "next": 3, "more": True})).path)
        with self.assertRaises(flowlab.ProtocolError):
            list(client.results(since=3))

    def test_a_wait_that_is_answered_too_early_does_not_spin(self) -> None:
        peer = self.peer(lambda c, request: c.answer(request, record(1, "heating")))
        client = self.made_client(peer.path)
        with self.assertRaises(flowlab.Timeout) as caught:
            client.wait("e-000001", timeout_s=1.0)
        self.assertEqual(caught.exception.experiment.state, "heating")  # type: ignore[union-attr]
        self.assertLess(len(peer.requests), 10)

    def test_a_peer_that_takes_nothing_ends_with_the_time_out(self) -> None:
        stuck = threading.Event()
        peer = self.peer(lambda _connection, _request: stuck.wait(20) and None)
        self.addCleanup(stuck.set)
        client = self.made_client(peer.path, timeout_s=0.5)
        with self.assertRaises(flowlab.Timeout):
            client.call("test.first")
        with self.assertRaises((flowlab.Timeout, flowlab.ConnectionLost)):
            for _ in range(8):
                client.call("test.long", text="x" * (LINE_BYTES - 200))

    def test_who_is_too_many_is_told_so(self) -> None:
        error = {"code": -32000, "message": "full", "data": {"kind": "busy", "detail": "128 clients are connected"}}
        peer = self.peer(lambda c, _request: c.line({"jsonrpc": "2.0", "id": None, "error": error}), greets=False)
        with self.assertRaises(flowlab.ConnectionLost) as caught:
            self.made_client(peer.path)
        self.assertIn("128 clients", str(caught.exception))

    def test_a_subscription_is_not_made_on_the_shared_connection(self) -> None:
        client = self.made_client(self.peer(lambda c, request: c.answer(request, {})).path)
        with self.assertRaises(flowlab.FlowlabError) as caught:
            client.call("events.subscribe", topics=["experiments"])
        self.assertEqual(caught.exception.kind, "use_events")


class EventPeer:
    """Tells events of a stream that a test writes."""

    def __init__(self) -> None:
        self.stream = "one"
        self.next = 10
        self.asked: list[Request] = []
        self.connections: list[Connection] = []

    def handle(self, connection: Connection, request: Request) -> None:
        self.asked.append(request["params"])
        self.connections.append(connection)
        connection.answer(request, {"stream": self.stream, "next": self.next})

    def tell(self, seq: int, data: Any = None, topic: str = "experiments") -> None:
        self.connections[-1].event(self.stream, seq, topic, data if data is not None else {"n": seq})


class EventScenarios(Scenarios):
    def setUp(self) -> None:
        self.told = EventPeer()
        self.server = self.peer(self.told.handle)
        self.eager = self.made_client(self.server.path)

    def subscribed(self, **options: Any) -> Any:
        events = self.eager.events("experiments", **options)
        self.addCleanup(events.close)
        return events

    def test_events_come_in_order_and_once(self) -> None:
        events = self.subscribed()
        self.assertEqual(events.position, ("one", 9))
        for seq in (10, 13, 13, 11, 14):
            self.told.tell(seq)
        self.assertEqual([events.next(5).seq for _ in range(3)], [10, 13, 14])
        self.assertEqual(events.position, ("one", 14))
        with self.assertRaises(flowlab.Timeout):
            events.next(0.1)

    def test_it_goes_on_after_the_last_event_when_the_connection_was_lost(self) -> None:
        events = self.subscribed()
        self.told.tell(12)
        events.next(5)
        self.server.drop_all()
        following = Background(events.next, 10)
        wait_until("the new subscription", lambda: len(self.told.asked) == 2)
        self.told.tell(15)
        self.assertEqual(following.result().seq, 15)
        self.assertEqual(self.told.asked, [
            {"topics": ["experiments"]}, {"topics": ["experiments"], "from": 13, "stream": "one"}])

    def test_a_new_stream_is_told_before_what_it_holds(self) -> None:
        events = self.subscribed()
        self.told.tell(12)
        events.next(5)
        self.server.stop()
        self.told.stream, self.told.next = "two", 3
        self.server.start()
        changed = Background(events.next, 10).result()
        self.assertEqual(changed, flowlab.StreamChanged(flowlab.Position("one", 12), "two"))
        for seq in (1, 2):
            self.told.tell(seq)
        self.assertEqual([events.next(5).seq for _ in range(2)], [1, 2])
        self.assertEqual(events.position, ("two", 2))

    def test_a_gap_is_an_item_told_once_and_hides_nothing(self) -> None:
        events = self.subscribed()
        self.told.tell(300, {"kind": "signals", "from": 20, "to": 300}, "gap")
        self.told.tell(25)
        self.told.tell(300, {"kind": "signals", "from": 26, "to": 300}, "gap")
        self.told.tell(400, {"kind": "all", "from": 301, "to": 400}, "gap")
        self.told.tell(350)
        self.told.tell(401)
        items = [events.next(5) for _ in range(4)]
        self.assertEqual(items[0], flowlab.Gap("one", "signals", 20, 300))
        self.assertEqual(items[2], flowlab.Gap("one", "all", 301, 400))
        self.assertEqual([items[1].seq, items[3].seq], [25, 401])

    def test_it_resumes_from_what_another_process_kept(self) -> None:
        self.subscribed(after=("one", 41))
        event = flowlab.Event("one", 7, "experiments", "", None, {}, {})
        self.subscribed(after=event)
        self.assertEqual([asked.get("from") for asked in self.told.asked], [42, 8])

    def test_events_that_lie_are_protocol_errors(self) -> None:
        events = self.subscribed()
        self.told.connections[-1].line({"jsonrpc": "2.0", "method": "event", "params": {"seq": "x"}})
        with self.assertRaises(flowlab.ProtocolError):
            events.next(5)

    def test_a_peer_that_drops_every_subscription_is_given_up(self) -> None:
        def handle(connection: Connection, request: Request) -> None:
            connection.answer(request, {"stream": "one", "next": 1})
            connection.close()

        client = self.made_client(self.peer(handle).path, reconnect_s=0.5)
        events = client.events("experiments")
        self.addCleanup(events.close)
        with self.assertRaises(flowlab.ConnectionLost):
            Background(events.next).result(10)

    def test_closing_ends_the_iteration(self) -> None:
        events = self.subscribed()
        self.told.tell(10)
        got: list[Any] = []
        reading = Background(lambda: [got.append(item) for item in events])
        wait_until("an event", lambda: got)
        events.close()
        reading.result(5)
        other = self.subscribed()
        reading = Background(lambda: list(other))
        self.eager.close()
        reading.result(5)

    def test_a_reader_that_is_slow_lets_the_peer_wait(self) -> None:
        events = self.subscribed()
        # Of sending only: another thread reads from the same socket.
        self.told.connections[-1].stream.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 1, 0))
        told = 0
        with self.assertRaises(BlockingIOError):
            while told < 100_000:
                self.told.tell(10 + told, {"text": "x" * 200})
                told += 1
        self.assertEqual([events.next(5).seq for _ in range(told)], list(range(10, 10 + told)))


def either(*scenarios: type[Scenarios]) -> dict[str, type]:
    """Each scenario for the client for threads and for the one for asyncio."""
    made: dict[str, type] = {}
    for scenario in scenarios:
        for kind, suffix in (("threads", "Threads"), ("asyncio", "Asyncio")):
            name = scenario.__name__.replace("Scenarios", suffix)
            made[name] = type(name, (scenario,), {"kind": kind, "__module__": __name__})
    return made


globals().update(either(OrderScenarios, LossScenarios, HostileScenarios, EventScenarios))
del Scenarios, OrderScenarios, LossScenarios, HostileScenarios, EventScenarios, BothCase


class ThreadTests(unittest.TestCase):
    def test_a_forked_child_has_a_connection_of_its_own(self) -> None:
        peer = Peer(lambda connection, request: connection.answer(request, connection.number))
        self.addCleanup(peer.close)
        client = flowlab.Client(peer.path)
        self.addCleanup(client.close)
        mine = client.call("test.number")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(writing, str(client.call("test.number")).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            theirs = int(pipe.read())
        os.waitpid(child, 0)
        self.assertNotEqual(theirs, mine)
        self.assertEqual(client.call("test.number"), mine)

    def test_the_socket_is_closed_with_the_client(self) -> None:
        gone = threading.Event()
        listener = socket.socket(socket.AF_UNIX)
        with tempfile.TemporaryDirectory() as directory, listener:
            listener.bind(f"{directory}/s")
            listener.listen()

            def serve() -> None:
                stream, _ = listener.accept()
                with stream, stream.makefile("rwb") as lines:
                    request = json.loads(lines.readline())
                    lines.write(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": HELLO}).encode() + b"\n")
                    lines.flush()
                    if not lines.readline():
                        gone.set()

            served = Background(serve)
            with flowlab.Client(f"{directory}/s") as client:
                self.assertEqual(client.greeting.bench, "peer")
            served.result()
        self.assertTrue(gone.is_set())


if __name__ == "__main__":
    unittest.main()

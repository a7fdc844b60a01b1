"""The message layer, without a socket."""

from __future__ import annotations

import json
import random
import unittest
from typing import Any

import flowlab
from flowlab._protocol import LINE_BYTES, LineBuffer, Session, Violation, decode, encode

from .support import run_seed


def line(**members: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", **members}).encode() + b"\n"


class LineTests(unittest.TestCase):
    def test_lines_come_whole_however_the_bytes_are_cut(self) -> None:
        seed = run_seed()
        draw = random.Random(seed)
        wanted = [bytes(draw.choices(b"abc \t", k=draw.randrange(40))) for _ in range(200)]
        data = b"".join(text + b"\n" for text in wanted)
        buffer, got = LineBuffer(), []
        while data:
            cut = draw.randrange(1, 60)
            got += [bytes(found) for found in buffer.feed(data[:cut])]
            data = data[cut:]
        self.assertEqual(got, wanted, f"seed {seed}")

    def test_a_line_may_have_a_mebibyte_with_its_lf_and_no_more(self) -> None:
        buffer = LineBuffer()
        self.assertEqual(len(buffer.feed(b"x" * (LINE_BYTES - 1) + b"\n")), 1)
        self.assertFalse(buffer.is_overfull)
        buffer.feed(b"x" * LINE_BYTES)
        self.assertTrue(buffer.is_overfull)

    def test_what_came_before_a_long_line_is_not_lost(self) -> None:
        buffer = LineBuffer()
        self.assertEqual(buffer.feed(b"good\n" + b"x" * LINE_BYTES + b"\nafter\n"), [b"good"])
        self.assertTrue(buffer.is_overfull)

    def test_a_long_line_in_small_pieces_is_one_line(self) -> None:
        buffer = LineBuffer()
        for _ in range(LINE_BYTES // 64 - 1):
            self.assertEqual(buffer.feed(b"x" * 64), [])
        self.assertEqual(len(buffer.feed(b"\n")[0]), LINE_BYTES - 64)


class EncodeTests(unittest.TestCase):
    def test_what_is_not_json_is_refused_before_it_is_sent(self) -> None:
        endless: list[Any] = []
        endless.append(endless)
        for value in (float("nan"), float("inf"), object(), {1, 2}, "\ud800", endless, {("a",): 1}):
            with self.subTest(type(value).__name__), self.assertRaises(flowlab.InvalidParams) as caught:
                encode(1, "experiments.submit", {"metadata": value})
            self.assertEqual(caught.exception.kind, "invalid_params")
            self.assertIn("experiments.submit", str(caught.exception))

    def test_a_request_longer_than_a_line_is_refused(self) -> None:
        with self.assertRaises(flowlab.TooLarge):
            encode(1, "experiments.submit", {"metadata": "x" * LINE_BYTES})

    def test_scalars_and_arrays_of_other_libraries_become_plain(self) -> None:
        class Scalar:
            def tolist(self) -> float:
                return 0.25

        class Vector:
            def tolist(self) -> list[float]:
                return [1.0, 2.0]

        told = json.loads(encode(1, "m", {"a": Scalar(), "b": Vector()}))["params"]
        self.assertEqual(told, {"a": 0.25, "b": [1.0, 2.0]})

    def test_text_goes_as_utf_8_and_takes_one_line(self) -> None:
        sent = encode(7, "m", {"note": "\u00e9\n\u2028"})
        self.assertEqual(sent.count(b"\n"), 1)
        self.assertEqual(json.loads(sent), {"jsonrpc": "2.0", "id": 7, "method": "m", "params": {"note": "\u00e9\n\u2028"}})


class DecodeTests(unittest.TestCase):
    def test_only_objects_of_strict_json_are_lines(self) -> None:
        for data in (b"garbage", b"[1]", b"1", b'"x"', b"null", b'{"a":NaN}', b'{"a":Infinity}', b"\xff\xfe", b"{} {}",
                     b'{"a":' + b"[" * 100_000, b'{"a":1', b"\x00"):
            with self.subTest(data[:16]), self.assertRaises(Violation):
                decode(data)
        self.assertEqual(decode(b' {"a":1}\r'), {"a": 1})


class SessionTests(unittest.TestCase):
    def setUp(self) -> None:
        self.session: Session[str] = Session()
        for token in "abc":
            self.session.request(token, f"method.{token}", {})

    def test_answers_are_matched_in_any_order(self) -> None:
        received = self.session.receive(
            line(id=3, result="C") + line(id=1, result="A") + line(id=2, error={"code": -32000, "message": "no"}))
        self.assertEqual([token for token, _ in received.answers], ["c", "a", "b"])
        self.assertEqual(received.answers[0][1].take(), "C")
        with self.assertRaises(flowlab.DaemonError) as caught:
            received.answers[2][1].take()
        self.assertEqual((caught.exception.kind, caught.exception.method), ("unknown", "method.b"))
        self.assertEqual(self.session.waiting, [])

    def test_an_answer_that_nobody_waits_for_any_more_is_dropped(self) -> None:
        self.session.abandon(2)
        received = self.session.receive(line(id=2, result=1) + line(id=1, result=1) + line(id=1, result=2))
        self.assertEqual([(token, answer.result) for token, answer in received.answers], [("a", 1)])
        self.assertIsNone(received.violation)

    def test_lies_about_answers_are_violations(self) -> None:
        for lie in (line(id=4, result=1), line(id=0, result=1), line(id=-1, result=1), line(id="1", result=1),
                    line(id=True, result=1), line(id=[1], result=1), line(id=1), line(id=1, result=1, error={}),
                    line(id=1, error="no"), line(id=1, error={"data": []}), line(result=1), b"[]\n", b"}\n"):
            with self.subTest(lie):
                session: Session[str] = Session()
                session.request("a", "m", {})
                self.assertIsNotNone(session.receive(lie).violation)

    def test_what_came_before_a_violation_counts(self) -> None:
        received = self.session.receive(line(id=1, result="A") + b"garbage\n" + line(id=2, result="B"))
        self.assertEqual([token for token, _ in received.answers], ["a"])
        self.assertIsNotNone(received.violation)

    def test_an_error_without_an_id_is_about_the_connection(self) -> None:
        error = {"code": -32000, "message": "full", "data": {"kind": "busy", "detail": "128 clients"}}
        received = self.session.receive(line(id=None, error=error))
        self.assertIsInstance(received.refusal, flowlab.Busy)

    def test_events_are_told_apart_from_other_notifications(self) -> None:
        received = self.session.receive(line(method="event", params={"seq": 1}) + line(method="later") + b" \n\n")
        self.assertEqual(received.events, [{"seq": 1}])
        self.assertIsNone(received.violation)

    def test_bytes_at_random_are_answers_violations_or_nothing(self) -> None:
        seed = run_seed()
        draw = random.Random(seed)
        good = line(id=1, result={"a": [1, 2.5, "x", None]}) + line(method="event", params={})
        for round_number in range(3000):
            data = bytearray(good)
            for _ in range(draw.randrange(1, 6)):
                data[draw.randrange(len(data))] = draw.randrange(256)
            session: Session[str] = Session()
            session.request("a", "m", {})
            with self.subTest(seed=seed, round=round_number):
                received = session.receive(bytes(data))
                self.assertLessEqual(len(received.answers), 1)


if __name__ == "__main__":
    unittest.main()

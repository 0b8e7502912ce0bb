"""The client against a server that fails in every way there is."""

from __future__ import annotations

import json
import time
from collections import Counter
from email.utils import formatdate

import pytest
from endpoints_asking import ask_all, endpoint, questions

from endpoints.client.cache import ReplyCache
from endpoints.client.exchange import Failure, Reply, Request, Schema
from endpoints.replay import ReceivedRequest, ReplayAnswer, ReplayServer, Script, answers_in_order
from endpoints.settings import Endpoint, Sampling
from records.errors import AnnotationReplyError, ConfigError, EndpointUnavailable

TOO_MANY = ReplayAnswer(status=429)


def first_fails(answer: ReplayAnswer, times: int = 1) -> Script:
    """Each request fails ``times`` times, then gets its own words back."""
    return lambda asked: answer if asked.seen < times else ReplayAnswer(f"re: {asked.text}")


@pytest.mark.parametrize(
    "answer",
    [
        TOO_MANY,
        ReplayAnswer(status=429, headers={"retry-after": "0.05"}),
        ReplayAnswer(status=500),
        ReplayAnswer(status=503, headers={"retry-after-ms": "40"}),
        ReplayAnswer(status=408),
        ReplayAnswer(manner="reset"),
        ReplayAnswer("a long enough completion", manner="cut"),
        ReplayAnswer(raw=b"<html>502 bad gateway, says the proxy</html>"),
        ReplayAnswer(raw=b'{"choices": []}'),
        ReplayAnswer(raw=b'{"choices": [{"message": {"content": ["a", "list"]}}]}'),
        ReplayAnswer(raw=b'{"choices": [{"message": {"content": "unfin'),
        ReplayAnswer(
            raw=b'{"choices": [{"message": {"content": "x"}}], "usage": {"prompt_tokens": 1e999}}'
        ),
        ReplayAnswer(raw=b"[" * 100_000),
    ],
    ids=lambda answer: f"{answer.status}-{answer.manner}-{(answer.raw or b'')[:12].decode()}",
)
def test_what_passes_is_tried_again(answer: ReplayAnswer) -> None:
    with ReplayServer(first_fails(answer)) as server:
        outcomes, report = ask_all(endpoint(server), questions(5))
        assert [reply.text for reply in outcomes] == [f"re: question {n}" for n in range(5)]
        assert all(times == 2 for times in server.digests.values())
    assert report.retries == 5
    assert report.asked == 5


def test_a_server_that_is_not_there_is_named_so() -> None:
    with ReplayServer(answers_in_order([])) as server:
        gone = endpoint(server, tries=1, give_up_after=50)
    outcomes, _ = ask_all(gone, questions(1))
    [failed] = outcomes
    assert isinstance(failed, Failure) and failed.reason == "unavailable"
    assert "no connection: " in failed.detail and "no answer in" not in failed.detail


def test_a_hanging_request_is_cut_and_tried_again() -> None:
    with ReplayServer(first_fails(ReplayAnswer(manner="hang"))) as server:
        outcomes, _ = ask_all(endpoint(server, timeout_s=2.0), questions(3))
    assert [type(outcome) for outcome in outcomes] == [Reply] * 3


def test_endless_white_space_on_the_wire_ends_at_the_size_and_at_the_timeout() -> None:
    with ReplayServer(answers_in_order([ReplayAnswer(manner="drip")])) as server:
        small = endpoint(server, reply_mb=0.02, tries=2, give_up_after=50)
        outcomes, _ = ask_all(small, questions(2))
        slow = endpoint(server, timeout_s=0.2, tries=2, give_up_after=50)
        late, _ = ask_all(slow, questions(2))
    assert [(o.reason, "0.02 MB" in o.detail) for o in outcomes] == [("unavailable", True)] * 2
    assert [(o.reason, "no answer in 0.2 s" in o.detail) for o in late] == [
        ("unavailable", True)
    ] * 2


def test_retry_after_holds_all_requests_back() -> None:
    moments: list[float] = []

    def play(asked: ReceivedRequest) -> ReplayAnswer:
        moments.append(time.monotonic())
        return (
            ReplayAnswer(status=429, headers={"retry-after": "1"})
            if not asked.number
            else ReplayAnswer("x")
        )

    with ReplayServer(play) as server:
        outcomes, report = ask_all(endpoint(server, in_flight=1), questions(3))
    assert all(isinstance(outcome, Reply) for outcome in outcomes)
    assert moments[1] - moments[0] >= 1.0
    assert report.retries == 1


def test_retry_after_may_be_a_date_and_may_not_outlive_the_deadline() -> None:
    date = formatdate(time.time() + 3600, usegmt=True)
    with ReplayServer(
        answers_in_order([ReplayAnswer(status=429, headers={"retry-after": date})])
    ) as server:
        outcomes, _ = ask_all(endpoint(server, deadline_s=1.0, give_up_after=50), questions(1))
    assert outcomes[0].reason == "unavailable"
    assert "after the deadline" in outcomes[0].detail


def test_what_never_passes_is_unavailable_after_the_tries() -> None:
    with ReplayServer(answers_in_order([ReplayAnswer(status=500)])) as server:
        outcomes, report = ask_all(endpoint(server), questions(2))
        assert set(server.digests.values()) == {4}
    assert [outcome.reason for outcome in outcomes] == ["unavailable"] * 2
    assert "4 tries" in outcomes[0].detail and "HTTP 500" in outcomes[0].detail
    assert report.failures == Counter(unavailable=2)


def test_the_deadline_holds_whatever_the_server_does() -> None:
    script = answers_in_order([ReplayAnswer(status=500, delay_s=0.1)])
    with ReplayServer(script) as server:
        slow = endpoint(server, deadline_s=0.5, tries=100, give_up_after=50)
        outcomes, _ = ask_all(slow, questions(3))
    assert all("deadline" in outcome.detail for outcome in outcomes)


def test_the_tail_of_a_shard_ends() -> None:
    def play(asked: ReceivedRequest) -> ReplayAnswer:
        return ReplayAnswer(manner="hang") if "question 7" in asked.text else ReplayAnswer("done")

    with ReplayServer(play) as server:
        # One at a time, so that nothing but the last request is under way in the tail.
        to = endpoint(server, in_flight=1, tail_s=0.3, deadline_s=600, timeout_s=600)
        outcomes, _ = ask_all(to, questions(8))
    assert [isinstance(outcome, Reply) for outcome in outcomes] == [True] * 7 + [False]
    assert "tail" in outcomes[7].detail


def test_a_dead_server_is_an_error_and_not_so_many_lost_rows() -> None:
    with ReplayServer(answers_in_order([""])) as server:
        to = endpoint(server, tries=2, give_up_after=5)
    with pytest.raises(EndpointUnavailable, match="no answer to 5 requests in a row"):
        ask_all(to, questions(8))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (ReplayAnswer(status=400, content="picture too large"), "refused"),
        (ReplayAnswer(status=413), "refused"),
        (ReplayAnswer(status=422), "refused"),
        (ReplayAnswer("I can't", refusal="I will not"), "refused"),
        (ReplayAnswer(None, finish_reason="content_filter"), "refused"),
        (ReplayAnswer('{"errors": [', finish_reason="length"), "truncated"),
        (ReplayAnswer(" \n" * 400, finish_reason="length"), "truncated"),
    ],
)
def test_what_is_lost_has_a_reason_and_is_not_tried_again(
    answer: ReplayAnswer, reason: str
) -> None:
    with ReplayServer(answers_in_order([answer])) as server:
        outcomes, _ = ask_all(endpoint(server), questions(2))
        assert len(server.asked) == 2
    assert [outcome.reason for outcome in outcomes] == [reason] * 2


def test_endless_white_space_is_named() -> None:
    with ReplayServer(
        answers_in_order([ReplayAnswer("\n" * 99, finish_reason="length")])
    ) as server:
        outcomes, _ = ask_all(endpoint(server), questions(1))
    assert "white space" in outcomes[0].detail


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_setting_stops_the_run(status: int) -> None:
    with (
        ReplayServer(answers_in_order([ReplayAnswer(status=status, content="no")])) as server,
        pytest.raises(ConfigError, match="look at"),
    ):
        ask_all(endpoint(server), questions(3))


def odd(text: str) -> None:
    if json.loads(text) % 2 == 0:
        raise AnnotationReplyError("schema_mismatch", "even")


def test_an_unreadable_reply_is_asked_again_with_another_seed() -> None:
    def play(asked: ReceivedRequest) -> ReplayAnswer:
        return ReplayAnswer(str(asked.body["seed"]))

    with ReplayServer(play) as server:
        asked = [Request(("q",), seed=seed) for seed in (2, 5)]
        outcomes, report = ask_all(endpoint(server, reasks=1), asked, read=odd)
        lost, _ = ask_all(endpoint(server), asked[:1], read=odd)
    assert [outcome.text for outcome in outcomes] == ["3", "5"]
    assert report.reasks == 1
    assert isinstance(lost[0], Failure) and lost[0].reason == "schema_mismatch"
    assert lost[0].text == "2"


def test_two_thousand_requests_at_two_hundred_none_lost_none_doubled() -> None:
    def play(asked: ReceivedRequest) -> ReplayAnswer:
        if asked.seen == 0 and asked.number % 7 == 0:
            return ReplayAnswer(status=500 if asked.number % 2 else 429)
        return ReplayAnswer(f"re: {asked.text}", delay_s=0.002)

    with ReplayServer(play) as server:
        to = endpoint(server, in_flight=200, tries=6, timeout_s=120, deadline_s=300)
        outcomes, report = ask_all(to, questions(2000))
        answered = [digest for digest, times in server.digests.items() if times > 2]
        assert len(server.digests) == 2000
        assert server.most_at_once <= 200
    assert [outcome.text for outcome in outcomes] == [f"re: question {n}" for n in range(2000)]
    assert answered == []
    assert (report.usable, report.asked, report.failures.total()) == (2000, 2000, 0)


def test_equal_requests_are_asked_once() -> None:
    with ReplayServer(answers_in_order([ReplayAnswer("one", delay_s=0.05)])) as server:
        outcomes, report = ask_all(endpoint(server), questions(1) * 20)
        assert len(server.asked) == 1
    assert {outcome.text for outcome in outcomes} == {"one"}
    assert (report.asked, report.cached) == (1, 19)


def test_what_was_answered_is_never_asked_again(tmp_path) -> None:
    with ReplayServer(lambda asked: ReplayAnswer(asked.text)) as server:
        with ReplyCache(tmp_path / "replies.sqlite") as cache:
            ask_all(endpoint(server), questions(5), cache)
        with ReplyCache(tmp_path / "replies.sqlite") as cache:
            outcomes, report = ask_all(endpoint(server), questions(8), cache)
            # Another sampling is another question.
            ask_all(endpoint(server), questions(1), cache, sampling=Sampling(temperature=1.0))
        assert len(server.asked) == 9
    assert [outcome.text for outcome in outcomes] == [f"question {n}" for n in range(8)]
    assert (report.asked, report.cached) == (3, 5)


def test_the_budget_stops_before_it_is_passed(tmp_path) -> None:
    sampling = Sampling(max_tokens=20)
    with (
        ReplayServer(
            lambda asked: ReplayAnswer("x", prompt_tokens=10, completion_tokens=20)
        ) as server,
        ReplyCache(tmp_path / "c.sqlite") as cache,
    ):
        to = endpoint(server, max_tokens_total=200, in_flight=4)
        outcomes, _ = ask_all(to, questions(30), cache, sampling=sampling)
        asked = len(server.asked)
        spent = cache.ledger.spent("scripted")
        # A rerun still knows what is spent, and what was answered.
        again, report = ask_all(to, questions(30), cache, sampling=sampling)
        assert len(server.asked) == asked
        more, _ = ask_all(
            endpoint(server, max_tokens_total=2000), questions(30), cache, sampling=sampling
        )
    reasons = Counter(getattr(outcome, "reason", "reply") for outcome in outcomes)
    assert reasons == Counter(reply=asked, over_budget=30 - asked)
    assert asked == 5 or asked == 6
    assert spent.tokens == asked * 30 <= 200
    assert [type(o) for o in again] == [type(o) for o in outcomes] and report.asked == 0
    assert all(isinstance(outcome, Reply) for outcome in more)


def test_the_budget_in_money_counts_both_prices() -> None:
    sampling = Sampling(max_tokens=100)
    with ReplayServer(
        lambda asked: ReplayAnswer("x", prompt_tokens=100, completion_tokens=100)
    ) as server:
        to = endpoint(server, max_cost=0.001, prompt_price=1.0, completion_price=3.0, in_flight=1)
        outcomes, report = ask_all(to, questions(10), sampling=sampling)
    replies = sum(isinstance(outcome, Reply) for outcome in outcomes)
    assert report.cost == pytest.approx(replies * 0.0004) and report.cost <= 0.001
    assert replies == 2
    assert report.to_json()["cost_per_1000"] == pytest.approx(0.08)


def test_requests_keep_their_pace() -> None:
    with ReplayServer(answers_in_order(["x"])) as server:
        started = time.monotonic()
        ask_all(endpoint(server, requests_per_s=20), questions(25))
        assert time.monotonic() - started >= (25 - 1) / 20 - 0.3


def test_tokens_keep_their_pace() -> None:
    with ReplayServer(
        lambda a: ReplayAnswer("x", prompt_tokens=500, completion_tokens=500)
    ) as server:
        started = time.monotonic()
        to = endpoint(server, tokens_per_min=300_000, in_flight=1)
        ask_all(to, questions(6), sampling=Sampling(max_tokens=100))
        # 5,000 tokens a second, 1,000 a request: the estimate was far too low and is corrected.
        assert time.monotonic() - started >= 0.7


def test_what_is_sent(monkeypatch) -> None:
    monkeypatch.setenv("SOME_KEY", "sekret")
    fields = {"zebra": {"type": "integer"}, "ape": {"type": "integer"}}
    schema = Schema("verdict", {"type": "object", "properties": fields})
    request = Request(("look",), system="be exact", schema=schema, seed=7)
    sampling = Sampling(temperature=0.5, top_p=0.9, max_tokens=12, extra={"top_k": 20})
    with ReplayServer(answers_in_order(["{}"])) as server:
        ask_all(endpoint(server, api_key_env="SOME_KEY"), [request], sampling=sampling)
        asked = server.asked[0]
    assert asked.headers["authorization"] == "Bearer sekret"
    assert asked.body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "verdict", "schema": dict(schema.schema), "strict": True},
    }
    # Servers write the fields of an object in the order of its schema.
    sent = asked.body["response_format"]["json_schema"]["schema"]["properties"]
    assert list(sent) == ["zebra", "ape"]
    assert asked.body["messages"][0] == {"role": "system", "content": "be exact"}
    told = {name: asked.body[name] for name in ("seed", "temperature", "top_p", "max_tokens")}
    assert told == {"seed": 7, "temperature": 0.5, "top_p": 0.9, "max_tokens": 12}
    assert asked.body["top_k"] == 20


def test_a_server_that_fails_at_seeds_is_sent_none() -> None:
    with ReplayServer(answers_in_order(["{}"])) as server:
        ask_all(endpoint(server, seeds=False), [Request(("q",), seed=7)])
        assert "seed" not in server.asked[0].body


def test_a_missing_key_names_its_variable(monkeypatch) -> None:
    monkeypatch.delenv("SOME_KEY", raising=False)
    to = Endpoint(base_url="http://127.0.0.1:9/v1", model="m", api_key_env="SOME_KEY")
    with pytest.raises(ConfigError, match="SOME_KEY is not set"):
        ask_all(to, questions(1))


def test_half_a_character_in_a_reply_costs_nothing(tmp_path) -> None:
    """A server that cuts a completion between the halves of an emoji sends what no file can hold."""
    choice = {"message": {"content": "cut \ud83d"}, "finish_reason": "stop"}
    body = json.dumps({"choices": [choice]}).encode()
    refused = ReplayAnswer(status=400, raw=json.dumps({"error": {"message": "no \ud83d"}}).encode())
    with (
        ReplayServer(answers_in_order([ReplayAnswer(raw=body), refused])) as server,
        ReplyCache(tmp_path / "replies.sqlite") as cache,
    ):
        outcomes, _ = ask_all(endpoint(server, in_flight=1), questions(2), cache)
    assert outcomes[0].text == "cut \\ud83d"
    assert outcomes[1].reason == "refused" and "no \\ud83d" in outcomes[1].detail

"""A reply's life: asked for once, read as it comes, stopped from anywhere, kept however it ends."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import DatabaseError, OperationalError
from django.utils import timezone

from accounts import budget, offered
from accounts.models import ProviderKey
from generations.chats.replies import asking, ledger, writing
from generations.chats.replies import desk as desks
from generations.models import Message, ReplyPiece, ReplyState
from generations.models.message import MOST_TOKENS
from studio.database import query
from tests.fake_llm.scripts import answer
from tests.fake_llm.texts import THOUGHTS
from tests.generations.chats.conftest import SECRET, ask, at_work, ended, run, until, write

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick")]


def piece_text(reply: Message) -> str:
    return "".join(ReplyPiece.objects.filter(message=reply, is_reasoning=False).values_list("text", flat=True))


class TestDone:
    @pytest.mark.parametrize("message", ["Hello", "[utf8]", "[huge]", "[whole]", "[nodone]", "[long 20000]"])
    def test_it_is_what_was_sent(self, key, message):
        reply = ask(key, message)
        write(reply)
        assert (reply.state, reply.error) == (ReplyState.DONE, "")
        assert reply.text == answer(message)[0]
        assert not reply.pieces.exists()

    def test_its_facts(self, key):
        reply = ask(key, "[think field]", input_price=Decimal(3), output_price=Decimal(5), cost_unit="USD")
        write(reply)
        assert reply.created_at <= reply.started_at <= reply.first_token_at <= reply.finished_at
        assert reply.finish == "stop"
        assert reply.prompt_tokens > 0
        assert reply.completion_tokens > reply.reasoning_tokens > 0
        assert reply.cost == (reply.prompt_tokens * 3 + reply.completion_tokens * 5) / Decimal(1_000_000)

    def test_the_conversation_before_it_is_sent(self, key, llm):
        reply = ask(key, "Hello")
        reply.conversation.touch(system="Be brief.")
        write(reply)
        assert llm.exchanges[0].body["messages"] == [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Hello"},
        ]
        assert llm.exchanges[0].key == SECRET

    def test_the_words_it_thought_in_are_kept_apart_with_their_time(self, key):
        reply = ask(key, "[think field]")
        write(reply)
        assert (reply.text, reply.reasoning) == answer("[think field]")
        assert 0 <= reply.reasoning_seconds < (reply.finished_at - reply.started_at).total_seconds()

    def test_thoughts_told_at_the_end_have_no_time(self, key):
        reply = ask(key, "[think end]")
        write(reply)
        assert reply.reasoning == THOUGHTS
        assert reply.reasoning_seconds is None


class TestAskedOnce:
    def test_however_often_it_is_called(self, key, llm):
        reply = ask(key, "[slow]")

        async def test():
            async with at_work() as desk, at_work(writer="another/1/") as other:
                desk.call(reply.pk, reply.pk)
                other.call(reply.pk)
                desk.call(reply.pk)
                await ended(reply)
                desk.call(reply.pk)

        run(test())
        assert reply.text == answer("[slow]")[0]
        assert len(llm.exchanges) == 1

    def test_from_other_threads(self, key, llm):
        reply = ask(key)

        async def test():
            async with at_work() as desk:
                await asyncio.gather(*(asyncio.to_thread(desk.call, reply.pk) for _ in range(8)))
                await ended(reply)

        run(test())
        assert len(llm.exchanges) == 1

    def test_who_wrote_it_claims_it_without_the_loop(self, key, llm):
        reply = ask(key)

        async def test():
            async with at_work() as desk:
                await query(partial(desk.call_new, reply.pk))
                state = await query(Message.objects.values_list("state", "writer").get, pk=reply.pk)
                assert state == (ReplyState.WRITING, desk.writer)
                await ended(reply)

        run(test())
        assert reply.state == ReplyState.DONE
        assert len(llm.exchanges) == 1

    def test_where_the_claim_fails_the_loop_tries_again(self, key, llm, monkeypatch):
        reply, claim, failed = ask(key), asking.claim, []

        def busy_once(reply_id, writer):
            if not failed:
                failed.append(reply_id)
                raise OperationalError("database is locked")
            return claim(reply_id, writer)

        monkeypatch.setattr(asking, "claim", busy_once)

        async def test():
            async with at_work() as desk:
                await query(partial(desk.call_new, reply.pk))
                await ended(reply)

        run(test())
        assert failed == [reply.pk]
        assert reply.state == ReplyState.DONE
        assert len(llm.exchanges) == 1

    def test_a_desk_that_is_closed_asks_nothing(self, key, llm):
        reply = ask(key)

        async def test():
            async with at_work() as desk:
                pass
            desk.call(reply.pk)
            desk.stop(reply.pk)

        run(test())
        reply.refresh_from_db()
        assert reply.state == ReplyState.PENDING
        assert not llm.exchanges


class TestStopping:
    def test_here_it_is_at_once_and_the_provider_sees_it(self, key, llm):
        reply = ask(key, "[stall]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: piece_text(reply) == answer("[stall]")[0])
                await query(reply.request_stop)
                desk.stop(reply.pk)
                await ended(reply)
                await until(lambda: not llm.exchanges[0].is_open)

        run(test())
        assert (reply.state, reply.error, reply.text) == (ReplyState.STOPPED, "", answer("[stall]")[0])

    def test_from_another_process_it_is_through_the_database(self, key, llm):
        reply = ask(key, "[stall]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: piece_text(reply))
                await query(reply.request_stop)
                await ended(reply)
                await until(lambda: not llm.exchanges[0].is_open)

        run(test())
        assert reply.state == ReplyState.STOPPED

    def test_before_its_first_word(self, key, llm):
        reply = ask(key, "[slowstart 600]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: llm.exchanges)
                desk.stop(reply.pk)
                await ended(reply)
                await until(lambda: not llm.exchanges[0].is_open)

        run(test())
        assert (reply.state, reply.text, reply.first_token_at) == (ReplyState.STOPPED, "", None)

    def test_while_it_is_claimed_nothing_is_sent(self, key, llm):
        reply = ask(key)

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                desk.stop(reply.pk)
                await ended(reply)

        run(test())
        assert reply.state == ReplyState.STOPPED
        assert not llm.exchanges

    def test_one_that_nobody_has_begun(self, key, llm):
        reply = ask(key)
        assert reply.request_stop()
        write(reply)
        assert reply.state == ReplyState.STOPPED
        assert not llm.exchanges

    def test_one_that_thinks_has_thought_until_then(self, key):
        reply = ask(key, "[think field] [slow]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: ReplyPiece.objects.filter(message=reply, is_reasoning=True).count() > 1)
                desk.stop(reply.pk)
                await ended(reply)

        run(test())
        assert reply.state == ReplyState.STOPPED
        assert reply.reasoning_seconds > 0

    def test_one_stopped_does_not_touch_the_others(self, key):
        reply, other = ask(key, "[stall]"), ask(key, "[slow]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk, other.pk)
                await until(lambda: piece_text(reply))
                desk.stop(reply.pk)
                await ended(reply)
                await ended(other)

        run(test())
        assert (reply.state, other.state) == (ReplyState.STOPPED, ReplyState.DONE)


class TestRefused:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, "bad_request"),
            (401, "invalid_key"),
            (402, "insufficient_credits"),
            (403, "forbidden"),
            (404, "not_found"),
            (429, "rate_limited"),
            (451, "content_filtered"),
            (500, "unavailable"),
            (503, "unavailable"),
        ],
    )
    def test_it_is_said_in_the_providers_words(self, key, llm, status, kind):
        reply = ask(key, f"[refuse {status} error]")
        write(reply)
        assert (reply.state, reply.error_kind, reply.text) == (ReplyState.FAILED, kind, "")
        assert "So it is refused." in reply.error
        assert len(llm.exchanges) == 1

    def test_an_answer_of_nothing_is_one_too(self, key):
        reply = ask(key, "[echo]")
        write(reply)
        assert (reply.state, reply.error_kind) == (ReplyState.FAILED, "malformed")
        assert reply.error == "OpenAI-compatible answered with nothing."

    def test_nobody_there(self, key):
        ProviderKey.objects.update(base_url="http://127.0.0.1:1/v1")
        reply = ask(key)
        write(reply)
        assert (reply.state, reply.error_kind) == (ReplyState.FAILED, "unavailable")

    def test_a_key_that_cannot_be_read(self, key, llm):
        ProviderKey.objects.update(ciphertext="nonsense")
        reply = ask(key)
        write(reply)
        assert (reply.state, reply.error_kind) == (ReplyState.FAILED, "invalid_key")
        assert reply.error == writing.KEY_UNREADABLE
        assert not llm.exchanges

    def test_a_provider_that_is_withheld(self, key, llm):
        offered.withhold("openai")
        reply = ask(key)
        write(reply)
        assert (reply.state, reply.error_kind) == (ReplyState.FAILED, "forbidden")
        assert "does not offer" in reply.error
        assert not llm.exchanges

    def test_a_key_that_is_off_or_gone(self, key, llm):
        off, gone = ask(key), ask(key, key=None)
        ProviderKey.objects.update(is_enabled=False)
        write(off, gone)
        assert [(one.state, one.error_kind) for one in (off, gone)] == [
            (ReplyState.FAILED, "forbidden"),
            (ReplyState.FAILED, "invalid_key"),
        ]
        assert not llm.exchanges

    def test_more_requests_than_the_key_may_send(self, key, llm, monkeypatch):
        monkeypatch.setattr(writing, "PATIENCE", 0.05)
        ProviderKey.objects.update(requests_per_minute=1)
        key.refresh_from_db()
        while budget.take(key).granted:
            pass
        reply = ask(key)
        write(reply)
        assert (reply.state, reply.error_kind) == (ReplyState.FAILED, "rate_limited")
        assert reply.error == budget.used_up(key).message
        assert not llm.exchanges

    def test_a_request_takes_its_place_among_all_that_the_key_may_send(self, key):
        ProviderKey.objects.update(requests_per_minute=60)
        write(ask(key))
        row = budget.Budget.objects.get(key=key)
        assert row.empty_until > 0

    def test_too_many_requests_hold_back_the_others_of_that_key(self, key):
        ProviderKey.objects.update(requests_per_minute=600)
        key.refresh_from_db()
        write(ask(key, "[refuse 429 error]"))
        assert not budget.take(key).granted

    def test_one_of_a_provider_that_there_is_no_more_ends(self, key, llm):
        """It came in with a file, say."""
        reply = ask(key, state=ReplyState.INTERRUPTED, text="half")
        Message.objects.filter(pk=reply.pk).update(provider="gone", key=None)
        assert reply.ask_again(keep_text=True)
        write(reply)
        assert (reply.state, reply.error_kind, reply.text) == (ReplyState.INTERRUPTED, "forbidden", "half")
        assert not llm.exchanges


class TestCut:
    @pytest.mark.parametrize(("message", "kind"), [("[die]", "unavailable"), ("[error]", None)])
    def test_what_came_is_kept(self, key, message, kind):
        reply = ask(key, message)
        write(reply)
        assert reply.state == ReplyState.INTERRUPTED
        assert reply.text == answer(message)[0]
        assert kind in (None, reply.error_kind)
        assert reply.error

    def test_silence_is_spoken_of_and_taken_back(self, key, monkeypatch):
        monkeypatch.setattr(desks, "STALLED", 0.05)
        signs = []

        async def test():
            async with at_work() as desk:
                monkeypatch.setattr(desk.hub, "sign", lambda live, **said: (signs.append(said), live.sign(**said)))
                desk.call(reply.pk)
                await until(lambda: signs)
                live = desk.hub.here[reply.pk]
                assert live.is_stalled
                await ended(reply)
                assert not live.is_stalled

        reply = ask(key, "[slowstart 8]")
        run(test())
        assert signs[0] == {"stalled": "OpenAI-compatible has not answered yet. Studio keeps waiting."}
        assert reply.state == ReplyState.DONE

    def test_silence_without_end_is_no_wish_of_a_person(self, key, llm, monkeypatch):
        monkeypatch.setattr(desks, "LONGEST_SILENCE", 0.2)
        monkeypatch.setattr(desks, "LONGEST_THOUGHT", 0.2)
        reply, other = ask(key, "[stall]"), ask(key, "[slowstart 600]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk, other.pk)
                await ended(reply)
                await ended(other)
                await until(lambda: not any(exchange.is_open for exchange in llm.exchanges))

        run(test())
        assert (reply.state, other.state) == (ReplyState.INTERRUPTED, ReplyState.FAILED)
        assert {reply.error_kind, other.error_kind} == {"silence"}
        assert "stopped waiting" in reply.error
        assert reply.text == answer("[stall]")[0]

    def test_a_reply_without_end(self, key, llm, monkeypatch):
        monkeypatch.setattr(writing, "LONGEST", 1_000)
        reply = ask(key, "[long 50000]")
        write(reply)
        assert (reply.state, reply.error_kind) == (ReplyState.INTERRUPTED, "too_long")
        assert answer("[long 50000]")[0].startswith(reply.text)
        assert 1_000 < len(reply.text) < 50_000

    def test_a_stop_of_studio_marks_it(self, key):
        reply = ask(key, "[stall]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: piece_text(reply) == answer("[stall]")[0])

        run(test())
        reply.refresh_from_db()
        assert (reply.state, reply.error_kind) == (ReplyState.INTERRUPTED, "shutdown")
        assert reply.text == answer("[stall]")[0]

    def test_a_stop_of_studio_waits_for_it(self, key, llm):
        reply = ask(key, "[slow]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: llm.exchanges)
                await desk.close(20)

        run(test())
        reply.refresh_from_db()
        assert (reply.state, reply.text) == (ReplyState.DONE, answer("[slow]")[0])


class TestGone:
    @pytest.mark.parametrize("what", ["message", "conversation", "person"])
    def test_what_is_deleted_in_the_middle_is_let_go(self, key, llm, what):
        reply, other = ask(key, "[stall]"), ask(key, "[slow] [slowstart 2]")

        def delete():
            match what:
                case "message":
                    Message.objects.filter(pk=reply.pk).update(deleted_at=timezone.now())
                case "conversation":
                    reply.conversation.touch(deleted_at=timezone.now())
                case "person":
                    reply.conversation.owner.delete()

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk, other.pk)
                await until(lambda: piece_text(reply))
                await query(delete)
                await until(lambda: not llm.exchanges[0].is_open)
                if what != "person":
                    await ended(other)
                await until(lambda: not desk.hub.here)

        run(test())
        if what == "person":
            assert not Message.objects.exists()
        else:
            reply.refresh_from_db()
            assert reply.state == ReplyState.STOPPED
            assert (other.state, other.text) == (ReplyState.DONE, answer("[slow] [slowstart 2]")[0])

    def test_one_deleted_before_it_was_begun(self, key, llm):
        reply = ask(key)
        reply.conversation.touch(deleted_at=timezone.now())

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: not desk._writings)

        run(test())
        assert not llm.exchanges

    def test_a_key_that_is_deleted_in_the_middle(self, key):
        reply = ask(key, "[slow]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: piece_text(reply))
                await query(key.delete)
                await ended(reply)

        run(test())
        assert (reply.state, reply.text, reply.key_id) == (ReplyState.DONE, answer("[slow]")[0], None)


def thrice(verb):
    """The third time it works."""
    times = iter(range(9))

    def tried(*args):
        if next(times) < 2:
            raise DatabaseError("away")
        return verb(*args)

    return tried


class TestWithoutDatabase:
    def test_what_comes_meanwhile_is_kept_and_written_down_once(self, key, monkeypatch):
        reply, calls, inner = ask(key, "[slow]"), [], ledger._write_down

        def away(*args):
            calls.append(inner(*args) if len(calls) % 3 == 2 else None)
            if len(calls) % 3:
                raise DatabaseError("away")
            return calls[-1]

        async def test():
            monkeypatch.setattr(ledger, "_write_down", away)
            async with at_work() as desk:
                desk.call(reply.pk)
                while (await query(lambda: Message.objects.get(pk=reply.pk))).is_under_way:
                    text, _ = await query(lambda: Message.objects.get(pk=reply.pk).written())
                    assert answer("[slow]")[0].startswith(text)

        run(test())
        reply.refresh_from_db()
        assert reply.text == answer("[slow]")[0]
        assert len(calls) > 6

    def test_its_claim_and_its_end_wait_for_it(self, key, llm, monkeypatch):
        reply = ask(key)
        monkeypatch.setattr(writing.asking, "claim", thrice(writing.asking.claim))
        monkeypatch.setattr(ledger, "end", thrice(ledger.end))
        write(reply)
        assert (reply.state, reply.text) == (ReplyState.DONE, answer("Hello")[0])
        assert len(llm.exchanges) == 1

    def test_one_taken_for_abandoned_meanwhile_is_taken_back(self, key):
        reply = ask(key, "[slow]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await until(lambda: piece_text(reply))
                row = await query(Message.objects.get, pk=reply.pk)
                assert await query(lambda: row.end(ReplyState.INTERRUPTED, error_kind="crash", error="It is gone."))
                await until(lambda: Message.objects.get(pk=reply.pk).state == ReplyState.WRITING)
                await ended(reply)

        run(test())
        assert (reply.state, reply.error, reply.text) == (ReplyState.DONE, "", answer("[slow]")[0])

    def test_also_at_its_very_end(self, key):
        reply = ask(key)
        reply.begin("me/1/")
        reply.end(ReplyState.INTERRUPTED, error_kind="crash")
        assert ledger.end(reply, ReplyState.DONE, "me/1/", {"text": "all of it"})
        assert not ledger.end(reply, ReplyState.DONE, "me/1/", {"text": "more"})
        reply.refresh_from_db()
        assert (reply.state, reply.text) == (ReplyState.DONE, "all of it")


class TestAgain:
    def test_one_is_gone_on_with(self, key, llm):
        reply = ask(key, "[die]")
        write(reply)
        half = reply.text
        assert reply.ask_again(keep_text=True)
        Message.objects.filter(pk=reply.parent_id).update(text="[echo] and the rest")
        before = timezone.now()
        write(reply)
        assert reply.text == f"{half}and the rest"
        assert reply.state == ReplyState.DONE
        assert reply.started_at >= before - timedelta(seconds=1)
        assert llm.exchanges[1].body["messages"][-1] == {"role": "assistant", "content": half}

    def test_its_tokens_are_those_of_all_askings(self, key):
        priced = {"input_price": Decimal(1_000_000), "output_price": Decimal(1_000_000)}
        reply = ask(key, "[echo] one", **priced)
        write(reply)
        first = (reply.prompt_tokens, reply.completion_tokens)
        Message.objects.filter(pk=reply.pk).update(state=ReplyState.INTERRUPTED)
        reply.refresh_from_db()
        assert reply.ask_again(keep_text=False)
        write(reply)
        assert reply.text == "one"
        assert (reply.prompt_tokens, reply.completion_tokens) == (2 * first[0], 2 * first[1])
        assert reply.cost == 2 * sum(first)

    def test_tokens_are_counted_no_further_than_they_can_be_kept(self, key):
        """Some databases take no larger number: such a reply would try for ever to be written down."""
        counted = {"prompt_tokens": MOST_TOKENS, "completion_tokens": MOST_TOKENS}
        dear = {"input_price": Decimal(10**11), "output_price": Decimal(10**11)}
        reply = ask(key, "[echo] one", state=ReplyState.INTERRUPTED, **counted, **dear)
        assert reply.ask_again(keep_text=True)
        write(reply)
        assert (reply.state, reply.text) == (ReplyState.DONE, "one")
        assert (reply.prompt_tokens, reply.completion_tokens) == (MOST_TOKENS, MOST_TOKENS)
        assert reply.cost is None

    def test_one_that_is_asked_for_again_as_soon_as_its_end_is_kept(self, key, llm, monkeypatch):
        """The click comes between the end in the database and the end of the task."""
        reply, clicks, end = ask(key, "[die]"), [1], ledger.end

        async def test():
            async with at_work() as desk:

                def end_and_click(*given):
                    was = end(*given)
                    if clicks:
                        clicks.pop()
                        Message.objects.filter(pk=reply.parent_id).update(text="[echo] the rest")
                        assert Message.objects.get(pk=reply.pk).ask_again(keep_text=False)
                        desk.call(reply.pk)
                    return was

                monkeypatch.setattr(ledger, "end", end_and_click)
                desk.call(reply.pk)
                await until(lambda: Message.objects.filter(pk=reply.pk, state=ReplyState.DONE).exists())

        run(test())
        reply.refresh_from_db()
        assert reply.text == "the rest"
        assert len(llm.exchanges) == 2

    def test_a_continuation_that_is_refused_loses_nothing(self, key):
        reply = ask(key, "[refuse 500 error]", text="half of it", state=ReplyState.INTERRUPTED, prompt_tokens=5)
        assert reply.ask_again(keep_text=True)
        write(reply)
        assert (reply.state, reply.text, reply.prompt_tokens) == (ReplyState.INTERRUPTED, "half of it", 5)

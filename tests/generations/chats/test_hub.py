"""Who watches what: nothing is painted for nobody, pages that read slowly get states, other processes are followed."""

import asyncio
from uuid import UUID

import pytest
from django.db import DatabaseError
from django.utils import timezone

from generations.chats.replies import following
from generations.chats.replies.feed import Feed, read_places
from generations.chats.replies.hub import Hub
from generations.chats.replies.reply import LiveReply, Place
from generations.chats.replies.strand import Strand
from generations.models import Message, ReplyPiece, ReplyState
from studio.database import query
from studio.lib.ids import uuid7
from studio.lib.markdown import blocks
from studio.providers.chat import Delta, Usage
from tests.fake_llm.scripts import answer
from tests.generations.chats.conftest import ask, at_work, ended, run, until
from tests.generations.chats.tab import Tab

ELSEWHERE = "another-machine/7/1"


class TestStrand:
    def test_it_is_read_from_any_place_and_written_down_once(self):
        strand, whole = Strand("base "), "base "
        for piece in ("one ", "", "two ", "three "):
            strand.add(piece)
            whole += piece
        assert strand.unwritten() == ("one two three ", 2)
        strand.add("four")
        whole += "four"
        assert [strand.since(at) for at in range(len(whole) + 2)] == [whole[at:] for at in range(len(whole) + 2)]
        assert strand.length == len(whole)
        text, mark = strand.unwritten()
        assert text == "one two three four"
        strand.add("!")
        strand.wrote(mark)
        assert strand.unwritten()[0] == "!"
        assert str(strand) == f"{whole}!"


def live(text: str = "", reasoning: str = "", life: int = 1) -> LiveReply:
    return LiveReply(uuid7(), uuid7(), text, reasoning, life)


class TestReply:
    def test_pages_in_one_place_are_sent_the_same_bytes(self):
        reply = live()
        reply.add(Delta(text="# One\n\nTwo"))
        reply.paint()
        assert reply.news(Place()) is reply.news(Place())
        assert reply.news(reply.place) == b""

    def test_what_is_kept_for_pages_does_not_grow_with_the_places_that_they_name(self, monkeypatch):
        monkeypatch.setattr("generations.chats.replies.reply.MOST_NEWS", 4)
        reply = live("One\n\nTwo\n\nThree")
        reply.paint()
        for block in range(20):
            assert b"html" in reply.news(Place(1, block))
        assert len(reply._news) <= 4

    def test_a_place_in_another_life_of_it_says_nothing(self):
        reply = live("# One\n\nTwo\n\nThree", life=2)
        reply.paint()
        assert reply.news(Place(1, 2, 0)) == reply.news(Place())

    def test_a_tail_that_a_page_has_is_not_sent_again(self):
        reply = live("Two")
        reply.paint()
        before = reply.place
        reply.sign(stalled="Hm.")
        assert b"html" not in reply.news(before)
        assert b'"stalled":"Hm."' in reply.news(before)

    def test_what_is_said_of_its_silence_is_taken_back(self):
        reply = live()
        reply.sign(stalled="Hm.")
        reply.add(Delta(text="At last"))
        assert b'"stalled":""' in reply.news(Place())

    def test_how_long_it_has_been_thinking(self):
        reply = live()
        reply.add(Delta(reasoning="Hm"))
        assert b'"thinking":0.' in reply.news(Place())
        reply.add(Delta(text="So"))
        assert b'"thought":' in reply.news(Place())
        assert b"thinking" not in reply.news(Place())

    def test_reasoning_told_whole_does_not_double_what_came_before(self):
        reply = live()
        reply.add(Delta(reasoning="Hm", whole_reasoning="Hm"))
        assert str(reply.reasoning) == "Hm"
        late = live()
        late.add(Delta(text="So", whole_reasoning="Hm", usage=Usage(1, 2), finish="stop"))
        assert (str(late.reasoning), late.thought_seconds) == ("Hm", None)

    def test_no_character_that_a_database_refuses(self):
        reply = live()
        reply.add(Delta(text="a\0b", reasoning="c\0"))
        assert (str(reply.text), str(reply.reasoning)) == ("ab", "c")

    def test_a_page_that_comes_late_gets_a_long_text_in_several_goes(self):
        text = "A paragraph.\n\n" * 2_000
        reply = live(text)
        goes = 1
        while reply.paint():
            goes += 1
        assert goes > 2
        tab = Tab(reply.conversation_id)
        feed = Feed(reply.conversation_id)
        tab.read(feed.take({reply.id: reply}))
        assert tab.shown[str(reply.id)] == blocks(text)


class TestFeed:
    @pytest.mark.parametrize("odd", ["", "x", "x=1.2.3", f"{UUID(int=7).hex}=1.2", f"{UUID(int=7).hex}=a.b.c", "=,=,"])
    def test_odd_places_are_none(self, odd):
        assert read_places(odd) == {}

    def test_it_comes_back_to_where_it_was(self):
        reply = live("# One\n\nTwo\n\nThree", "Hm. ")
        reply.paint()
        sent = Feed(reply.conversation_id).take({reply.id: reply})
        place = sent.split(b"\n")[0].removeprefix(b"id: ").decode()
        reply.add(Delta(text=" and more", reasoning="Hm."))
        reply.paint()
        again = Feed(reply.conversation_id, read_places(place)).take({reply.id: reply}).decode()
        assert "One" not in again
        assert "Three and more" in again
        assert '"r":4,"text":"Hm."' in again

    def test_one_that_reads_slowly_is_told_of_nothing_in_between(self):
        reply, feed = live(), Feed(uuid7())
        for number in range(100):
            reply.add(Delta(text=f" {number}"))
            reply.paint()
            feed.wake()
        sent = feed.take({reply.id: reply})
        assert sent.count(b'"html"') == 1
        assert feed.take({reply.id: reply}) == b""

    def test_the_end_comes_after_the_last_words(self):
        reply, feed = live("All of it."), Feed(uuid7())
        reply.paint()
        feed.end(reply)
        sent = feed.take({})
        assert sent.index(b"All of it.") < sent.index(b'"done":true')

    def test_what_ended_while_it_was_away_is_told(self):
        gone, here = uuid7(), uuid7()
        feed = Feed(uuid7(), {gone: Place(1, 2, 3), here: Place(1, 2, 3)})
        feed.begin([here])
        sent = feed.take({})
        assert b'{"active":["%b"]}' % str(here).encode() in sent
        assert b'{"m":"%b","done":true}' % str(gone).encode() in sent
        assert gone.hex.encode() not in sent.split(b"\n")[0]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick")
class TestHub:
    def test_nothing_is_painted_for_nobody(self, key, monkeypatch):
        painted = []
        monkeypatch.setattr(LiveReply, "paint", lambda self, **_: painted.append(self))
        reply = ask(key)

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                await ended(reply)
                assert not desk.hub.of(reply.conversation_id)

        run(test())
        assert painted == []

    def test_nor_does_the_database_hear_of_tokens(self, key, monkeypatch):
        asked = []

        async def counted(verb, *args, **kwargs):
            asked.append(verb.__name__)
            return await query(verb, *args, **kwargs)

        reply = ask(key, "[long 5000]")

        async def test():
            async with at_work() as desk:
                monkeypatch.setattr(following, "query", counted)
                desk.call(reply.pk)
                await Tab(reply.conversation_id).watch(desk.hub)
                await ended(reply)

        monkeypatch.setattr(following, "LOOK", 60)
        run(test())
        assert asked.count("_state_of") == 1
        assert reply.text == answer("[long 5000]")[0]

    def test_a_page_that_leaves_changes_nothing_and_is_forgotten(self, key, llm):
        reply = ask(key, "[slow]")

        async def test():
            async with at_work() as desk:
                desk.call(reply.pk)
                tab = Tab(reply.conversation_id)
                await tab.watch(desk.hub, events=3)
                assert not tab.done
                assert not desk.hub.feeds
                assert not desk.hub._tasks
                await ended(reply)

        run(test())
        assert (reply.state, reply.text) == (ReplyState.DONE, answer("[slow]")[0])
        assert len(llm.exchanges) == 1

    def test_another_process_follows_from_the_text_it_had(self, key):
        reply = ask(key, text="# Begun\n\n", reasoning="Hm. ", state=ReplyState.WRITING, writer=ELSEWHERE)
        Message.objects.filter(pk=reply.pk).update(started_at=timezone.now(), beat_at=timezone.now())
        tab = Tab(reply.conversation_id)

        async def test():
            hub = Hub()
            task = asyncio.create_task(tab.watch(hub))
            await until(lambda: tab.active)
            for text, is_reasoning in (("So.", True), ("Gone ", False), ("on with", False)):
                await query(ReplyPiece.objects.create, message=reply, text=text, is_reasoning=is_reasoning)
            await until(lambda: "on with" in "".join(tab.shown.get(str(reply.pk), [])))
            await query(lambda: reply.end(ReplyState.DONE))
            await task

        run(test())
        assert tab.active == [str(reply.pk)]
        assert tab.shown[str(reply.pk)] == blocks("# Begun\n\nGone on with")
        assert tab.reasoning[str(reply.pk)] == "Hm. So."

    def test_the_silence_of_another_process_is_spoken_of_and_taken_back(self, key, monkeypatch):
        monkeypatch.setattr(following, "STALLED", 0.05)
        reply = ask(key, state=ReplyState.WRITING, writer=ELSEWHERE, started_at=timezone.now(), beat_at=timezone.now())
        tab, signs = Tab(reply.conversation_id), []

        async def test():
            hub = Hub()
            task = asyncio.create_task(tab.watch(hub))
            await until(lambda: tab.signs.get(str(reply.pk)))
            signs.append(tab.signs[str(reply.pk)]["stalled"])
            monkeypatch.setattr(following, "STALLED", 60)
            await query(ReplyPiece.objects.create, message=reply, text="At last", is_reasoning=False)
            await until(lambda: tab.signs[str(reply.pk)]["stalled"] == "")
            await query(lambda: reply.end(ReplyState.DONE))
            await task

        run(test())
        assert signs == [following.SILENT]

    def test_the_end_is_told_of_one_that_ends_while_a_page_comes_back(self, key, monkeypatch):
        """Between the two questions which replies are under way, and what there is of them."""
        reply, texts = ask(key, state=ReplyState.WRITING, writer=ELSEWHERE), following._texts

        def end_and_look(replies):
            reply.end(ReplyState.DONE, text="Hi", reasoning="")
            return texts(replies)

        monkeypatch.setattr(following, "_texts", end_and_look)
        tab = Tab(reply.conversation_id)
        tab.last_id = f"{reply.pk.hex}=0.2.0"
        run(tab.watch(Hub()))
        assert tab.done == {str(reply.pk)}
        assert tab.active == []

    def test_one_that_nobody_watches_any_more_is_let_go(self, key):
        """Though other conversations are still watched."""
        here, away = (ask(key, state=ReplyState.WRITING, writer=ELSEWHERE) for _ in range(2))
        Message.objects.update(started_at=timezone.now(), beat_at=timezone.now())

        async def test():
            hub = Hub()
            stays, goes = Feed(here.conversation_id), Feed(away.conversation_id)
            await hub.join(stays)
            await hub.join(goes)
            assert set(hub._follower._followed) == {here.pk, away.pk}
            hub.leave(goes)
            await hub._follower.look([here.conversation_id])
            assert set(hub._follower._followed) == {here.pk}
            assert not hub.of(away.conversation_id)
            hub.leave(stays)

        run(test())

    def test_a_followed_one_that_is_taken_over_here_is_shown_from_here(self, key):
        reply = ask(key, "[slow]")
        tab = Tab(reply.conversation_id)

        async def test():
            async with at_work() as desk:
                task = asyncio.create_task(tab.watch(desk.hub))
                await until(lambda: tab.active)
                desk.call(reply.pk)
                await task
                await ended(reply)

        run(test())
        assert tab.shown[str(reply.pk)] == blocks(answer("[slow]")[0])

    def test_changes_of_the_conversation_are_told_once(self, key):
        reply = ask(key, state=ReplyState.DONE)
        tab = Tab(reply.conversation_id)

        async def test():
            hub = Hub()
            task = asyncio.create_task(tab.watch(hub, events=2))
            await until(lambda: tab.events == 1)
            assert tab.threads == 0
            await query(reply.conversation.touch)
            await task

        run(test())
        assert tab.threads == 1

    def test_a_page_made_before_a_change_is_told_on_connecting(self, key):
        reply = ask(key, state=ReplyState.DONE)
        before = reply.conversation.changed_at
        reply.conversation.touch()

        async def test():
            hub, feed = Hub(), Feed(reply.conversation_id, changed_at=before)
            await hub.join(feed)
            assert b'{"thread":"%b"}' % reply.conversation.changed_at.isoformat().encode() in feed.take({})
            hub.leave(feed)

        run(test())

    def test_it_goes_on_when_the_database_is_back(self, key, monkeypatch):
        reply = ask(key, state=ReplyState.DONE)
        tab, inner, times = Tab(reply.conversation_id), following._state_of, iter(range(99))

        def away(conversations):
            if 0 < next(times) < 4:
                raise DatabaseError("away")
            return inner(conversations)

        async def test():
            hub = Hub()
            monkeypatch.setattr(following, "_state_of", away)
            task = asyncio.create_task(tab.watch(hub, events=2))
            await until(lambda: tab.events == 1)
            await query(reply.conversation.touch)
            await task

        run(test())
        assert tab.threads == 1

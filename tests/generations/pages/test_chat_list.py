"""The list of conversations on its pages: every verb, with htmx and without, and to its owner alone."""

import re

import pytest
from django.utils import timezone

from generations.chats import folders, listing
from generations.models import Conversation, Folder, Message, ReplyState, Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("engine")]

HTMX = {"HX-Request": "true"}
LIST = "/chat/list/"


def talk(owner, title: str = "Foxes", **fields) -> Conversation:
    return Conversation.objects.create(owner=owner, title=title, **fields)


def html(response) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def rows(text: str) -> list[str]:
    return re.findall(
        r'class="chats-link" href="/chat/[0-9a-f-]{36}/".*?<span class="chats-title"[^>]*>(.*?)</span>', text, re.S
    )


class TestShowing:
    def test_the_chat_page_holds_it(self, as_alice, alice):
        current = talk(alice, "<Foxes>")
        talk(alice, "")
        text = html(as_alice.get(f"/chat/{current.pk}/"))
        assert rows(text) == ["Untitled", "&lt;Foxes&gt;"]
        assert re.findall(r'href="(/chat/[^"]+)" aria-current="page"', text) == [f"/chat/{current.pk}/"]

    def test_the_empty_one_says_what_comes(self, as_alice):
        assert "is kept here" in html(as_alice.get("/chat/"))
        assert "Nothing is archived" in html(as_alice.get("/chat/?archived=1"))
        assert "Nothing was said or named so" in html(as_alice.get("/chat/?q=fox"))

    def test_pages(self, as_alice, alice, monkeypatch):
        monkeypatch.setattr(listing, "PAGE", 2)
        for number in range(5):
            talk(alice, str(number))
        text = html(as_alice.get("/chat/"))
        assert rows(text) == ["4", "3"]
        more = re.search(r'hx-get="/chat/list/(\?[^"]+)"[^>]*>Show more', text)[1].replace("&amp;", "&")
        text = html(as_alice.get(LIST + more, headers=HTMX))
        assert rows(text) == ["2", "1"]
        assert "<nav" not in text
        assert as_alice.get(LIST + more).url == f"/chat/{more}"

    def test_without_htmx_the_page_below_is_a_page(self, as_alice, alice, monkeypatch):
        monkeypatch.setattr(listing, "PAGE", 2)
        for number in range(5):
            talk(alice, str(number))
        more = re.search(r'href="/chat/(\?before[^"]+)"', html(as_alice.get("/chat/")))[1].replace("&amp;", "&")
        assert rows(html(as_alice.get(f"/chat/{more}"))) == ["2", "1"]

    def test_it_comes_back_as_far_down_as_one_has_read(self, as_alice, alice, monkeypatch):
        monkeypatch.setattr(listing, "PAGE", 2)
        made = [talk(alice, str(number)) for number in range(7)]
        more = re.search(r'hx-get="/chat/list/(\?before[^"]+)"', html(as_alice.get("/chat/")))[1].replace("&amp;", "&")
        state = re.search(r'name="down_to" value="([^"]+)"', html(as_alice.get(LIST + more, headers=HTMX)))[1]
        for _ in range(2):  # as often as one changes something
            text = html(as_alice.post(f"/chat/{made[6].pk}/rename/", {"title": "6", "down_to": state}, headers=HTMX))
            assert rows(text) == ["6", "5", "4", "3"]
            state = re.search(r'name="down_to" value="([^"]+)"', text)[1]

    def test_search_shows_the_place(self, as_alice, alice):
        conversation = talk(alice, "Animals")
        said = Message.objects.create(conversation=conversation, role=Role.USER, text="a <b>quick</b> fox")
        text = html(as_alice.get(f"{LIST}?q=fox", headers=HTMX))
        assert f'href="/chat/{conversation.pk}/?message={said.pk}#message-{said.pk}"' in text
        assert "&lt;/b&gt; <mark>fox</mark>" in text
        assert 'value="fox"' in text

    def test_a_hit_on_another_branch_is_shown_there(self, as_alice, alice):
        conversation = talk(alice)
        asked, again = (
            Message.objects.create(conversation=conversation, role=Role.USER, text=text)
            for text in ("about foxes", "about hares")
        )
        conversation.touch(current=again)
        address = f"/chat/{conversation.pk}/?message="
        assert "about foxes" not in html(as_alice.get(f"{address}{again.pk}"))
        assert "about foxes" in html(as_alice.get(f"{address}{asked.pk}"))
        assert "about hares" in html(as_alice.get(f"{address}x"))
        conversation.refresh_from_db()
        assert conversation.current == again

    def test_a_folder_opens(self, as_alice, alice):
        box = folders.create(alice, "Work")
        talk(alice, "inside", folder=box)
        assert rows(html(as_alice.get("/chat/"))) == []
        assert rows(html(as_alice.get(f"{LIST}?folder={box.pk}", headers=HTMX))) == ["inside"]
        assert rows(html(as_alice.get(f"/chat/?open={box.pk}"))) == ["inside"]

    def test_one_that_is_being_answered_says_so(self, as_alice, alice):
        conversation = talk(alice)
        reply = Message.objects.create(conversation=conversation, role=Role.ASSISTANT, state=ReplyState.WRITING)
        conversation.touch(current=reply)
        assert ", being answered" in html(as_alice.get(LIST, headers=HTMX))


class TestChanging:
    def post(self, client, address: str, **sent):
        """With htmx, as the forms of the list do."""
        return client.post(address, sent, headers=HTMX)

    def test_rename(self, as_alice, alice):
        conversation = talk(alice)
        form = html(as_alice.get(f"/chat/{conversation.pk}/rename/", headers=HTMX))
        assert 'value="Foxes"' in form
        assert "<h1" in html(as_alice.get(f"/chat/{conversation.pk}/rename/"))
        assert rows(html(self.post(as_alice, f"/chat/{conversation.pk}/rename/", title="Hares"))) == ["Hares"]
        assert "A title needs a word." in html(self.post(as_alice, f"/chat/{conversation.pk}/rename/", title=" "))
        assert rows(html(as_alice.get(LIST, headers=HTMX))) == ["Hares"]

    def test_pin_and_archive(self, as_alice, alice):
        conversation = talk(alice)
        assert "Pinned" in html(self.post(as_alice, f"/chat/{conversation.pk}/pin/", on="1"))
        assert "Unpin" in html(as_alice.get(f"/chat/{conversation.pk}/menu/", headers=HTMX))
        assert "Pinned" not in html(self.post(as_alice, f"/chat/{conversation.pk}/pin/", on=""))
        assert rows(html(self.post(as_alice, f"/chat/{conversation.pk}/archive/", on="1"))) == []
        assert rows(html(as_alice.get(f"{LIST}?archived=1", headers=HTMX))) == ["Foxes"]
        assert "Back into the list" in html(as_alice.get(f"/chat/{conversation.pk}/menu/", headers=HTMX))
        text = html(self.post(as_alice, f"/chat/{conversation.pk}/archive/", on="", archived="1"))
        assert rows(text) == []  # the archive is what is shown

    def test_move(self, as_alice, alice):
        conversation = talk(alice)
        self.post(as_alice, f"/chat/{conversation.pk}/move/", name="Work")
        conversation.refresh_from_db()
        box = Folder.objects.get()
        assert conversation.folder == box
        menu = html(as_alice.get(f"/chat/{conversation.pk}/menu/", headers=HTMX))
        assert f'value="{box.pk}" disabled' in menu
        assert "Out of its folder" in menu
        self.post(as_alice, f"/chat/{conversation.pk}/move/", folder="")
        conversation.refresh_from_db()
        assert conversation.folder is None
        self.post(as_alice, f"/chat/{conversation.pk}/move/", folder=str(box.pk))
        conversation.refresh_from_db()
        assert conversation.folder == box

    def test_folders(self, as_alice, alice):
        assert "Work" in html(self.post(as_alice, "/chat/folders/", name="Work"))
        box = Folder.objects.get()
        conversation = talk(alice, folder=box)
        other = folders.create(alice, "Other")
        said = html(self.post(as_alice, f"/chat/folders/{other.pk}/rename/", name="work"))
        assert "There is a folder “work” already." in said
        assert "Play" in html(self.post(as_alice, f"/chat/folders/{box.pk}/rename/", name="Play"))
        assert rows(html(self.post(as_alice, f"/chat/folders/{box.pk}/delete/"))) == ["Foxes"]
        conversation.refresh_from_db()
        assert conversation.folder is None

    def test_delete_and_undo(self, as_alice, alice):
        conversation, other = talk(alice), talk(alice, "Other")
        text = html(self.post(as_alice, f"/chat/{conversation.pk}/delete/", current=str(other.pk)))
        assert rows(text) == ["Other"]
        assert f'action="/chat/{conversation.pk}/restore/"' in text
        assert as_alice.get(f"/chat/{conversation.pk}/").status_code == 404
        text = html(self.post(as_alice, f"/chat/{conversation.pk}/restore/", current=str(other.pk)))
        assert set(rows(text)) == {"Other", "Foxes"}
        assert f'hx-target="#undo-{conversation.pk}" hx-swap="delete"' in text

    def test_deleting_the_one_on_the_page_leaves_it(self, as_alice, alice):
        conversation = talk(alice)
        response = self.post(as_alice, f"/chat/{conversation.pk}/delete/", current=str(conversation.pk))
        assert response["HX-Redirect"] == "/chat/"
        assert f'action="/chat/{conversation.pk}/restore/"' in html(as_alice.get("/chat/"))

    def test_the_list_comes_back_as_it_was(self, as_alice, alice):
        """The search, the archive, open folders, and the conversation on the page."""
        box = folders.create(alice, "Work")
        inside, free = talk(alice, "inside", folder=box), talk(alice, "free")
        text = html(self.post(as_alice, f"/chat/{free.pk}/pin/", on="1", open=str(box.pk), current=str(free.pk)))
        assert rows(text) == ["free", "inside"]
        assert re.findall(r'href="(/chat/[^"]+)" aria-current="page"', text) == [f"/chat/{free.pk}/"]
        text = html(self.post(as_alice, f"/chat/{inside.pk}/pin/", on="1", q="free"))
        assert "<mark>free</mark>" in text
        assert "inside" not in text

    @pytest.mark.parametrize(
        ("verb", "sent"),
        [("rename", {"title": "Hares"}), ("pin", {"on": "1"}), ("archive", {"on": "1"}), ("move", {"name": "Work"}),
         ("delete", {}), ("rename", {"title": ""})],
    )  # fmt: skip
    def test_without_htmx_the_page_comes_back(self, as_alice, alice, verb, sent):
        conversation, current = talk(alice), talk(alice, "Current")
        address = f"/chat/{conversation.pk}/{verb}/"
        assert as_alice.post(address, sent).url == "/chat/"
        if verb != "delete":
            assert as_alice.post(address, {**sent, "current": str(current.pk)}).url == f"/chat/{current.pk}/"


MENU = ("menu", "rename", "pin", "archive", "move", "delete", "restore", "markdown", "json")


@pytest.mark.parametrize("verb", MENU)
def test_what_is_not_yours_does_not_exist(as_bob, alice, verb):
    conversation = talk(alice, deleted_at=timezone.now() if verb == "restore" else None)
    address = f"/chat/{conversation.pk}/{verb}/"
    answers = [as_bob.get(address), as_bob.post(address, {"title": "x", "on": "1"})]
    assert {answer.status_code for answer in answers} <= {404, 405}
    assert 404 in {answer.status_code for answer in answers}
    conversation.refresh_from_db()
    assert (conversation.title, conversation.pinned_at, bool(conversation.deleted_at)) == (
        "Foxes",
        None,
        verb == "restore",
    )


@pytest.mark.parametrize("verb", ["pin", "archive", "move", "delete", "restore"])
def test_nothing_changes_by_looking(as_alice, alice, verb):
    assert as_alice.get(f"/chat/{talk(alice).pk}/{verb}/").status_code == 405


def test_folders_of_others_do_not_exist(as_bob, alice, bob):
    box, conversation = folders.create(alice, "Work"), talk(bob)
    assert as_bob.post(f"/chat/folders/{box.pk}/rename/", {"name": "x"}).status_code == 404
    assert as_bob.post(f"/chat/folders/{box.pk}/delete/").status_code == 404
    for folder in (str(box.pk), "x", "9" * 30, "²"):
        assert as_bob.post(f"/chat/{conversation.pk}/move/", {"folder": folder}).status_code == 404


def test_strangers_sign_in(client):
    for address in (LIST, "/chat/import/", "/chat/export/", "/chat/presets/"):
        assert client.get(address).url.startswith("/account/login/")

"""What a job begins from: one's own uploads and results, and links; nothing of another person's."""

import pytest

from accounts.models import User
from generations.forms import SettingsForm
from generations.models import Asset
from generations.models.states import State
from studio.lib.ids import uuid7
from studio.providers.base import ModelInfo, Option
from studio.providers.dialect import Dialect
from tests.generations.pages.as_a_browser import drawn, submitted
from tests.generations.pages.conftest import make_job

pytestmark = pytest.mark.django_db

IMAGE = Option("image", "media", "Image", accept=("image",))
IMAGES = Option("images", "media", "Images", accept=("image",), max_items=3)
ANY = Option("any", "media", "Any")
LINK = "https://example.com/a/fox.png"
NAMELESS = [
    *(
        "fox",
        "asset:",
        "asset:1",
        "output:x/0",
        "javascript:alert(1)",
        "data:image/png;base64,AA",
        "file:///etc/passwd",
    ),
    *("http://example.com/a.png", "https://127.0.0.1/", "https://localhost/", "https://u:p@example.com/", "https://"),
    *("https://[::1]/", "https://example.com/" + "a" * 3000, "asset:" + "9" * 40, "output:" + "0" * 36 + "/-1", "\0"),
]
GONE = "This file is not there any more. Choose another."


class Fetching(Dialect):
    name, label, takes_media = "fetching", "Fetching", "link"


class Uploading(Dialect):
    name, label, takes_media = "uploading", "Uploading", "upload"


class Blind(Dialect):
    name, label = "blind", "Blind"


def upload(owner: User, kind: str = "image", **fields) -> str:
    known = {"name": "fox.png", "file": "x", "content_type": "image/png", "size": 1, "sha256": "0" * 64}
    asset = Asset.objects.create(owner=owner, kind=kind, **{**known, **fields})
    return f"asset:{asset.pk}"


@pytest.fixture
def result(alice, keep) -> str:
    output = keep(make_job(alice))
    return f"output:{output.job_id}/{output.position}"


def form_of(owner: User, option: Option, *given: str, **kwargs) -> SettingsForm:
    model = ModelInfo("m", "M", "image", options=(option,))
    return SettingsForm(model, {f"o-{option.name}": list(given)}, owner=owner, **kwargs)


def taken(owner: User, option: Option, *given: str, **kwargs) -> dict:
    form = form_of(owner, option, *given, **kwargs)
    assert form.is_valid(), form.errors
    return form.settings()


def refusal(owner: User, option: Option, *given: str, **kwargs) -> str:
    form = form_of(owner, option, *given, **kwargs)
    assert not form.is_valid()
    return form[option.name].error


class TestWhatIsTaken:
    def test_one_is_a_reference_and_several_are_a_list(self, alice, result):
        own = upload(alice)
        assert taken(alice, IMAGE, own) == {"image": own}
        assert taken(alice, IMAGE, result) == {"image": result}
        assert taken(alice, IMAGE, LINK) == {"image": LINK}
        assert taken(alice, IMAGES, own) == {"images": [own]}
        assert taken(alice, IMAGES, LINK, result, own) == {"images": [LINK, result, own]}

    def test_what_is_empty_or_there_twice_counts_not(self, alice):
        assert taken(alice, IMAGES, "", LINK, " ", f" {LINK} ") == {"images": [LINK]}
        assert taken(alice, IMAGE, "", "") == {}

    def test_it_is_the_same_when_it_comes_back(self, alice, result):
        kept = {"images": [upload(alice), LINK, result]}
        form = SettingsForm(ModelInfo("m", "M", "image", options=(IMAGES,)), owner=alice, initial=kept)
        again = SettingsForm(form.model, submitted(drawn(form)), owner=alice)
        assert again.is_valid()
        assert again.settings() == kept


class TestWhatIsRefused:
    @pytest.mark.parametrize("option", [IMAGE, IMAGES])
    def test_another_persons_is_as_little_there_as_what_never_was(self, alice, bob, result, option):
        theirs = upload(alice, name="secret plans.png")
        never = (f"asset:{uuid7()}", f"output:{uuid7()}/0")
        assert {refusal(bob, option, reference) for reference in (theirs, result, *never)} == {GONE}
        pages = {
            drawn(form_of(bob, option, reference)).replace(reference, "REFERENCE")
            for reference in (theirs, result, *never)
        }
        assert len(pages) == 1, "the page itself tells them apart"

    def test_a_deleted_result_is_not_there(self, alice, keep):
        job = make_job(alice, State.SUCCEEDED)
        keep(job)
        job.deleted_at = job.created_at
        job.save()
        assert refusal(alice, IMAGE, f"output:{job.pk}/0") == GONE

    def test_too_many(self, alice):
        links = [f"{LINK}?{n}" for n in range(4)]
        assert refusal(alice, IMAGES, *links) == "At most 3 fit here."
        assert refusal(alice, IMAGE, *links[:2]) == "Only one fits here."
        assert refusal(alice, IMAGES, *[f"{LINK}?{n}" for n in range(5000)]) == "At most 3 fit here."

    def test_what_is_of_another_kind(self, alice):
        assert "a picture is needed here" in refusal(alice, IMAGE, upload(alice, "video"))
        clip = upload(alice, "video")
        assert taken(alice, ANY, clip) == {"any": clip}

    @pytest.mark.parametrize(
        "reference",
        NAMELESS,
    )
    def test_what_names_nothing(self, alice, reference):
        form = form_of(alice, IMAGE, reference)
        assert not form.is_valid()
        assert form["image"].error
        drawn(form)

    def test_nothing_is_whose_nobody_is(self, alice):
        form = form_of(None, IMAGE, upload(alice))  # type: ignore[arg-type]
        assert not form.is_valid()
        drawn(form)


@pytest.fixture(name="site")
def _site(settings):
    return settings


class TestProviders:
    def test_one_that_fetches_needs_a_public_address(self, alice, site):
        site.PUBLIC_URL = ""
        said = refusal(alice, IMAGE, upload(alice), providers=[Fetching()])
        assert "give a public link" in said
        assert taken(alice, IMAGE, LINK, providers=[Fetching()]) == {"image": LINK}

    def test_its_field_offers_a_link_alone_and_says_why(self, alice, site):
        site.PUBLIC_URL = ""
        html = drawn(form_of(alice, IMAGE, providers=[Fetching()]))
        assert 'type="url"' in html
        assert "STUDIO_PUBLIC_URL" in html
        assert 'type="file"' not in html
        assert "From Studio" not in html

    def test_with_a_public_address_everything_is_taken(self, alice, site):
        site.PUBLIC_URL = "https://studio.example.com"
        own = upload(alice)
        assert taken(alice, IMAGE, own, providers=[Fetching()]) == {"image": own}
        assert 'type="file"' in drawn(form_of(alice, IMAGE, providers=[Fetching()]))

    def test_the_least_able_of_several_decides(self, alice, site):
        site.PUBLIC_URL = ""
        own = upload(alice)
        assert taken(alice, IMAGE, own, providers=[Uploading()]) == {"image": own}
        assert refusal(alice, IMAGE, own, providers=[Uploading(), Fetching()])

    def test_one_that_takes_none_says_so(self, alice):
        assert refusal(alice, IMAGE, LINK, providers=[Blind()]) == "Blind takes no pictures, clips or sounds."


class TestTheField:
    def test_a_phone_may_offer_its_camera(self, alice):
        assert 'type="file" accept="image/*" data-upload="/assets/"' in drawn(form_of(alice, IMAGE))
        assert 'accept="image/*" multiple' in drawn(form_of(alice, IMAGES))
        assert 'accept="image/*,video/*,audio/*"' in drawn(form_of(alice, ANY))

    def test_a_picture_is_shown_with_its_name(self, alice):
        html = drawn(form_of(alice, IMAGE, upload(alice, name="<fox>.png", thumbnail="t.webp", width=64, height=36)))
        assert '/thumbnail/" alt=""' in html
        assert 'width="64" height="36"' in html
        assert "&lt;fox&gt;.png" in html

    def test_what_is_gone_is_said_to_be(self, alice):
        form = SettingsForm(
            ModelInfo("m", "M", "image", options=(IMAGE,)), owner=alice, initial={"image": f"asset:{uuid7()}"}
        )
        assert "Not there any more" in drawn(form).partition("<template>")[0]

    def test_what_was_typed_and_is_no_link_can_be_mended(self, alice):
        html = drawn(form_of(alice, IMAGE, "example.com/fox.png"))
        assert 'value="example.com/fox.png" aria-invalid="true"' in html
        assert "Not there any more" not in html.partition("<template>")[0]

    def test_a_link_is_not_opened_to_be_shown(self, alice):
        html = drawn(form_of(alice, IMAGE, LINK)).partition("<template>")[0]
        assert "example.com · fox.png" in html
        assert "<img" not in html

    def test_it_takes_few_queries(self, alice, django_assert_max_num_queries):
        given = [upload(alice) for _ in range(3)]
        with django_assert_max_num_queries(6):
            form = form_of(alice, IMAGES, *given)
            assert form.is_valid()
            drawn(form)

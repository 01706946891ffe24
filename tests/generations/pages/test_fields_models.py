"""The models of every provider as a form: each is drawn, and what it is drawn with can be sent."""

import pytest

from accounts.models import User
from generations.forms import SettingsForm
from studio.providers.base import ModelInfo
from studio.providers.registry import dialect
from tests.fake_provider.wavespeed_models import catalogue
from tests.generations.pages.as_a_browser import drawn, submitted

LINK = "https://example.com/a.png"
LISTED = {model.id: model for model in dialect("wavespeed").parse_catalogue({"models": catalogue(60)})}
MODELS: list[ModelInfo] = [*LISTED.values(), *dialect("nanobanana").known_models()]
MODELS.append(dialect("wavespeed").typed_model("maker/unheard-of", "image"))


def form_of(model: ModelInfo, data=None) -> SettingsForm:
    provider = dialect("wavespeed" if model.id in LISTED else "nanobanana")
    return SettingsForm(model, data, owner=User(pk=1), providers=[provider])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_only_what_the_model_needs_is_missing_from_its_form(model):
    sent = submitted(drawn(form_of(model)))
    needed = {option.name for option in model.options if option.required and option.default is None}
    refused = form_of(model, sent)
    refused.is_valid()
    assert set(refused.errors) <= needed
    for name in needed & set(refused.errors):
        sent[f"o-{name}"] = LINK
    form = form_of(model, sent)
    assert form.is_valid(), form.errors
    assert set(form.settings()) >= {option.name for option in model.options if option.default is not None}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.id)
def test_every_field_of_a_model_has_a_name_of_its_own(model):
    form = form_of(model)
    ids = [bound.id for _, bound in form.all]
    assert len(set(ids)) == len(ids) == len(model.options)
    html = drawn(form)
    for option in model.options:
        assert f'name="o-{option.name}' in html

"""The quick `{% url %}`: what Django's own says, for all kinds of arguments."""

from uuid import UUID

import pytest
from django.template import Context, Template
from django.urls import NoReverseMatch, get_script_prefix, reverse, set_script_prefix

ONE, OTHER = UUID("01a1ff13-24b2-724f-8e76-bc5a411b1550"), UUID("01a1ff13-24b2-724f-8e76-bc5a411b1551")


def drawn(text: str, **context: object) -> str:
    return Template(text).render(Context(context))


def test_ids_are_put_into_their_places():
    for job in (ONE, OTHER, ONE):
        for position in (0, 7):
            said = drawn("{% url 'output-preview' job position 'thumbnail' %}", job=job, position=position)
            assert said == reverse("output-preview", args=[job, position, "thumbnail"])
    assert drawn("{% url 'gallery' %}") == reverse("gallery")


def test_what_is_no_plain_id_goes_djangos_way():
    assert drawn("{% url 'job' job_id=job %}", job=ONE) == reverse("job", args=[ONE])
    assert drawn("{% url 'job' job as place %}[{{ place }}]", job=ONE) == f"[{reverse('job', args=[ONE])}]"
    assert drawn("{% url 'shared' word %}", word="a&b'c") == "/s/a&amp;b&#x27;c/"
    assert drawn("{% autoescape off %}{% url 'shared' word %}{% endautoescape %}", word="a&b") == "/s/a&b/"
    assert drawn("{% url 'admin:index' %}") == reverse("admin:index")


@pytest.mark.parametrize(("name", "arg"), [("nowhere", ONE), ("job", -1), ("job", None), ("key-limits", -1)])
def test_what_has_no_address_is_still_an_error(name, arg):
    with pytest.raises(NoReverseMatch):
        drawn("{% url name arg %}", name=name, arg=arg)


def test_it_moves_with_the_site():
    before = get_script_prefix()
    drawn("{% url 'job' job %}", job=ONE)
    try:
        set_script_prefix("/studio/")
        assert drawn("{% url 'job' job %}", job=ONE) == f"/studio/jobs/{ONE}/"
    finally:
        set_script_prefix(before)

"""What was made from what, in a tree: whose place is where, what it cost, and what others may not see of it."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from generations import jobs, sources
from generations.lineage import beside, tree, walking
from generations.lineage.changes import changes
from generations.lineage.costs import Costs
from generations.models import Job, JobSource
from generations.models.states import Charge, State
from studio.lib.ids import uuid7
from tests.generations.conftest import IMAGE, PAID, VIDEO, make_job

pytestmark = pytest.mark.django_db


def step(source: Job, job: Job, kind: str = "remix") -> Job:
    JobSource.objects.create(source=source, job=job, kind=kind)
    return job


def shape(job: Job, visible=None) -> list[tuple[str, str]]:
    """Each prompt with its way, indented as deep as it stands."""
    depth, lines = 0, []
    for node in tree(job, Job.objects.filter(deleted_at=None) if visible is None else visible).nodes:
        lines.append(("  " * depth + node.job.prompt, node.way))
        depth += bool(node.opens) - node.closes
    assert depth == 0
    return lines


class TestNoting:
    def test_a_job_that_takes_up_settings_and_begins_from_a_result(self, key):
        first, second = make_job(key), make_job(key)
        order = jobs.Order(key.provider, key, IMAGE, "b", {"image": f"output:{first.pk}/0"}, PAID)
        [made] = jobs.create(key.owner, [order], remixed=second)
        assert set(made.sources.values_list("source", "kind")) == {(first.pk, "input"), (second.pk, "remix")}

    def test_nothing_is_left_of_what_was_taken_up(self, key):
        source = make_job(key, "a red fox", VIDEO)
        sources.note(made := make_job(key, "a quiet harbour"), remixed=source)
        assert not made.sources.exists()

    def test_what_was_made_before_it_was_noted(self, key):
        first = make_job(key)
        later = make_job(key, settings={"images": [f"output:{first.pk}/0", f"output:{uuid7()}/0"]})
        make_job(key, settings={"note": f"see output:{first.pk}/0"})
        import_module("generations.migrations.0005_organised").note_inputs(apps, None)
        assert list(JobSource.objects.values_list("job", "source", "kind")) == [(later.pk, first.pk, "input")]

    def test_a_result_of_somebody_else_is_no_source(self, key, bob):
        theirs = make_job(key)
        Job.objects.filter(pk=theirs.pk).update(owner=bob)
        order = jobs.Order(key.provider, key, IMAGE, "b", {"images": [f"output:{theirs.pk}/0"]}, PAID)
        [made] = jobs.create(key.owner, [order])
        assert not made.sources.exists()


class TestTree:
    def test_each_has_one_place_below_its_closest_source(self, key):
        a = make_job(key, "a", settings={"seed": 1})
        b = step(a, make_job(key, "a", settings={"seed": 2}))
        c = step(b, make_job(key, "c"), "input")
        make_job(key, "a", parent=b, settings={"seed": 2})
        step(a, step(c, make_job(key, "e"), "input"))
        family = [("a", ""), ("  a", "Variation"), ("    c", "Begins from its result"), ("    a", "Another try")]
        assert shape(b) == [*family, ("  e", "Remix")]
        assert shape(c) == shape(b)
        last = tree(c, Job.objects.all()).nodes[-1]
        assert [job.pk for job in last.also] == [c.pk], "its other source is named"

    def test_what_is_deleted_or_not_shown_to_one_is_no_part_of_it(self, key, bob):
        a = make_job(key, "a")
        gone = step(a, make_job(key, "gone", deleted_at=timezone.now()))
        beyond = step(gone, make_job(key, "beyond"))
        theirs = step(a, make_job(key, "theirs"))
        Job.objects.filter(pk=theirs.pk).update(owner=bob)
        mine = Job.objects.filter(owner=key.owner, deleted_at=None)
        assert shape(a, mine) == [("a", "")]
        assert shape(beyond, mine) == [("beyond", "")]
        assert beside(a, mine).is_alone
        assert [one.job.pk for one in beside(a, Job.objects.filter(deleted_at=None)).below] == [theirs.pk]

    def test_records_that_go_in_circles_end(self, key):
        a, b = make_job(key, "a"), make_job(key, "b")
        step(a, b)
        step(b, a)
        assert shape(a) == shape(b) == [("b", ""), ("  a", "Remix")]

    def test_a_large_family_is_cut_and_says_so(self, key, monkeypatch):
        monkeypatch.setattr(walking, "JOBS_MAX", 5)
        last = first = make_job(key, "0")
        for number in range(1, 9):
            last = step(last, make_job(key, str(number)))
        found = tree(first, Job.objects.all())
        assert (len(found.nodes), found.is_cut) == (5, True)
        assert not tree(last, Job.objects.filter(pk=last.pk)).is_cut

    def test_a_generation_is_one_query_however_many_it_has(self, key, django_assert_max_num_queries):
        first = make_job(key, "a")
        for number in range(12):
            step(step(first, make_job(key, f"b{number}")), make_job(key, f"c{number}"))
        with django_assert_max_num_queries(9):
            assert len(tree(first, Job.objects.all()).nodes) == 25


class TestCosts:
    def test_units_stand_apart_and_what_nobody_said_is_counted(self, key):
        paid = {"charge": Charge.YES, "state": State.SUCCEEDED}
        made = [
            make_job(key, actual_amount=Decimal("2.5"), actual_unit="NOK", **paid),
            make_job(key, **paid),  # as it was quoted
            make_job(key, actual_amount=24, actual_unit="credits", **paid),
            make_job(key, state=State.FAILED, charge=Charge.UNKNOWN),
            make_job(key, state=State.FAILED, charge=Charge.NO),
            make_job(key, quoted_amount=None, quoted_unit="", **paid),
        ]
        said = str(Costs.of(made)).replace("\u00a0", " ")
        assert said == "4.50 NOK and 24 credits, perhaps 2.00 NOK more, 1 without a price"
        assert str(Costs.of(made[4:5])) == "nothing charged"

    def test_a_branch_costs_what_all_of_it_cost(self, key):
        paid = {"charge": Charge.YES, "state": State.SUCCEEDED}
        a = make_job(key, "a", **paid)
        b = step(a, make_job(key, "b", **paid))
        step(a, step(b, make_job(key, "c", **paid)), "input")
        nodes = tree(b, Job.objects.all()).nodes
        assert [str(node.branch).replace("\u00a0", " ") for node in nodes] == ["6.00 NOK", "4.00 NOK", "2.00 NOK"]


def test_what_changed_is_told_by_the_word(key):
    before = make_job(key, "a red fox, snow", settings={"seed": 1, "size": 512})
    after = make_job(key, "a grey fox, snow", settings={"seed": 1, "size": 768})
    prompt, size = changes(before, after)
    told = [(piece.text, piece.mark) for piece in prompt.pieces]
    assert told == [("a ", ""), ("red", "gone"), ("grey", "new"), (" fox, snow", "")]
    assert (size.name, size.before, size.after) == ("Size", "512", "768")

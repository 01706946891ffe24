"""The page of what one has spent, and the file of it."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from accounts.models import ProviderKey
from generations.models import Job
from generations.models.states import Charge, State
from generations.money import ledger, spend
from generations.money.amounts import Month
from generations.templatetags.spend import percent
from studio.lib.ids import uuid7
from tests.generations.pages.conftest import GPU, make_job, make_paid_job, queries

NOW = Month.now()
CHARGED = {"state": State.SUCCEEDED, "charge": Charge.YES}


def paid(key: ProviderKey, quoted: str = "2", actual: str | None = None, unit: str = "NOK", **fields) -> Job:
    told = {} if actual is None else {"actual_amount": actual, "actual_unit": unit}
    return make_paid_job(key, **{**CHARGED, "quoted_amount": quoted, "quoted_unit": unit, **told, **fields})


def figures(user, unit: str = "NOK", month: Month = NOW) -> spend.Figures:
    return next(sheet.total for sheet in spend.sheets(user, month) if sheet.unit == unit)


def words(response) -> str:
    return " ".join(response.text.replace("\xa0", " ").split())


def csv_of(client, address: str = "/spend/jobs.csv") -> list[dict[str, str]]:
    response = client.get(address)
    assert response["Content-Type"] == "text/csv"

    async def read() -> bytes:
        return b"".join([part async for part in response])

    text = async_to_sync(read)().decode()
    return list(csv.DictReader(io.StringIO(text)))


# -- The sums --------------------------------------------------------------------------------------------------------
def test_what_was_charged_may_have_been_and_is_under_way_stand_apart(alice, gpu):
    paid(gpu, "2", "2.5")
    paid(gpu, "3", state=State.FAILED, charge=Charge.UNKNOWN)
    paid(gpu, "4", state=State.UNCONFIRMED, charge=Charge.UNKNOWN)
    paid(gpu, "5", state=State.RUNNING, charge=Charge.UNKNOWN)
    paid(gpu, "6", state=State.FAILED, charge=Charge.NO)
    found = figures(alice)
    assert (found.charged, found.perhaps, found.under_way) == (Decimal("2.5"), Decimal(7), Decimal(5))
    assert (found.jobs, found.perhaps_jobs, found.under_way_jobs) == (4, 2, 1)
    assert found.all == Decimal("14.5")


def test_units_are_never_added_to_one_another(alice, gpu):
    paid(gpu, "2")
    paid(gpu, "6", unit="credits")
    paid(gpu, "3", actual="0.3", unit="NOK", actual_unit="EUR")
    assert [(sheet.unit, sheet.total.charged) for sheet in spend.sheets(alice, NOW)] == [
        ("EUR", Decimal("0.3")),
        ("NOK", Decimal(2)),
        ("credits", Decimal(6)),
    ]


def test_sums_are_exact_to_the_last_digit(alice, gpu):
    for _ in range(3):
        paid(gpu, "0.1", "0.1")
    paid(gpu, "0.000001", "0.000001")
    assert str(figures(alice).charged) == "0.300001"


def test_a_drift_is_between_what_was_quoted_and_told(alice, gpu):
    paid(gpu, "2", "3")
    paid(gpu, "2", "2")
    paid(gpu, "100")  # nobody told what it took
    found = figures(alice)
    assert (found.quoted, found.told_quoted, found.told_actual) == (Decimal(104), Decimal(4), Decimal(5))
    assert found.drift == Decimal("25.0")
    assert found.is_off


@pytest.mark.parametrize(
    ("actual", "drift", "off"), [("2", "0.0", False), ("1.99", "-0.5", False), ("1.9", "-5.0", True)]
)
def test_a_small_drift_is_not_flagged(alice, gpu, actual, drift, off):
    paid(gpu, "2", actual)
    found = figures(alice)
    assert (found.drift, found.is_off) == (Decimal(drift), off)


def test_a_price_out_of_nothing_is_a_drift_without_a_number(alice, gpu):
    paid(gpu, "0", "2")
    found = figures(alice)
    assert found.drift is None
    assert found.is_off


def test_jobs_without_a_price_are_counted_and_in_no_sum(alice, gpu, as_alice):
    make_paid_job(gpu, **CHARGED, quoted_amount=None, quoted_unit="")
    [sheet] = spend.sheets(alice, NOW)
    assert (sheet.unit, sheet.total.unpriced, sheet.total.all) == ("", 1, 0)
    assert "1 job of this month has no price" in words(as_alice.get("/spend/"))


def test_free_jobs_are_left_out_and_said(alice, gpu, as_alice):
    make_job(alice)
    assert spend.sheets(alice, NOW) == []
    assert "1 job was free." in words(as_alice.get("/spend/"))


def test_a_month_begins_and_ends_in_utc(alice, gpu):
    paid(gpu, "1", created_at=NOW.start)
    paid(gpu, "2", created_at=NOW.start - dt.timedelta(microseconds=1))
    assert figures(alice).charged == 1
    assert figures(alice, month=NOW.plus(-1)).charged == 2
    assert [line.day for line in spend.sheets(alice, NOW)[0].lines] == [NOW.start.date()]


def test_another_try_is_counted_as_what_it_is(alice, gpu, as_alice):
    paid(gpu, parent=paid(gpu))
    assert (figures(alice).jobs, figures(alice).retries) == (2, 1)
    assert "2 jobs in all, 1 of them another try of an earlier one" in words(as_alice.get("/spend/"))


def test_a_deleted_job_costs_what_it_cost(alice, gpu):
    paid(gpu, deleted_at=timezone.now())
    assert figures(alice).charged == 2


def test_lines_are_of_one_day_provider_model_and_unit(alice, gpu):
    paid(gpu, "1", created_at=NOW.start)
    paid(gpu, "2", created_at=NOW.start + dt.timedelta(hours=23))
    paid(gpu, "4", created_at=NOW.start, model="kling", model_name="Kling")
    [sheet] = spend.sheets(alice, NOW)
    assert [(line.name, line.figures.jobs, line.figures.charged) for line in sheet.lines] == [
        ("FLUX", 2, 3),
        ("Kling", 1, 4),
    ]
    assert list(sheet.by(lambda line: line.name)) == ["Kling", "FLUX"]


# -- The page --------------------------------------------------------------------------------------------------------
def test_it_is_ones_own(as_bob, gpu):
    paid(gpu)
    assert "Nothing was spent" in as_bob.get("/spend/").text
    assert csv_of(as_bob) == []


@pytest.mark.parametrize("address", ["/spend/", "/spend/jobs.csv"])
def test_a_stranger_is_sent_to_sign_in(client, db, address):
    assert client.get(address).url == f"/account/login/?next={address}"
    assert client.post(address).status_code in {302, 405}


def test_it_says_sums_drift_and_what_is_uncertain(as_alice, gpu):
    paid(gpu, "2", "3")
    paid(gpu, "5", state=State.UNCONFIRMED, charge=Charge.UNKNOWN)
    page = words(as_alice.get("/spend/"))
    assert "2.00 NOK quoted, 3.00 NOK taken, <strong>+50.0 %</strong>" in page
    assert "5.00 NOK for 1 that may have been charged" in page
    assert "differs from the quotes" in page


def test_its_drawings_are_named_and_have_no_style_of_their_own(as_alice, gpu):
    paid(gpu)
    paid(gpu, unit="credits", created_at=NOW.start)
    page = as_alice.get("/spend/").text
    assert page.count('role="img"') == 2
    for unit in ("NOK", "credits"):
        assert f'aria-labelledby="days-title-{unit} days-text-{unit}"' in page
        assert f'<title id="days-title-{unit}">{unit} by day</title>' in page
    assert "style=" not in page


@pytest.mark.parametrize("month", ["", "2001-01", "nonsense", "9999-12", "0000-00"])
def test_an_odd_month_is_this_one(as_alice, gpu, month):
    paid(gpu)
    assert "2.00 NOK" in words(as_alice.get("/spend/", {"month": month}))


def test_twelve_months_back(as_alice, gpu):
    paid(gpu, "7", created_at=NOW.plus(-12).start)
    assert "7.00 NOK" in words(as_alice.get("/spend/", {"month": NOW.plus(-12)}))
    assert as_alice.get("/spend/").text.count("<option") == 13


def test_limits_have_bars(as_alice, gpu):
    paid(gpu, "30")
    gpu.soft_limit, gpu.hard_limit = Decimal(20), Decimal("40.5")
    gpu.save()
    page = words(as_alice.get("/spend/"))
    assert '<progress class="limit-bar is-warn" max="40.5" value="30"' in page
    assert "30.00 NOK spent or under way · warns at 20.00 NOK · stops at 40.50 NOK" in page


def test_the_number_of_queries_does_not_grow(as_alice, gpu, alice):
    paid(gpu)
    few = queries(as_alice, "/spend/")
    for day in range(5):
        paid(gpu, "1", created_at=NOW.start, model=f"m{day}", unit=("NOK", "EUR")[day % 2])
    key = ProviderKey.objects.create(owner=alice, provider=GPU, label="Other", hint="o", hard_limit=5)
    paid(key)
    assert len(queries(as_alice, "/spend/")) == len(few)


def test_a_long_table_ends_in_the_file(as_alice, gpu, monkeypatch):
    monkeypatch.setattr("generations.views.spend.LINES", 1)
    paid(gpu)
    paid(gpu, model="kling", model_name="Kling")
    assert "1 more lines are in the" in words(as_alice.get("/spend/"))


# -- The file --------------------------------------------------------------------------------------------------------
def test_the_file_has_every_job_and_every_digit(as_alice, alice, gpu):
    paid(gpu, "0.123456", "2", created_at=NOW.start)
    make_job(alice, State.FAILED, created_at=NOW.start + dt.timedelta(hours=1))
    paid(gpu, created_at=NOW.plus(-1).start)
    first, second = csv_of(as_alice)
    assert (first["quoted"], first["quoted unit"], first["actual"], first["charge"]) == (
        "0.123456",
        "NOK",
        "2.000000",
        "yes",
    )
    assert first["made (UTC)"] == NOW.start.isoformat()
    assert first["quote is an estimate"] == "no"
    assert second["state"] == "failed"
    assert "a red fox" not in str([first, second])  # prompts stay here
    [older] = csv_of(as_alice, f"/spend/jobs.csv?month={NOW.plus(-1)}")
    assert older["quoted"] == "2.000000"


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@sum", "\tx", "\rx"])
def test_no_cell_is_a_formula(as_alice, gpu, label):
    ProviderKey.objects.filter(pk=gpu.pk).update(label=label)
    paid(gpu)
    [row] = csv_of(as_alice)
    assert row["key"] == f"'{label}"


def test_commas_quotes_and_lines_are_kept_in_their_cell(as_alice, gpu):
    ProviderKey.objects.filter(pk=gpu.pk).update(label='a, "b"\nc')
    paid(gpu)
    assert csv_of(as_alice)[0]["key"] == 'a, "b"\nc'


def test_the_file_comes_in_pages_without_gaps(as_alice, gpu, monkeypatch):
    monkeypatch.setattr(ledger, "PAGE", 2)
    moments = [
        NOW.start,
        NOW.start,
        NOW.start,
        NOW.start + dt.timedelta(seconds=1),
        NOW.start + dt.timedelta(seconds=2),
    ]
    ids = [str(paid(gpu, created_at=moment, pk=uuid7()).pk) for moment in reversed(moments)]
    assert sorted(row["job"] for row in csv_of(as_alice)) == sorted(ids)


def test_the_file_says_how_it_is_to_be_saved(as_alice, gpu):
    response = as_alice.get("/spend/jobs.csv")
    assert response["Content-Disposition"] == f'attachment; filename="studio-{NOW}.csv"'
    assert response.streaming


@pytest.mark.parametrize(("drift", "words"), [("0.0", "as quoted"), ("4.2", "+4.2\u00a0%"), ("-1.5", "−1.5\u00a0%")])
def test_a_drift_in_words(drift, words):
    assert percent(Decimal(drift)) == words

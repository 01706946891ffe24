from datetime import timedelta
from pathlib import Path

from studio.providers.local.spool import Job, Spool


def painting(**fields: object) -> Job:
    return Job("image", "local-paint", {"prompt": "sea"}, file="image.png", **fields)  # type: ignore[arg-type]


def with_output(spool: Spool, job: Job, size: int = 10) -> Path:
    spool.add(job)
    path = spool.output_of(job)
    path.parent.mkdir()
    path.write_bytes(b"x" * size)
    spool.finish(job, "completed")
    return path


def test_jobs_are_found_again_in_their_order(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    jobs = [spool.add(painting(created_at=f"2026-01-0{day}T00:00:00Z")) for day in (2, 1, 3)]
    assert [job.id for job in Spool(tmp_path).jobs.values()] == [jobs[1].id, jobs[0].id, jobs[2].id]
    assert Spool(tmp_path).jobs[jobs[0].id] == jobs[0]


def test_a_seed_is_chosen_once_and_kept(tmp_path: Path) -> None:
    job = Spool(tmp_path).add(painting())
    assert isinstance(job.inputs["seed"], int)
    assert Spool(tmp_path).jobs[job.id].inputs["seed"] == job.inputs["seed"]


def test_a_seed_of_nought_stays(tmp_path: Path) -> None:
    job = painting()
    job.inputs["seed"] = 0
    assert Spool(tmp_path).add(job).inputs["seed"] == 0


def test_a_known_reference_gives_its_first_job(tmp_path: Path) -> None:
    first = Spool(tmp_path).add(painting(reference="r"))
    again = Spool(tmp_path)
    assert again.add(painting(reference="r")).id == first.id
    assert len(again.jobs) == 1


def test_the_first_end_of_a_job_stays(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    job = spool.add(painting())
    spool.finish(job, "cancelled")
    spool.finish(job, "completed")
    assert (job.status, Spool(tmp_path).jobs[job.id].status) == ("cancelled", "cancelled")
    assert spool.waiting() is None


def test_a_half_written_job_is_not_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.add(painting())
    (tmp_path / "jobs" / "torn.part").write_bytes(b'{"id": "x", ')
    assert len(Spool(tmp_path).jobs) == 1


def test_what_ended_long_ago_is_cleaned_away_and_what_waits_is_not(tmp_path: Path) -> None:
    spool = Spool(tmp_path, keep=timedelta(hours=1))
    old, fresh, waiting = painting(reference="old"), painting(), painting(created_at="2020-01-01T00:00:00Z")
    output = with_output(spool, old)
    old.completed_at = "2020-01-01T00:00:00Z"
    with_output(spool, fresh)
    spool.add(waiting)
    spool.clean()
    assert set(spool.jobs) == {fresh.id, waiting.id} == set(Spool(tmp_path).jobs)
    assert not output.parent.exists()
    assert spool.add(painting(reference="old")).id != old.id


def test_the_oldest_outputs_make_room(tmp_path: Path) -> None:
    spool = Spool(tmp_path, keep_bytes=25)
    outputs = [with_output(spool, painting()) for _ in range(4)]
    spool.clean()
    assert [output.exists() for output in outputs] == [False, False, True, True]

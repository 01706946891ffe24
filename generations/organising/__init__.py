"""How people keep order among thousands of jobs.

marks.py: favourite, stars, colour, note; tags.py and albums.py: what they are put under; places.py: an album's order
by hand; bulk.py: all of it for many jobs at once; trash.py: what was deleted, until it goes; storage.py: what all of
it takes.

Only its owner organises a job: each UPDATE asks for that. `Job.changed_at`, which tells open pages, is moved on by
`bulk.named` alone: of what a search finds, there may be more than any page shows.
"""

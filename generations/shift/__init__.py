"""The shift: one long task at a time that does all that jobs need of the outside world.

loop       the lease, the tick, the claims; hands steps to lanes
pace       when a step is next due (pure)
claims     what is due, and what polls found, in one statement each
lanes      a queue per key, so that nobody waits for another's provider
sending, asking, finding, saving    the steps: submit; poll, list and cancel; look up; download
database   the one thread in which all queries run
"""

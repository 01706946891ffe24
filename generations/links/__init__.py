"""Links that are sent: what one opens, for whom, and how it ends.

What their owner does: making (a link, another address, an end), expiring (how long), listing (all of one's own, and
their openings), codes (an address as a QR code).
What those do who come by one: visiting (the one rule of who gets in), opening (a password, a view), contents (what is
behind it now), remixing (the same with one's own key).
"""

"""Every model that a person can use, or could with a key.

renewal    asks providers what they have, before a page or behind it, and keeps their answers
listings   which models a person can use, through which key
shelf      one entry for each model, however many keys reach it
browsing   search, filters and order
facts      a model in a few words
favourites what stands at the top
"""

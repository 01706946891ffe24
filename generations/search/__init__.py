"""Finding jobs: what one asks for as a query string, and the pages of jobs that answer it.

wanted     the query string ↔ what is asked for
filters    what is asked for → conditions on jobs
words      the full-text index of prompts, notes and tags
scarce     the few jobs that a rare word, tag or value leaves over
walking    pages by keyset, in any order, in both directions
finding    which of these ways leads to a page soonest
reading    the jobs of a page
ids        many ids in a query
months     the months that there are jobs of
choices    what the filters offer
cards      a page of jobs as the gallery shows it
asking     `Search`, which puts them together
"""

from generations.search.asking import Search

__all__ = ["Search"]

"""The family of a job: what it was made from, what was made from it, what changed on the way and what it all cost.

A step leads from a job to one that was made from it: another try, a remix, or a job that begins from its result. What
a person may not see, or what is deleted, is no part of it, and nothing is followed through it.

walking    which jobs belong to it
changes    what became another thing from one job to the next
costs      what jobs cost together
tree       all of it, as it is drawn
beside     one step each way, as a job's own page shows it
"""

from generations.lineage.beside import Beside, beside
from generations.lineage.tree import Tree, tree

__all__ = ["Beside", "Tree", "beside", "tree"]

"""What jobs will cost, may cost and did cost. What else speaks against a click is `generations.checks`.

quotes     before the click: the price of each job, and of all of them
limits     what a key may spend in a month
amounts    exact sums in SQL
spend      a month added up: by day, provider, model and unit
chat       the replies of a month, by model and unit
ledger     the same month as a file
"""

"""What people do with each other's jobs.

beginnings  what a job begins from, as others see it
visibility  who may see a job: its owner, or a team too
comments    what is said of a job, by whom it may be changed
mentions    "@Ada" in a text: whom it means
wording     a comment's text, in the parts that a page shows
reactions   a small answer that needs no words
review      whether a team takes a job
activity    what happened in a team
"""

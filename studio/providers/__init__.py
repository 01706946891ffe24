"""Providers: pure dialects, and the one place that talks to them.

base, dialect, states   the terms, and what a dialect may fill
registry                every dialect by its name
verbs, flows            what can be asked, in which order, and what is tried again
http, transports        how it is sent
errors, reading         refusals and odd answers, in our terms
json_schema, schema_options   a schema made into a form's options
wayscloud_gpu, wavespeed*, nanobanana*, local_engine   one dialect each; local/ is the built-in engine itself
"""

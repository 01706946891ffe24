"""Providers: pure dialects, and the two places that talk to them.

base, dialect, states   the terms, and what a dialect may fill; chat, chat_dialect: the same of models that answer
registry                every dialect by its name
verbs, flows            what can be asked, in which order, and what is tried again
http, transports        how it is sent; streaming: a chat request, and its answer as it comes
errors, reading         refusals and odd answers, in our terms
json_schema, schema_options   a schema made into a form's options
wayscloud_gpu, wavespeed*, nanobanana*, local_engine   one dialect each
openai*, wayscloud_llm, local_chat   the dialects of chat; thinking, tool_calls, chat_text: what is odd in their answers
local, local.chat       the built-in engine and the built-in chat model themselves
"""

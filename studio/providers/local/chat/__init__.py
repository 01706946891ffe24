"""The built-in chat model: SmolLM2-135M, run by llama.cpp, spoken to like any OpenAI-compatible server.

weights   is it installed, and where
server    its web interface, which stays small; reply.py is an answer on its way
line      lets in two at once, and the others in turn
model     its other process, which holds the model, from the first question until a while after the last
resident  that process itself; fitting.py shortens what is longer than the model can read
terms     what is asked and answered, in OpenAI's words
"""

"""The language model: one protocol, three implementations (llama.cpp, OpenAI-compatible server, scripted)."""

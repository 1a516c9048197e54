"""What gpiot's engine is compared with: llama-cpp-python's own high-level API, used plainly.

    python llama_cpp_peer.py JOB.json

The job is {"action": "generate" | "reload", "model", "threads", "context", "system", "user", …}; the
answer is one JSON object on stdout. Run by `gpiot bench engine`; stands outside the package because
there only the engine may import llama_cpp.
"""

import ctypes
import json
import sys
import time
from pathlib import Path

import llama_cpp
from llama_cpp.llama_chat_format import Jinja2ChatFormatter


@llama_cpp.llama_log_callback
def silent(_level, _text, _data):
    """verbose=False does not silence all of it."""


def main() -> None:
    """Do the job that the first argument names."""
    llama_cpp.llama_log_set(silent, ctypes.c_void_p(0))
    job = json.loads(Path(sys.argv[1]).read_text())
    answer = {"generate": generate, "reload": reload}[job["action"]](job)
    print(json.dumps(answer))


def generate(job: dict) -> dict:
    """`count` completions of at most `tokens` tokens, one after the other."""
    llm = load(job)
    prompt = chat_prompt(llm, job)
    complete(llm, prompt, 1, seed=0)  # the weights are read from the disk now, not while timing
    llm.reset()
    started = time.perf_counter()
    tokens = [complete(llm, prompt, job["tokens"], seed) for seed in range(job["count"])]
    return {"seconds": time.perf_counter() - started, "tokens": tokens}


def reload(job: dict) -> dict:
    """Change the adapter as the high-level API can: load the model anew with `lora_path`."""
    load_seconds, first_token_seconds = [], []
    for number in range(job["swaps"]):
        started = time.perf_counter()
        llm = load(job, lora_path=job["adapters"][number % 2])
        load_seconds.append(time.perf_counter() - started)
        complete(llm, chat_prompt(llm, job), 1, seed=0)
        first_token_seconds.append(time.perf_counter() - started)
        llm.close()
    return {"swap": load_seconds, "swap and first token": first_token_seconds}


def load(job: dict, **options) -> llama_cpp.Llama:
    """The model with the same threads and context as gpiot's engine, all layers on a GPU."""
    return llama_cpp.Llama(
        job["model"],
        n_ctx=job["context"],
        n_threads=job["threads"],
        n_threads_batch=job["threads"],
        n_gpu_layers=-1,
        verbose=False,
        **options,
    )


def chat_prompt(llm: llama_cpp.Llama, job: dict) -> str:
    """The same text that gpiot's engine makes of a system and a user message."""
    formatter = Jinja2ChatFormatter(
        llm.metadata["tokenizer.chat_template"], eos_token="", bos_token=""
    )
    messages = [
        {"role": "system", "content": job["system"]},
        {"role": "user", "content": job["user"]},
    ]
    return formatter(messages=messages).prompt


def complete(llm: llama_cpp.Llama, prompt: str, tokens: int, seed: int) -> int:
    """One completion with gpiot's sampling; how many tokens it has."""
    answer = llm.create_completion(
        prompt, max_tokens=tokens, temperature=0.8, top_p=0.95, top_k=40, min_p=0.0, seed=seed
    )
    return answer["usage"]["completion_tokens"]


if __name__ == "__main__":
    main()

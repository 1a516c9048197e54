"""Writes a LoRA adapter of random numbers for a GGUF model: as large as a real one, of no use.

    python random_lora.py BASE.gguf OUT.gguf SEED

Rank 8 on every linear layer of every block. Needs the package `gguf`.
"""

import sys

import gguf
import numpy as np

RANK = 8
LAYERS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")


def main() -> None:
    """Write the adapter."""
    base, out, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
    rng = np.random.default_rng(seed)
    reader = gguf.GGUFReader(base)
    architecture = reader.get_field("general.architecture").contents()
    writer = gguf.GGUFWriter(out, architecture)
    writer.add_type(gguf.GGUFType.ADAPTER)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 2.0 * RANK)
    for tensor in reader.tensors:
        block, _, layer = tensor.name.removesuffix(".weight").rpartition(".")
        if not block.startswith("blk.") or layer not in LAYERS:
            continue
        inputs, outputs = (int(size) for size in tensor.shape)
        a = rng.normal(0, 0.02, (RANK, inputs)).astype(np.float32)
        b = rng.normal(0, 0.02, (outputs, RANK)).astype(np.float32)
        writer.add_tensor(f"{tensor.name}.lora_a", a)
        writer.add_tensor(f"{tensor.name}.lora_b", b)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()

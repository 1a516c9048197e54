"""Adapters to files: GGUF for llama.cpp, and peft's own layout with safetensors."""

import json
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import save

from gpiot_cli.files import write_atomic
from gpiot_cli.training.lora import adapter_pairs

Matrix = npt.NDArray[np.float32]

TYPES = {
    "f32": gguf.GGMLQuantizationType.F32,
    "f16": gguf.GGMLQuantizationType.F16,
    "q8_0": gguf.GGMLQuantizationType.Q8_0,
}
BLOCK = 32
"""Values that share a scale in q8_0: a matrix whose rows are no multiple of it stays f16."""


def write_gguf(path: Path, model: Any, adapter: str, architecture: str, precision: str) -> None:
    """Write an adapter of a peft model as a GGUF file that llama.cpp loads.

    The file holds `<tensor>.lora_a` (rank, in) and `<tensor>.lora_b` (out, rank) and alpha;
    llama.cpp adds scale * alpha / rank * B A x, as peft does.
    """
    config = model.get_base_model().config
    arch = next(a for a, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)
    names = gguf.get_tensor_name_map(arch, config.num_hidden_layers)
    temporary = path.with_name(f".{path.name}")
    writer = gguf.GGUFWriter(temporary, architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("general.name", adapter)
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(model.peft_config[adapter].lora_alpha))
    for layer, (down, up) in adapter_pairs(model, adapter).items():
        name = names.get_name(f"{layer}.weight", try_suffixes=(".weight",))
        if architecture == "llama":
            up = _rotary_order(layer, up, config)
        for part, matrix in (("a", down), ("b", up)):
            _add(writer, f"{name}.lora_{part}", matrix.contiguous().numpy(), precision)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    temporary.replace(path)


def write_peft(folder: Path, model: Any, adapter: str, base: str) -> None:
    """Write an adapter as `PeftModel.from_pretrained` reads it, in float16."""
    tensors = {
        f"base_model.model.{layer}.lora_{part}.weight": matrix.half().contiguous()
        for layer, pair in adapter_pairs(model, adapter).items()
        for part, matrix in zip("AB", pair, strict=True)
    }
    write_atomic(folder / "adapter_model.safetensors", save(tensors))
    config = model.peft_config[adapter].to_dict()
    config |= {"base_model_name_or_path": base, "inference_mode": True}
    text = json.dumps(config, indent=1, sort_keys=True, default=sorted)  # it holds sets
    write_atomic(folder / "adapter_config.json", text + "\n")


def _rotary_order(layer: str, up: torch.Tensor, config: Any) -> torch.Tensor:
    """The rows of B in the order in which llama.cpp keeps Llama's query and key matrices.

    It stores the two halves of each head interleaved (`LlamaModel.permute` of its converter).
    """
    heads = {
        "q_proj": config.num_attention_heads,
        "k_proj": config.num_key_value_heads,
    }.get(layer.rpartition(".")[2])
    if heads is None:
        return up
    rows, rank = up.shape
    return up.reshape(heads, 2, rows // heads // 2, rank).swapaxes(1, 2).reshape(rows, rank)


def _add(writer: gguf.GGUFWriter, name: str, matrix: Matrix, precision: str) -> None:
    if precision == "q8_0" and matrix.shape[-1] % BLOCK:
        precision = "f16"
    kind = TYPES[precision]
    writer.add_tensor(name, gguf.quants.quantize(matrix, kind), raw_dtype=kind)

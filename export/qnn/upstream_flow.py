"""Runs upstream's static Llama flow for the HTP in this process: ``python -m export.qnn.upstream_flow ARGUMENTS…``.

`compile.py` starts it as a child, with the compiler's libraries in the environment. It takes the arguments of upstream's
``executorch.examples.qualcomm.oss_scripts.llama.llama`` and three more: ``--shards``, ``--seq-mse`` and ``--recipe`` (another
model's quantisation).
"""

from __future__ import annotations

import argparse
import sys

# Import it before the placeholders: transformers checks which packages are installed.
import transformers  # noqa: F401
from pytorch_tokenizers.tiktoken import TiktokenTokenizer

from .unused_packages import unused_packages

with unused_packages():
    from executorch.examples.qualcomm.oss_scripts.llama import llama


def main() -> None:
    """Compiles one program and writes it into the folder given by ``--artifact``."""
    own = argparse.ArgumentParser(add_help=False)
    own.add_argument("--shards", type=int)
    own.add_argument("--seq-mse", type=int)
    own.add_argument("--recipe", choices=list(llama.SUPPORTED_LLM_MODELS))
    wanted, rest = own.parse_known_args()
    arguments = llama._build_parser().parse_args([*rest, "--compile_only", "--prompt", ""])
    recipe = type(llama.SUPPORTED_LLM_MODELS[arguments.decoder_model])
    if wanted.recipe is not None:
        recipe.quant_recipe = type(llama.SUPPORTED_LLM_MODELS[wanted.recipe]).quant_recipe
    if wanted.shards is not None:
        recipe.num_sharding = wanted.shards
    if wanted.seq_mse is not None:
        recipe.seq_mse_candidates = wanted.seq_mse
    # A chat template rendered the calibration text, so its markers are tokens.
    TiktokenTokenizer.encode.__kwdefaults__["allowed_special"] = "all"
    llama.export_llama(arguments)


if __name__ == "__main__":
    sys.exit(main())

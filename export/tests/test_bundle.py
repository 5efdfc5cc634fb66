"""The default model's bundle, made from the installed GGUF."""

import json
from hashlib import sha256

import numpy as np
import pytest

from export.default_model import bundle, gguf_source, program, ptd

FILES = ["model.pte", "model.ptd", "tokenizer.json", "tokenizer_config.json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bundle")
    bundle.make(gguf_source.locate(), folder, lambda _: None)
    return folder


def test_the_data_meets_every_tensor_of_the_program(folder):
    asked = program.external_tensors((folder / "model.pte").read_bytes())
    assert asked.keys() == ptd.read(folder / "model.ptd").keys()


def test_the_program_is_small_and_holds_no_weights(folder):
    assert (folder / "model.pte").stat().st_size < 1_000_000


def test_the_checksums_match_the_files(folder):
    manifest = json.loads((folder / "wyvern.json").read_text())
    assert manifest["sha256"] == {name: sha256((folder / name).read_bytes()).hexdigest() for name in FILES}
    assert manifest["license"] == "Apache-2.0"
    # As the model's card rounds it: 135 M.
    assert manifest["parameters"] == 134_515_008


def test_the_tokenizer_marks_the_chat_tokens_as_special(folder):
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    special = {token["content"]: token["id"] for token in tokenizer["added_tokens"]}
    assert special["<|im_start|>"] == 1
    assert special["<|im_end|>"] == 2
    assert len(tokenizer["model"]["vocab"]) == 49152
    config = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert config["eos_token"] == "<|im_end|>"
    assert "add_generation_prompt" in config["chat_template"]


def test_another_gguf_is_refused_before_anything_is_written(tmp_path):
    given = [ptd.Entry("a", np.zeros((2, 3), dtype=np.uint8)), ptd.Entry("b", np.zeros(4, dtype=np.float32))]
    bundle.check({"a": (2, 3), "b": (4,)}, given)
    for asked in ({"a": (2, 3)}, {"a": (2, 3), "b": (5,)}, {"a": (2, 3), "b": (4,), "c": (1,)}):
        with pytest.raises(ValueError, match="differ"):
            bundle.check(asked, given)
    foreign = tmp_path / "foreign.gguf"
    foreign.write_bytes(b"not a model")
    with pytest.raises(ValueError, match="GGUF"):
        bundle.make(foreign, tmp_path / "out", lambda _: None)
    assert not (tmp_path / "out" / "wyvern.json").exists()

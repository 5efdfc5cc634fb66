"""Meta's and Hugging Face's checkpoints describe the same model. Runs only with torch installed."""

import base64
import json

import pytest

torch = pytest.importorskip("torch")
safetensors_torch = pytest.importorskip("safetensors.torch")

from export.llama.checkpoint import CheckpointError, convert, find  # noqa: E402
from export.qnn.tokenizer import tiktoken_from_json  # noqa: E402

CONFIG = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "intermediate_size": 96,
    "vocab_size": 128,
    "rms_norm_eps": 1e-5,
    "rope_theta": 500000.0,
    "max_position_embeddings": 256,
    "tie_word_embeddings": True,
}


@pytest.fixture
def hugging_face(tmp_path):
    """A tied two-layer Llama as transformers saves it, in two shards, and its model."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(1)
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(**{k: v for k, v in CONFIG.items() if k != "model_type"})
    ).eval()
    weights = {name: value.contiguous() for name, value in model.state_dict().items() if name != "lm_head.weight"}
    names = sorted(weights)
    for shard, part in enumerate((names[:7], names[7:]), start=1):
        path = tmp_path / f"model-0000{shard}-of-00002.safetensors"
        safetensors_torch.save_file({name: weights[name] for name in part}, path)
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    return tmp_path, model


def test_a_sharded_hugging_face_checkpoint_computes_the_same_in_metas_naming(hugging_face, tmp_path):
    transformer = pytest.importorskip("executorch.examples.models.llama.llama_transformer")
    from executorch.examples.models.llama.model_args import ModelArgs

    folder, reference = hugging_face
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    weights, params = convert(find(folder, None), scratch)
    args = ModelArgs(**json.loads(params.read_text()), max_seq_len=64, max_context_len=64, generate_full_logits=True)
    model = transformer.construct_transformer(args).eval()
    missing, unexpected = model.load_state_dict(torch.load(weights, weights_only=True), strict=False)
    assert not unexpected
    assert not [name for name in missing if name.endswith(".weight")]
    tokens = torch.arange(40)[None] % 128
    with torch.no_grad():
        torch.testing.assert_close(model(tokens), reference(tokens).logits, atol=2e-4, rtol=1e-3)


def test_a_missing_shard_is_named(hugging_face):
    folder, _ = hugging_face
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(CheckpointError, match="1 of 2 shards"):
        find(folder, None)


def test_a_shard_that_the_index_lists_but_is_missing_is_named(tmp_path):
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}))
    (tmp_path / "model-1.safetensors").write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"model-2\.safetensors"):
        find(index, None)


def test_another_architecture_is_refused_by_name(hugging_face):
    folder, _ = hugging_face
    (folder / "config.json").write_text(json.dumps({**CONFIG, "model_type": "mamba"}))
    with pytest.raises(CheckpointError, match="'mamba'"):
        find(folder, None)


def test_the_hidden_width_is_computed_from_metas_params(tmp_path):
    (tmp_path / "consolidated.00.pth").write_bytes(b"")
    params = {"dim": 2048, "n_layers": 16, "n_heads": 32, "n_kv_heads": 8, "vocab_size": 128256, "norm_eps": 1e-5}
    params |= {"ffn_dim_multiplier": 1.5, "multiple_of": 256, "rope_theta": 500000.0, "use_scaled_rope": True}
    (tmp_path / "params.json").write_text(json.dumps(params))
    found = find(tmp_path, None)
    assert found.params["hidden_dim"] == 8192
    assert found.params["rope_scale_factor"] == 32
    assert 1.4e9 < found.parameters < 1.6e9


def test_llama_3s_rope_scaling_is_kept_and_others_are_refused(hugging_face):
    folder, _ = hugging_face
    scaled = {**CONFIG, "rope_scaling": {"rope_type": "llama3", "factor": 32.0}}
    (folder / "config.json").write_text(json.dumps(scaled))
    assert find(folder, None).params["rope_scale_factor"] == 32
    (folder / "config.json").write_text(json.dumps({**CONFIG, "rope_scaling": {"rope_type": "yarn", "factor": 4.0}}))
    with pytest.raises(CheckpointError, match="yarn"):
        find(folder, None)


def test_a_meta_checkpoint_is_used_in_place(tmp_path):
    from export.fixtures.cpu_programs import CHECKPOINT, PARAMS_FILE

    weights, _ = convert(find(CHECKPOINT, PARAMS_FILE), tmp_path)
    assert weights == CHECKPOINT


def test_tiktoken_lines_hold_the_bytes_of_byte_level_bpe(tmp_path):
    tokenizer = tmp_path / "tokenizer.json"
    vocabulary = {"Ġthe": 2, "Ċ": 1, "Ã©": 0}
    pre = {"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}]}
    tokenizer.write_text(json.dumps({"model": {"type": "BPE", "vocab": vocabulary}, "pre_tokenizer": pre}))
    lines = [line.split() for line in tiktoken_from_json(tokenizer).splitlines()]
    assert [(base64.b64decode(piece), int(rank)) for piece, rank in lines] == [(b"\xc3\xa9", 0), (b"\n", 1), (b" the", 2)]

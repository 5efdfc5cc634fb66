"""`python -m export llama` reports errors before the long work starts. Runs only with torch installed."""

import argparse
import json

import pytest

pytest.importorskip("torch")

from export import resources
from export.fixtures.cpu_programs import CHECKPOINT, PARAMS_FILE, TOKENIZER
from export.fixtures.dialogue import CHAT_TEMPLATE
from export.llama import command as llama
from export.llama.chat import calibration_texts, is_llama_3
from export.llama.ending_tokens import ending_tokens
from export.qnn import libraries
from export.resources import GIB, Needs, estimate, shortages


def run(*extra, tokenizer=TOKENIZER):
    parser = argparse.ArgumentParser()
    llama.add_arguments(parser)
    given = ["--checkpoint", CHECKPOINT, "--params", PARAMS_FILE, "--tokenizer", tokenizer, *extra]
    return llama.run(parser.parse_args([str(word) for word in given]))


def test_a_tokenizer_without_template_asks_for_one(tmp_path, capsys):
    assert run("--target", "xnnpack", "--out", tmp_path) == 1
    assert "--chat-template" in capsys.readouterr().err


def test_a_missing_tokenizer_is_named(tmp_path, capsys):
    assert run("--target", "xnnpack", "--out", tmp_path, tokenizer=tmp_path / "none.model") == 1
    assert "none.model does not exist" in capsys.readouterr().err


def test_memory_is_checked_before_anything_is_read(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(resources, "available_memory", lambda: (GIB // 2, 0))
    assert run("--target", "emulator", "--out", tmp_path, "--completion") == 1
    assert "sudo mkswap" in capsys.readouterr().err
    assert not (tmp_path / "model.pte").exists()


def test_the_estimate_for_a_billion_weights_is_close_to_the_measurement():
    needs = estimate(1_498_000_000, 0, npu=True)
    assert 44e9 < needs.memory < 54e9


def test_an_export_that_needs_nothing_has_no_shortage(tmp_path):
    assert shortages(Needs(0, 0), tmp_path) == []


def test_the_wrong_library_folder_is_named(tmp_path):
    with pytest.raises(libraries.LibrariesError, match=r"libQnnHtp\.so"):
        libraries.libraries(tmp_path)


def test_calibration_conversations_carry_the_models_own_markers():
    texts = calibration_texts(None, CHAT_TEMPLATE)
    assert len(texts) > 10
    assert all(text.startswith(("<|user|>", "<|system|>")) and text.endswith("<|end|>") for text in texts)


def test_calibration_takes_plain_paragraphs(tmp_path):
    file = tmp_path / "text.txt"
    file.write_text("One.\nStill one.\n\n\nTwo.\n")
    assert calibration_texts(file, None) == ["One.\nStill one.", "Two."]


def test_ending_tokens_are_the_stop_tokens_and_the_end_of_text():
    assert ending_tokens(TOKENIZER, ["<|end|>"]) == (1, [6, 2])
    with pytest.raises(ValueError, match="nonsense"):
        ending_tokens(TOKENIZER, ["<|nonsense|>"])


def test_tiktoken_files_are_recognised_by_content(tmp_path):
    file = tmp_path / "tokenizer.model"
    file.write_bytes(b"IQ== 0\nIg== 1\n")
    assert is_llama_3(file)
    assert not is_llama_3(TOKENIZER)
    assert ending_tokens(file, ["<|eot_id|>"]) == (2, [11, 3])


def test_expected_answers_are_the_committed_text():
    from export.fixtures.cpu_programs import FIXTURES
    from export.fixtures.exam import MINIMUM_MARGIN, questions

    entries = json.loads((FIXTURES / "tiny-llama/expected.json").read_text())
    assert min(entry["margin"] for entry in entries) >= MINIMUM_MARGIN
    said = {entry["continuation"] for entry in entries if entry["reason"] == "stop"}
    assert {question.expected for question in questions() if not question.endless} == said


def test_a_containers_limit_caps_the_available_memory(tmp_path):
    group = tmp_path / "unified/app.slice/build"
    group.mkdir(parents=True)
    limits = {"memory.max": 4 * GIB, "memory.current": GIB, "memory.swap.max": GIB, "memory.swap.current": 0}
    for name, value in limits.items():
        (group / name).write_text(f"{value}\n")
    (group / "memory.stat").write_text(f"anon 1\ninactive_file {GIB // 2}\n")
    (group.parent / "memory.max").write_text("max\n")
    groups = tmp_path / "cgroup"
    groups.write_text("0::/app.slice/build\n")
    left = resources.left_of_limits(groups, tmp_path / "unified")
    assert left == (3.5 * GIB, 4.5 * GIB)


def test_peak_memory_includes_all_descendants():
    import subprocess
    import sys

    hold = "import time; block = bytearray(150 << 20); print('held', flush=True); input()"
    nest = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {hold!r}])"
    with subprocess.Popen([sys.executable, "-c", nest], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"held\n"
        assert resources.tree_bytes(child.pid) > 150 << 20
        child.communicate(b"\n")


def test_a_random_checkpoint_has_the_shape_and_a_label(tmp_path, monkeypatch):
    from export.llama import random_checkpoint
    from export.llama.checkpoint import convert, find

    tiny = {"dim": 64, "n_layers": 2, "n_heads": 4, "n_kv_heads": 2, "multiple_of": 32, "vocab_size": 1024, "norm_eps": 1e-5}
    monkeypatch.setitem(random_checkpoint.SHAPES, "llama-3.2-1b", tiny)
    parser = argparse.ArgumentParser()
    random_checkpoint.add_arguments(parser)
    assert random_checkpoint.run(parser.parse_args(["--out", str(tmp_path / "random")])) == 0
    assert "Random weights" in (tmp_path / "random/README.txt").read_text()
    weights, _ = convert(find(tmp_path / "random", None), tmp_path)
    assert weights == tmp_path / "random/consolidated.00.pth"
    assert is_llama_3(tmp_path / "random/tokenizer.model")
    assert ending_tokens(tmp_path / "random/tokenizer.model", []) == (768, [769])

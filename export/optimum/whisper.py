"""A tiny Whisper with random weights, exported as speech models are: Wyvern must name it, not run it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from transformers import (
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
    WhisperProcessor,
    WhisperTokenizer,
)

SECONDS, FRAMES, MELS = 1, 100, 8
TOKENS = ("<|endoftext|>", "<|startoftranscript|>", "a", "b")
LENGTH = 16


def export_whisper(out: Path) -> None:
    """Writes a program as `optimum-cli export executorch --task automatic-speech-recognition --recipe portable` does."""
    import optimum.exporters.executorch.convert  # noqa: F401 registers the custom attention
    from optimum.exporters.executorch.recipes.portable import export_to_executorch_with_portable
    from optimum.exporters.executorch.tasks.asr import load_seq2seq_speech_model

    with tempfile.TemporaryDirectory() as scratch:
        _write_model(Path(scratch))
        exported = export_to_executorch_with_portable(load_seq2seq_speech_model(scratch, max_seq_len=LENGTH))
        exported["model"].save(str(out))


def _write_model(folder: Path) -> None:
    config = WhisperConfig(
        vocab_size=len(TOKENS),
        num_mel_bins=MELS,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        d_model=16,
        max_source_positions=FRAMES // 2,
        max_target_positions=LENGTH,
        pad_token_id=0,
        bos_token_id=0,
        eos_token_id=0,
        decoder_start_token_id=1,
        suppress_tokens=[],
        begin_suppress_tokens=[],
    )
    WhisperForConditionalGeneration(config).save_pretrained(folder)
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({token: id for id, token in enumerate(TOKENS)}))
    merges.write_text("#version: 0.2\n")
    tokenizer = WhisperTokenizer(str(vocabulary), str(merges), unk_token=TOKENS[0])
    extractor = WhisperFeatureExtractor(feature_size=MELS, chunk_length=SECONDS)
    WhisperProcessor(extractor, tokenizer).save_pretrained(folder)

from pathlib import Path

from export.optimum.variants import VARIANTS, table

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "e2e/fixtures/optimum"


def test_every_variant_is_committed_and_nothing_else():
    names = sorted(VARIANTS)
    assert sorted(path.stem for path in FOLDER.glob("*.pte")) == sorted([*names, "whisper"])
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == names


def test_each_file_is_under_two_megabytes():
    assert max(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) < 2_000_000


def test_the_readme_has_the_table_of_programs():
    assert table() in (ROOT / "export/README.md").read_text(encoding="utf-8")

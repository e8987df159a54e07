"""index.encoder and index.static_features: the shipped model, its damage, and models in its place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizer

from index.encoder import BUILTIN_FOLDER, EncoderError, load_encoder
from index.static_features import MANIFEST, StaticFeatures

QUESTION = "请问报废旧车买新能源车补贴好多钱嘛要啷个办"


def tiny() -> StaticFeatures:
    """Two dimensions, to be reckoned by hand."""
    return StaticFeatures(
        ["换新", "换", "新", "车"],
        np.array([[3, 0], [0, 4], [0, 2], [-1, 0]], dtype=np.int8),
        np.array([1.0, 0.5, 1.0, 2.0], dtype=np.float32),
    )


@pytest.fixture
def tiny_folder(tmp_path: Path) -> Path:
    tiny().save(str(tmp_path / "tiny"))
    return tmp_path / "tiny"


@pytest.fixture(scope="module")
def transformer_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer and eight dimensions with a vocabulary of its own, saved as a model."""
    folder = tmp_path_factory.mktemp("transformer")
    (folder / "vocab.txt").write_text(
        "\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"绿色消费家电车"])
    )
    backbone = folder / "backbone"
    config = BertConfig(
        vocab_size=12, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16
    )
    BertModel(config).save_pretrained(backbone)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(backbone)
    transformer = Transformer(str(backbone))
    model = SentenceTransformer(modules=[transformer, Pooling(8)], device="cpu")
    model.save(str(folder / "model"))
    return folder / "model"


def test_a_vector_is_the_normalised_sum_of_scaled_feature_rows() -> None:
    # jieba cuts 换新 in two, so it counts once, as a bigram: (3, 0) + 0.5 * (0, 4) + (0, 2) = (3, 4)
    assert np.allclose(tiny().encode(["換新！"]), [[0.6, 0.8]])


def test_a_text_without_a_known_feature_has_the_zero_vector() -> None:
    assert tiny().encode(["？", "hello", ""]).tolist() == [[0, 0], [0, 0], [0, 0]]


def test_no_text_gives_no_rows(tiny_folder: Path) -> None:
    assert load_encoder(tiny_folder).encode([]).shape == (0, 2)


def test_quantising_keeps_vectors_within_half_a_step() -> None:
    vectors = np.random.default_rng(0).standard_normal((40, 16)).astype(np.float32)
    module = StaticFeatures.quantised([f"词{number}" for number in range(40)], vectors)
    restored = module.rows * module.scales[:, None]
    assert np.all(np.abs(restored - vectors) <= module.scales[:, None] / 2 + 1e-6)


def test_quantising_keeps_a_row_of_zeros() -> None:
    module = StaticFeatures.quantised(["车"], np.zeros((1, 4), dtype=np.float32))
    assert module.rows.tolist() == [[0, 0, 0, 0]]


def test_a_saved_model_loads_and_gives_the_same_vectors(tiny_folder: Path) -> None:
    loaded = StaticFeatures.load(tiny_folder)
    assert np.array_equal(loaded.encode(["换新车"]), tiny().encode(["换新车"]))
    assert isinstance(loaded.rows, np.memmap)
    assert sum(parameter.numel() for parameter in loaded.parameters()) == 0


def test_sentence_transformers_gives_the_same_vectors_as_the_direct_way(tiny_folder: Path) -> None:
    texts = ["换新", "", "新车换新", "车"]
    model = SentenceTransformer(modules=[StaticFeatures.load(tiny_folder)], device="cpu")
    assert np.allclose(
        model.encode(texts, normalize_embeddings=True), load_encoder(tiny_folder).encode(texts), atol=1e-6
    )
    assert model.get_embedding_dimension() == 2


def test_a_folder_of_our_format_takes_the_place_of_the_shipped_model(tiny_folder: Path) -> None:
    encoder = load_encoder(tiny_folder)
    assert encoder.dimension == 2
    assert encoder.encode(["新"]).tolist() == [[0, 1]]


def test_the_fingerprint_follows_the_weights(tiny_folder: Path, tmp_path: Path) -> None:
    changed = tiny()
    changed.scales[0] = 1.5
    changed.save(str(tmp_path / "changed"))
    shutil.copytree(tiny_folder, tmp_path / "copy")
    first = load_encoder(tiny_folder).fingerprint
    assert load_encoder(tmp_path / "copy").fingerprint == first
    assert load_encoder(tmp_path / "changed").fingerprint != first


@pytest.mark.parametrize(
    ("rows", "scales", "vocabulary"),
    [
        (np.zeros((2, 2), np.float32), np.ones(2, np.float32), ["a", "b"]),
        (np.zeros((2, 2), np.int8), np.ones(3, np.float32), ["a", "b"]),
        (np.zeros((2, 2), np.int8), np.ones(2, np.float32), ["a", "a"]),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    rows: np.ndarray, scales: np.ndarray, vocabulary: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"not int8|not float32|different features"):
        StaticFeatures(vocabulary, rows, scales)


@pytest.mark.parametrize("name", [MANIFEST, "vocabulary.txt", "rows.npy", "scales.npy"])
def test_a_missing_file_is_named(tiny_folder: Path, name: str) -> None:
    (tiny_folder / name).unlink()
    with pytest.raises(EncoderError) as caught:
        StaticFeatures.load(tiny_folder)
    assert str(tiny_folder / name) in str(caught.value)
    assert "index.train" in str(caught.value)


@pytest.mark.parametrize("name", ["vocabulary.txt", "rows.npy", "scales.npy"])
def test_a_damaged_file_is_named(tiny_folder: Path, name: str) -> None:
    content = bytearray((tiny_folder / name).read_bytes())
    content[-2] ^= 1
    (tiny_folder / name).write_bytes(content)
    with pytest.raises(EncoderError, match=rf"{name} is damaged"):
        load_encoder(tiny_folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}'])
def test_a_damaged_manifest_is_named(tiny_folder: Path, text: str) -> None:
    (tiny_folder / MANIFEST).write_text(text)
    with pytest.raises(EncoderError, match=f"{MANIFEST} cannot be read"):
        load_encoder(tiny_folder)


def test_a_model_made_for_other_features_is_refused(tiny_folder: Path) -> None:
    manifest = json.loads((tiny_folder / MANIFEST).read_text())
    (tiny_folder / MANIFEST).write_text(json.dumps({**manifest, "recipe": 99}))
    with pytest.raises(EncoderError, match="feature recipe"):
        load_encoder(tiny_folder)


@pytest.mark.parametrize("setting", ["/no/such/model", "./missing", "~/missing-model", "bge", "", "a/b/c"])
def test_a_folder_that_does_not_exist_is_named(setting: str) -> None:
    with pytest.raises(EncoderError, match="does not exist") as caught:
        load_encoder(setting)
    assert repr(setting) in str(caught.value)
    assert "'builtin'" in str(caught.value)


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="cannot be loaded") as caught:
        load_encoder(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_another_sentence_transformers_model_takes_the_builtins_place(transformer_folder: Path) -> None:
    encoder = load_encoder(str(transformer_folder))
    vectors = encoder.encode(["绿色消费", "家电", "绿色消费"])
    assert (encoder.dimension, vectors.shape, vectors.dtype) == (8, (3, 8), np.float32)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert np.allclose(vectors[0], vectors[2], atol=1e-6)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-3)
    assert encoder.encode([]).shape == (0, 8)


def test_another_models_fingerprint_follows_its_files(transformer_folder: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(transformer_folder, changed)
    before = load_encoder(changed).fingerprint
    assert load_encoder(changed).fingerprint == before
    with (changed / "README.md").open("a") as card:
        card.write("changed")
    assert load_encoder(changed).fingerprint != before


@pytest.fixture
def model_with_code(transformer_folder: Path, tmp_path: Path) -> Path:
    """The tiny transformer with a module class of its own, which leaves a mark where it is imported."""
    folder = tmp_path / "with-code"
    shutil.copytree(transformer_folder, folder)
    mark = tmp_path / "executed"
    (folder / "scaling.py").write_text(
        "from pathlib import Path\n"
        "from sentence_transformers.base.modules import Module\n"
        f"Path({str(mark)!r}).touch()\n"
        "class Scaling(Module):\n"
        "    def forward(self, features, **kwargs):\n"
        "        features['sentence_embedding'] = features['sentence_embedding'] * 2\n"
        "        return features\n"
        "    def save(self, output_path, *args, **kwargs): pass\n"
        "    def get_embedding_dimension(self): return 8\n"
        "    @classmethod\n"
        "    def load(cls, *args, **kwargs): return cls()\n"
    )
    modules = json.loads((folder / "modules.json").read_text())
    modules.append({"idx": len(modules), "name": "own", "path": "own", "type": "scaling.Scaling"})
    (folder / "modules.json").write_text(json.dumps(modules))
    (folder / "own").mkdir()
    return folder


def test_a_model_with_code_of_its_own_is_refused_and_its_code_never_runs(model_with_code: Path) -> None:
    with pytest.raises(EncoderError, match="code of its own"):
        load_encoder(model_with_code)
    assert not (model_with_code.parent / "executed").exists()


def test_a_model_with_code_of_its_own_loads_when_it_is_trusted(
    model_with_code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "code"))
    encoder = load_encoder(model_with_code, trust_remote_code=True)
    assert encoder.encode(["家电"]).shape == (1, 8)
    assert (model_with_code.parent / "executed").exists()


def test_the_shipped_folder_is_at_most_25_000_000_bytes() -> None:
    assert 0 < sum(path.stat().st_size for path in BUILTIN_FOLDER.rglob("*") if path.is_file()) <= 25_000_000


def test_the_shipped_encoder_brings_related_texts_nearer_than_others() -> None:
    question, answer, other = load_encoder().encode(
        [
            "老百姓买纯电动汽车给不给补贴",
            "对购买新能源汽车的消费者给予补贴。",
            "会议应当有三分之二以上成员出席方可举行。",
        ]
    )
    assert question @ answer > question @ other + 0.2


def test_the_shipped_encoder_equals_its_sentence_transformers_model() -> None:
    encoder = load_encoder()
    texts = [QUESTION, "绿色消费", "", "ABC 123"]
    model = SentenceTransformer(modules=[StaticFeatures.load(BUILTIN_FOLDER)], device="cpu")
    assert np.allclose(encoder.encode(texts), model.encode(texts, normalize_embeddings=True), atol=1e-6)

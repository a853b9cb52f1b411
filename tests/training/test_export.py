"""What is taken away from a run: every form is opened again, here and by PyTorch and ONNX Runtime."""

import io
import json
import runpy
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from PIL import Image

from explainer.errors import Cancelled, ReaderError
from explainer.models import load_model
from explainer.models.preprocessing import Preprocessing
from explainer.training.aside import aside
from explainer.training.beginning import new_network
from explainer.training.card import model_card
from explainer.training.checkpoint import save_text, save_weights
from explainer.training.data import Dataset, Split
from explainer.training.export import KINDS, TOLERANCE, export, exported, main
from explainer.training.recipe import Recipe
from explainer.training.runs import Run

pytestmark = pytest.mark.slow

NAMES = ("cat", 'say "hi", {x}', "犬")
NETWORKS = {
    "lenet5": ((1, 32), (0.1,), (0.3,)),
    "tiny_vgg": ((3, 64), (0.4, 0.5, 0.6), (0.2, 0.3, 0.4)),
    "resnet18": ((3, 64), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "timm:test_resnet": ((3, 48), (0.5,), (0.25,)),
}
"""Channels and side of the images, mean and deviation."""
SCRIPTED = NETWORKS | {"resnet20": ((3, 32), (0.0, 0.1, 0.2), (1.0, 0.9, 0.8))}


def finished(key, runs):
    """Return a run as it lies there when it is done, of a network that has seen one batch."""
    (channels, side), mean, std = SCRIPTED[key]
    recipe = Recipe(
        name="três | pets", network=key, dataset="noise", epochs=1, batch_size=12, optimizer="sgd",
        learning_rate=0.1, weight_decay=0.0, mean=mean, std=std,
    )  # fmt: skip
    run = Run.new(recipe, runs)
    generator = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (12, channels, side, side), generator=generator, dtype=torch.uint8)
    split = Split(images, torch.arange(12) % 3)
    model = new_network(recipe, 3, run.folder)
    model.train()(torch.randn(12, channels, side, side, generator=generator))  # running statistics
    model.eval()
    save_weights(run.weights, model.state_dict())
    card = model_card(recipe, Dataset(split, split.part(torch.arange(0)), NAMES, "noise"), model)
    save_text(run.weights.with_suffix(".json"), json.dumps(card))
    return run, model


@pytest.fixture(scope="module", params=NETWORKS)
def taken(request, tmp_path_factory):
    """A run, the network that it left, and the folder that everything was exported to."""
    folder = tmp_path_factory.mktemp("taken")
    run, model = finished(request.param, folder / "runs")
    state = torch.get_rng_state()
    files = export(run, folder=folder)
    assert torch.equal(torch.get_rng_state(), state)
    return run, model, folder, {file.name.rpartition(".")[2]: file for file in files}


@pytest.fixture
def batches(taken):
    (channels, side), _, _ = NETWORKS[taken[0].recipe.network]
    generator = torch.Generator().manual_seed(5)
    return [torch.randn(count, channels, side, side, generator=generator) for count in (1, 3)]


def alone(file, folder):
    """Put a file where nothing lies beside it."""
    path = folder / file.name
    path.write_bytes(file.data)
    return path


def fed(key):
    (channels, side), mean, std = NETWORKS[key]
    mean, std = (values * channels if len(values) == 1 else values for values in (mean, std))
    return Preprocessing((side, side), mean, std, "L" if channels == 1 else "RGB", resize=side)


def test_every_form_is_written_and_nothing_else(taken):
    _, _, folder, files = taken
    assert tuple(files) == ("json", *(kind for kind in KINDS if kind != "json"))
    names = {path.name for path in folder.iterdir() if path.is_file()}
    assert names == {f"três | pets.{kind}" for kind in KINDS}
    assert all((folder / file.name).read_bytes() == file.data for file in files.values())
    checked = {kind for kind, file in files.items() if file.difference is not None}
    assert checked == {"onnx", "pt2"}


@pytest.mark.parametrize("kind", ["safetensors", "pth"])
def test_weights_open_again_to_the_same_bits(taken, batches, kind, tmp_path):
    run, model, folder, files = taken
    path = alone(files[kind], tmp_path) if kind == "safetensors" else folder / files[kind].name
    opened = load_model(run.recipe.network, path)
    assert opened.classes == NAMES
    assert opened.preprocessing == fed(run.recipe.network)
    with torch.no_grad():
        assert all(torch.equal(opened.model(images), model(images)) for images in batches)
    if kind == "pth":
        tensors = torch.load(path, weights_only=True)
        assert tensors.keys() == model.state_dict().keys()
        assert all(torch.equal(value, tensors[name]) for name, value in model.state_dict().items())


def test_the_run_itself_opens_on_other_pages(taken, batches):
    run, model, _, _ = taken
    opened = load_model(run.recipe.network, run.weights)
    assert (opened.classes, opened.preprocessing) == (NAMES, fed(run.recipe.network))
    with torch.no_grad():
        assert torch.equal(opened.model(batches[1]), model(batches[1]))


def test_the_program_computes_the_same_bits(taken, batches):
    run, model, folder, files = taken
    path = folder / files["pt2"].name
    opened = load_model("program", path)
    assert (opened.classes, opened.preprocessing) == (NAMES, fed(run.recipe.network))
    extra = {"card.json": ""}
    theirs = torch.export.load(path, extra_files=extra).module()
    assert json.loads(extra["card.json"])["classes"] == list(NAMES)
    with torch.no_grad():
        for images in batches:
            assert torch.equal(opened.model(images), model(images))
            assert torch.equal(theirs(images), model(images))
    assert files["pt2"].difference == 0


def test_onnx_computes_what_pytorch_computes(taken, batches):
    run, model, _, files = taken
    onnx.checker.check_model(onnx.load(io.BytesIO(files["onnx"].data)), full_check=True)
    session = onnxruntime.InferenceSession(files["onnx"].data, providers=["CPUExecutionProvider"])
    (given,), (answer,) = session.get_inputs(), session.get_outputs()
    assert (given.name, given.shape[0], answer.name, answer.shape) == (
        "images", "batch", "logits", ["batch", 3],
    )  # fmt: skip
    for images in batches:
        with torch.no_grad():
            expected = model(images)
        (found,) = session.run(None, {"images": images.numpy()})
        assert np.abs(found - expected.numpy()).max() < 1e-5
    assert 0 <= files["onnx"].difference < 1e-5
    said = session.get_modelmeta().custom_metadata_map
    assert json.loads(said["classes"]) == list(NAMES)
    assert Preprocessing.from_card(json.loads(said["preprocessing"])) == fed(run.recipe.network)


@pytest.mark.parametrize("key", SCRIPTED)
def test_the_script_needs_nothing_of_ours(key, tmp_path, monkeypatch, capsys):
    run, _ = finished(key, tmp_path / "runs")
    script, _ = (alone(exported(run, kind), tmp_path) for kind in ("py", "safetensors"))
    assert "explainer" not in script.read_text("utf-8")
    picture = tmp_path / "photo.png"
    pixels = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(picture)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [str(script), str(picture)])
    runpy.run_path(str(script))
    said = dict(line.strip().split("  ", 1)[::-1] for line in capsys.readouterr().out.splitlines())

    opened = load_model(run.recipe.network, run.weights)
    with torch.no_grad():
        shares = opened.model(opened.preprocessing.apply(Image.open(picture))).softmax(1)[0]
    assert said == {name: f"{share:.2%}" for name, share in zip(NAMES, shares.tolist(), strict=True)}


def test_a_run_without_a_result_says_what_to_do(recipe, tmp_path):
    run = Run.new(recipe, tmp_path)
    with pytest.raises(ReaderError, match="no result yet"):
        exported(run, "pth")
    run, _ = finished("lenet5", tmp_path)
    with pytest.raises(ReaderError, match="no form exe"):
        exported(run, "exe")
    for broken in ("", "[]", '{"classes": ["a"]}'):
        run.weights.with_suffix(".json").write_text(broken)
        with pytest.raises(ReaderError, match="missing or damaged"):
            exported(run, "pth")
    run.weights.write_bytes(run.weights.read_bytes()[:-100])
    run.weights.with_suffix(".json").write_text('{"classes": ["a"], "preprocessing": {}}')
    with pytest.raises(ReaderError, match="cannot be read as weights"):
        exported(run, "pth")


def test_what_computes_something_else_is_not_given_out(tmp_path, monkeypatch):
    run, _ = finished("lenet5", tmp_path)
    graph = torch.export.export

    def of_another(model, *given, **settings):
        changed = load_model("lenet5", run.weights).model
        changed.output.bias.data[1] += 10 * TOLERANCE
        return graph(changed, *given, **settings)

    monkeypatch.setattr(torch.export, "export", of_another)
    for kind in ("onnx", "pt2"):
        with pytest.raises(ReaderError, match="does not compute what PyTorch computes"):
            export(run, [kind])
    assert [path.name for path in (run.folder / "export").iterdir()] == ["três | pets.json"]


def test_it_can_be_given_up_and_is_done_aside(tmp_path):
    run, _ = finished("lenet5", tmp_path)

    def give_up(done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        export(run, ["onnx"], progress=give_up)
    told = []
    files = aside(export, run, ("pt2",), None, progress=lambda *progress: told.append(progress), threads=1)
    assert [file.name for file in files] == ["três | pets.json", "três | pets.pt2"]
    assert told[-1] == (2, 2)
    assert load_model("program", run.folder / "export" / "três | pets.pt2").classes == NAMES


def test_the_command_line(tmp_path, monkeypatch, capsys):
    run, _ = finished("lenet5", tmp_path)
    command = ["export", str(run.folder), "md", "pth", "--out", str(tmp_path / "out")]
    monkeypatch.setattr(sys, "argv", command)
    main()
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".json", ".md", ".pth"}
    assert "três | pets.pth: " in capsys.readouterr().out
    monkeypatch.setattr(sys, "argv", ["export", str(run.folder), "exe"])
    with pytest.raises(SystemExit, match="no form exe"):
        main()

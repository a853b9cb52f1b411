"""Networks that torch.export saved: the same numbers under the same names, without running the file."""

import io
import warnings

import pytest
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F

from explainer.errors import ReaderError
from explainer.models import load_model
from explainer.models.networks import build
from explainer.models.operators import Operator, RefusedError
from explainer.models.programs import read_program
from explainer.models.published import construct
from explainer.tracing import explain, maps, trace


def saved(model: nn.Module, shape: tuple[int, ...], path, **options):
    """Export a network and save it; return one input."""
    images = torch.rand(shape, generator=torch.Generator().manual_seed(3))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(model.eval(), (images,), **options), path)
    return images


class Assorted(nn.Module):
    """Operations that the bundled networks have none of."""

    def __init__(self):
        super().__init__()
        self.grow = nn.ConvTranspose2d(3, 6, 3, stride=2, output_padding=1)
        self.norm = nn.GroupNorm(2, 6)
        self.act = nn.GELU(approximate="tanh")
        self.layer = nn.LayerNorm(6)
        self.elu = nn.ELU(0.7, inplace=True)
        self.register_buffer("scale", torch.tensor([0.5, 2.0]))
        self.register_buffer("table", torch.arange(6.0), persistent=False)

    def forward(self, x):
        y = self.act(self.norm(self.grow(x)))
        y = F.interpolate(y, scale_factor=0.5, mode="bilinear", align_corners=False)
        y = F.max_pool2d(y, 2, ceil_mode=True) + F.avg_pool2d(y, 2, ceil_mode=True)
        a, b = y.chunk(2, 1)
        y = torch.cat([a * self.scale[0], self.elu(b - 0.1) / self.scale[1]], 1)
        y = y[:, :, 1:-1, ::2].flip(3)
        y = self.layer(y.permute(0, 2, 3, 1)).mean((1, 2)) + self.table.to(torch.float32)
        top = y.clamp(-1, 1).pow(2).sum(-1, keepdim=True).sqrt()
        return torch.where(y > 0, y, y * 0.1) / (top + 1e-3)


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (lambda: build("tiny_vgg"), (1, 3, 64, 64)),
        (lambda: build("lenet5"), (1, 1, 32, 32)),
        (lambda: build("resnet20", 4), (1, 3, 32, 32)),
        (lambda: construct("squeezenet1_1", 5), (1, 3, 64, 64)),
        pytest.param(
            lambda: construct("mobilenet_v3_small", 5), (1, 3, 64, 64), marks=pytest.mark.slow, id="mobilenet"
        ),
        (Assorted, (1, 3, 17, 21)),
    ],
)
def test_the_same_numbers(make, shape, tmp_path):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = make()
    images = saved(model, shape, tmp_path / "net.pt2")
    program = read_program(tmp_path / "net.pt2", "net.pt2")
    with torch.no_grad():
        wanted = model(images)
        assert torch.equal(program(images), wanted)
        assert torch.equal(program(images), wanted)  # nothing is left behind
    assert program.saved_graph.outputs == wanted.shape[1]
    assert program.saved_graph.preprocessing.size == shape[2:]
    ours, theirs = program.state_dict(), model.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs if "num_batches" not in name)


@pytest.mark.slow
def test_a_trace_reads_as_that_of_the_network(tmp_path):
    model = construct("resnet18").eval()
    images = saved(model, (1, 3, 64, 64), tmp_path / "net.pt2")
    loaded = load_model("program", tmp_path / "net.pt2", classes=[f"thing {n}" for n in range(1000)])
    assert loaded.classes[7] == "thing 7"
    ours, theirs = trace(loaded.model, images), trace(model, images)
    assert [(node.name, node.kind) for node in ours.nodes] == [
        (node.name, node.kind) for node in theirs.nodes
    ]
    assert ours["layer1.0.conv1"].call.type == "Conv2d"
    assert ours["layer1.0.conv1"].call.description == "Conv2d(weight (64, 64, 3, 3))"
    for mine, other in zip(ours.nodes, theirs.nodes, strict=True):
        assert torch.equal(mine.output, other.output)
    found = explain(ours["layer2.0.bn1"], 3, 4, 5)
    assert found.total == pytest.approx(maps(theirs["layer2.0.bn1"])[3, 4, 5].item(), rel=1e-5)


@pytest.mark.slow
def test_a_decomposed_graph_runs(tmp_path):
    model, path = construct("squeezenet1_1", 3).eval(), tmp_path / "net.pt2"
    images = torch.rand(1, 3, 64, 64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(model, (images,)).run_decompositions(), path)
    with torch.no_grad():
        assert torch.allclose(read_program(path, "net")(images), model(images), atol=1e-6)


def test_sizes_that_may_vary(tmp_path):
    model, path = build("resnet20"), tmp_path / "net.pt2"
    batch = torch.export.Dim("batch", min=1, max=8)
    saved(model, (2, 3, 32, 32), path, dynamic_shapes=({0: batch},))
    images = torch.rand(1, 3, 32, 32)
    with torch.no_grad():
        assert torch.equal(read_program(path, "net")(images), model(images))


def test_tied_weights_stay_tied(tmp_path):
    model = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 3, 3, padding=1))
    model[2].weight = model[0].weight
    images = saved(model, (1, 3, 8, 8), tmp_path / "net.pt2")
    with torch.no_grad():
        assert torch.equal(read_program(tmp_path / "net.pt2", "net")(images), model(images))


class OddNames(nn.Module):
    """Its modules are called as parts of a program might be."""

    def __init__(self) -> None:
        super().__init__()
        self.block = nn.Conv2d(3, 4, 3)
        self.run = nn.ReLU()
        self.outputs = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.outputs(self.run(self.block(x)).mean((2, 3)))


def test_modules_may_have_any_name(tmp_path):
    model = OddNames().eval()
    images = saved(model, (1, 3, 9, 9), tmp_path / "net.pt2")
    with torch.no_grad():
        assert torch.equal(read_program(tmp_path / "net.pt2", "net")(images), model(images))


class Counting(nn.Module):
    """Writes into a buffer and, through a view, into its own weight."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.register_buffer("count", torch.zeros(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.count.add_(1.0)
        self.conv.weight[0].mul_(2.0)
        return self.conv(x).mean((2, 3)) + self.count


def test_a_network_that_writes_into_itself_stays_as_it_was_saved(tmp_path):
    images = saved(Counting().requires_grad_(False), (1, 3, 9, 9), tmp_path / "net.pt2")
    program = read_program(tmp_path / "net.pt2", "net")
    before = {name: tensor.clone() for name, tensor in program.state_dict().items()}
    with torch.no_grad():
        first = program(images)
        assert torch.equal(program(images), first)
    trace(program, images)
    after = program.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())


class TwoInputs(nn.Module):
    def forward(self, x, y):
        return x + y


@pytest.mark.slow
def test_what_cannot_be_opened_is_said(tmp_path):
    path = tmp_path / "net.pt2"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(TwoInputs(), (torch.rand(1, 3, 4, 4), torch.rand(1))), path)
    with pytest.raises(ReaderError, match=r"mine\.pt2 does not take one batch of pictures"):
        read_program(path, "mine.pt2")
    saved(nn.Linear(4, 2), (1, 4), path)
    with pytest.raises(ReaderError, match="one batch of pictures"):
        read_program(path, "net")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(build("resnet20").train(), (torch.rand(2, 3, 32, 32),)), path)
    with pytest.raises(ReaderError, match=r"training mode.*model\.eval\(\)"):
        read_program(path, "net")

    class Odd(nn.Module):
        def forward(self, x):
            return torch.fft.fft2(x).abs()

    saved(Odd(), (1, 3, 8, 8), path)
    with pytest.raises(ReaderError, match=r"torch\.ops\.aten\.fft_fft2\.default, which is not opened here"):
        read_program(path, "net")
    with pytest.raises(ReaderError, match="needs its file"):
        load_model("program")
    torch.save(build("resnet20").state_dict(), path)
    with pytest.raises(ReaderError, match="cannot be read as a network"):
        read_program(path, "net")
    saved(build("resnet20"), (1, 3, 32, 32), path)
    with pytest.raises(ReaderError, match="a whole network made by"):
        load_model("resnet20", path)


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "net.pt2"
    saved(build("tiny_vgg"), (1, 3, 64, 64), path)
    whole = path.read_bytes()
    for bad in (b"", whole[:-200], whole[: len(whole) // 2], whole[200:], bytes(len(whole))):
        path.write_bytes(bad)
        with pytest.raises(ReaderError, match="cannot be read"):
            read_program(path, "net")


def test_every_operation_of_the_table_exists():
    from explainer.models.operators import _CHECKS, _NUMBERS, _TABLE

    for name in _TABLE:
        assert Operator(f"torch.ops.aten.{name}")
    for name in _NUMBERS:
        assert Operator(f"_operator.{name}")
    for name in _CHECKS:
        assert Operator(f"torch.ops.aten.{name}").checks
    for stranger in (
        "from_file.default",
        "set_.source_Tensor",
        "as_strided.default",
        "save.default",
        "warn.default",
    ):
        with pytest.raises(RefusedError):
            Operator(f"torch.ops.aten.{stranger}")


def test_pictures_of_one_channel_are_fed_without_colour(tmp_path):
    saved(build("lenet5"), (1, 1, 32, 32), tmp_path / "net.pt2")
    loaded = load_model("program", tmp_path / "net.pt2")
    assert loaded.preprocessing.apply(Image.new("RGB", (50, 60))).shape == (1, 1, 32, 32)
    assert loaded.classes == tuple(f"class {n}" for n in range(10))
    space: dict = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(loaded.code, space)
    images = torch.rand(1, 1, 32, 32)
    with torch.no_grad():
        assert torch.equal(space["model"](images), loaded.model(images))


def test_a_file_is_read_from_bytes_of_any_name(tmp_path):
    buffer = io.BytesIO()
    images = saved(build("tiny_vgg"), (1, 3, 64, 64), buffer)
    path = tmp_path / "0123abcd"
    path.write_bytes(buffer.getvalue())
    assert read_program(path, "net")(images).shape == (1, 10)

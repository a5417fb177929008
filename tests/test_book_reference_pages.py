"""The pages around the chapters: introduction, notation, glossary, what next."""

import inspect
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from dlbook.images import to_grey
from dlbook.layers import Network, count_parameters, cross_entropy
from dlbook.neuron import ACTIVATIONS
from dlbook.training import train
from dlbook.updates import backward, gradient_descent_step
from dlbook.worked import LABELS, LEARNING_RATE, PICTURES, worked_network

BOOK = Path(__file__).parents[1] / "book"
TERM_LINK = re.compile(r"\{term\}`([^`]*)`")


# --- Introduction ---------------------------------------------------------------------------


def test_the_worked_network_has_17_parameters_and_one_hidden_layer():
    assert count_parameters(worked_network().sizes) == 17
    assert len(worked_network().layers) - 1 == 1


def test_before_training_it_says_flat_to_every_picture_and_is_right_twice():
    predicted = worked_network().predict(PICTURES)
    assert predicted.tolist() == [0, 0, 0, 0]
    assert (predicted == LABELS).sum() == 2


def test_200_epochs_bring_the_loss_from_0_7228_to_0_0364_with_all_four_right():
    network = worked_network()
    history = train(
        network,
        PICTURES,
        LABELS,
        epochs=200,
        learning_rate=0.1,
        rng=np.random.default_rng(0),
        batch_size=1,
        progress=False,
    )
    assert round(history.loss[0], 4) == 0.7228
    assert round(history.loss[-1], 4) == 0.0364
    assert network.predict(PICTURES).tolist() == LABELS.tolist()


def test_pictures_1_and_3_differ_by_more_than_0_3_and_are_the_edges():
    differ = [abs(left - right) > 0.3 for left, right in PICTURES.tolist()]
    assert differ == [True, False, True, False] == [label == 1 for label in LABELS.tolist()]


def test_the_points_of_the_five_notebooks_add_up_to_fifty():
    assert 9 + 8 + 12 + 10 + 11 == 50
    assert "50 points" in page("intro")


# --- Glossary -------------------------------------------------------------------------------


def test_every_glossary_term_stands_once_and_in_alphabetical_order():
    terms = glossary_terms()
    assert len(terms) == 60
    assert len(set(terms)) == len(terms)
    assert terms == sorted(terms, key=str.lower)


def test_every_glossary_term_is_explained_in_few_sentences():
    entries = re.split(r"\n\n", glossary_body())
    assert len(entries) == 60
    for entry in entries:
        _, explanation = entry.split("\n", 1)
        assert 8 <= len(explanation.split()) <= 90, entry


def test_every_link_to_a_term_has_a_target():
    terms = set(glossary_terms())
    missing = {
        (path.name, target)
        for path in BOOK.glob("*.md")
        for target in term_targets(path)
        if target not in terms
    }
    assert not missing, f"spelt differently from the glossary: {sorted(missing)}"


def test_every_glossary_term_is_linked_from_a_page_other_than_the_glossary():
    pages = [path for path in BOOK.glob("*.md") if path.name != "glossary.md"]
    linked = {target for path in pages for target in term_targets(path)}
    unused = set(glossary_terms()) - linked
    assert not unused, f"in the glossary, but on no page: {sorted(unused)}"


def test_numbers_of_the_glossary():
    assert np.mean([True, True, True, False]) == 0.75  # accuracy
    assert cross_entropy([[0.0, 1.0]], [1]) == 0.0
    assert cross_entropy([[0.0, 1.0]], [1]) < cross_entropy([[0.1, 0.9]], [1])


# --- Notation -------------------------------------------------------------------------------


class Row(NamedTuple):
    """One row of a table of notation.md."""

    symbol: str
    word: str
    code: str
    shape: str
    see: str


def rows_in(text: str) -> list[Row]:
    rows, inside = [], False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells == ["symbol", "word", "in code", "shape", "see"]:
            inside = True
        elif inside and not set(line) <= set("|-"):
            see = cells[4].removeprefix("{py:obj}").strip("`")
            rows.append(Row(cells[0], cells[1], cells[2].strip("`"), cells[3], see))
    return rows


ROWS = rows_in((BOOK / "notation.md").read_text(encoding="utf-8"))


def lopsided_network() -> Network:
    """A network none of whose sizes are equal, so that no shape is right by chance."""
    return Network.random([5, 7, 3], np.random.default_rng(3))


def lopsided_data() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    return rng.random((4, 5)), np.array([0, 2, 1, 2])


def named_values(network: Network, x: np.ndarray, labels: np.ndarray) -> dict[str, dict]:
    """Call everything that notation.md points to, and return what its names stood for."""
    hidden = network.layers[0]
    (z, h), (scores, _) = network.steps(x)
    probabilities = network(x)
    loss, gradients = backward(network, x, labels)
    one_neuron = {"inputs": x[0], "weights": hidden.weights[:, 0], "bias": hidden.bias[0]}
    colour = np.zeros((6, 9, 3), np.uint8)
    values = {
        "dlbook.layers.dense": {"x": x, "weights": hidden.weights, "bias": hidden.bias},
        "dlbook.layers.count_parameters": {"sizes": network.sizes},
        "dlbook.losses.softmax": {"scores": scores},
        "dlbook.losses.cross_entropy": {"probabilities": probabilities, "labels": labels},
        "dlbook.neuron.weighted_sum": one_neuron,
        "dlbook.neuron.relu": {"z": z},
        "dlbook.neuron.Neuron": {
            "weights": hidden.weights[:, 0],
            "bias": hidden.bias[0],
            "activation": "relu",
        },
        "dlbook.updates.gradient_descent_step": {
            "parameters": network.parameters,
            "gradients": gradients,
            "learning_rate": LEARNING_RATE,
        },
        "dlbook.updates.dense_backward": {
            "x": x,
            "weights": hidden.weights,
            "upstream": np.ones_like(z),
        },
        "dlbook.updates.momentum_step": {
            "parameters": network.parameters,
            "velocities": [np.zeros_like(p) for p in network.parameters],
            "gradients": gradients,
            "learning_rate": LEARNING_RATE,
            "momentum": 0.9,
        },
        "dlbook.training.one_epoch_batches": {
            "samples": len(x),
            "batch_size": 3,
            "rng": np.random.default_rng(0),
        },
        "dlbook.training.train": {
            "network": network.copy(),
            "x": x,
            "targets": labels,
            "epochs": 5,
            "learning_rate": LEARNING_RATE,
            "rng": np.random.default_rng(0),
            "progress": False,
        },
        "dlbook.training.confusion_matrix": {
            "predicted": network.predict(x),
            "labels": labels,
            "classes": network.sizes[-1],
        },
        "dlbook.training.accuracy": {"predicted": network.predict(x), "labels": labels},
        "dlbook.images.to_grey": {"image": colour},
        "dlbook.images.resize_to": {"image": to_grey(colour), "height": 3, "width": 4},
        "dlbook.images.to_network_input": {"image": colour, "size": 4},
    }
    results = {see: resolve(see)(**arguments) for see, arguments in values.items()}
    names = ("d_x", "d_weights", "d_bias")
    values["dlbook.updates.dense_backward"] |= dict(
        zip(names, results["dlbook.updates.dense_backward"], strict=True)
    )
    values["dlbook.training.has_converged"] = {
        "losses": results["dlbook.training.train"].loss,
        "tolerance": 0.001,
        "patience": 2,
    }
    resolve("dlbook.training.has_converged")(**values["dlbook.training.has_converged"])
    improving = {"losses": results["dlbook.training.train"].loss, "better_by": 0.01}
    values["dlbook.training.has_stopped_improving"] = improving
    resolve("dlbook.training.has_stopped_improving")(**improving)
    values["dlbook.layers.Network.steps"] = {"z": z, "outputs": h}
    values["dlbook.layers.Network"] = {"loss": network.loss(x, labels)}
    assert values["dlbook.layers.Network"]["loss"] == pytest.approx(loss)
    return values


def resolve(dotted: str) -> Callable:
    """Return what a name such as ``dlbook.layers.Network.steps`` stands for."""
    package, module, *names = dotted.split(".")
    found = import_module(f"{package}.{module}")
    for name in names:
        found = getattr(found, name)
    return found


WORKED = (worked_network(), PICTURES, LABELS)
LOPSIDED = (lopsided_network(), *lopsided_data())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code} of {row.see}")
def test_every_code_name_of_the_notation_belongs_to_what_its_row_names(row):
    thing = resolve(row.see)
    parameter = row.code in inspect.signature(thing).parameters
    # Results have no name in a signature; the docstring names them.
    result = re.search(rf"^ *{row.code} : |\(z, outputs\)", inspect.getdoc(thing), re.M)
    assert parameter or hasattr(thing, row.code) or (result and row.code in result[0])


@pytest.mark.parametrize("network_and_data", [WORKED, LOPSIDED], ids=["worked", "lopsided"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code} of {row.see}")
def test_every_shape_of_the_notation_is_the_shape_in_a_real_call(row, network_and_data):
    network, x, labels = network_and_data
    value = named_values(network, x, labels)[row.see][row.code]
    assert has_shape(value, row, network)


def has_shape(value: object, row: Row, network: Network) -> bool:
    inputs, units, classes = network.sizes
    sizes = {"samples": 4, "inputs": inputs, "units": units, "classes": classes}
    sizes |= {"layers + 1": 3, "epochs + 1": 6, "height": 6, "width": 9, "3": 3}
    if row.shape.startswith("("):
        wanted = [part.strip() for part in row.shape.strip("()").split(",") if part.strip()]
        return np.shape(value) == tuple(sizes[part] for part in wanted)
    if row.shape == "list of arrays":
        return [a.shape for a in value] == [p.shape for p in network.parameters]
    if row.shape == "one whole number":
        return isinstance(value, int)
    kinds = {
        "one number": (float, np.floating),
        "a generator": np.random.Generator,
        "a name": str,
    }
    return isinstance(value, kinds[row.shape])


def test_the_notation_covers_every_symbol_of_the_books_conventions():
    symbols = " ".join(row.symbol for row in ROWS)
    for symbol in ("$x$", "$W$", "$w$", "$b$", "$z$", r"$\phi$", "$h$", "$s$", r"$\hat{y}$", "$p$"):
        assert symbol in symbols, symbol
    for symbol in ("$y$", "$L$", r"$\alpha$", "$v$", r"$\mu$", "$n$", "$k$"):
        assert symbol in symbols, symbol


def test_an_activation_is_chosen_by_its_name():
    assert named_values(*WORKED)["dlbook.neuron.Neuron"]["activation"] in ACTIVATIONS


def test_a_loss_and_a_gradient_do_not_grow_when_every_sample_is_doubled():
    network = worked_network()
    loss, gradients = backward(network, PICTURES, LABELS)
    doubled_loss, doubled = backward(
        network, np.vstack([PICTURES] * 2), np.concatenate([LABELS] * 2)
    )
    assert doubled_loss == pytest.approx(loss)
    for gradient, twice in zip(gradients, doubled, strict=True):
        np.testing.assert_allclose(twice, gradient)


# --- What next ------------------------------------------------------------------------------


@pytest.mark.oracle
def test_the_pytorch_lines_of_what_next_give_the_books_loss_gradients_and_step(capsys):
    pytest.importorskip("torch", reason="PyTorch isn't installed: its lines can't be compared")
    code = re.search(r"\(next-pytorch\)=\n```python\n(.*?)```", page("next"), re.S)[1]
    names = {}
    exec(compile(code, "book/next.md", "exec"), names)

    loss, gradients = backward(worked_network(), PICTURES, LABELS)
    assert capsys.readouterr().out == "0.7228\n"
    assert "```{code-block} text\n0.7228\n```" in page("next")
    assert names["loss"].item() == pytest.approx(loss, rel=1e-12)

    stepped = gradient_descent_step(worked_network().parameters, gradients, LEARNING_RATE)
    theirs = list(names["network"].parameters())
    for gradient, new, parameter in zip(gradients, stepped, theirs, strict=True):
        np.testing.assert_allclose(parameter.grad.numpy().T, gradient, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(parameter.detach().numpy().T, new, rtol=1e-12)


# --- Helpers --------------------------------------------------------------------------------


@cache
def page(name: str) -> str:
    return (BOOK / f"{name}.md").read_text(encoding="utf-8")


def glossary_body() -> str:
    return re.search(r":::\{glossary\}\n(.*?)\n:::", page("glossary"), re.S)[1]


def glossary_terms() -> list[str]:
    return [line for line in glossary_body().splitlines() if line and not line.startswith(" ")]


def term_targets(path: Path) -> list[str]:
    """Return what a page's ``{term}`` links point to: the part in <>, where there is one."""
    links = TERM_LINK.findall(path.read_text(encoding="utf-8"))
    return [re.sub(r"^.*<(.*)>$", r"\1", link, flags=re.S) for link in links]

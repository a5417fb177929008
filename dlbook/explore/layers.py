"""A network to build: layers and neurons to add, shapes and parameters to count, one input."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import traitlets

from dlbook.arguments import as_count, as_floats
from dlbook.explore.figure import Figure
from dlbook.explore.modules import joined
from dlbook.figures import DescribedFigure, network_diagram
from dlbook.layers import Dense, Network, count_parameters, he_start
from dlbook.worked import CLASS_NAMES, PIXEL_NAMES, worked_network

MOST_LAYERS = 3  # hidden ones: what a phone is wide enough for
MOST_NEURONS = 6  # in each of them
_SEED = 47  # of the numbers around the worked ones; with it picture 1 passes every network


class Layers(Figure):
    """A network with two inputs and two outputs, and hidden layers that come and go.

    Its numbers are the first ones of a larger network that stands ready: each neuron keeps its
    weights when others come. With one hidden layer of three neurons it is the worked example.

    Parameters
    ----------
    hidden : list of int, optional
        Neurons of each hidden layer, at most three layers of at most six.
    inputs : list of two numbers, optional
        The picture that goes through, brightness from 0 to 1.
    goal : int, optional
        How many parameters are wanted. The figure says how many there are, and sets `solved`
        when these are as many. 0: no goal.
    task : str, optional
        The same in words.

    Examples
    --------
    >>> figure = Layers(hidden=[3])
    >>> figure.network.sizes, figure.network([[1.0, 0.5]]).round(4).tolist()
    ([2, 3, 2], [[0.5744, 0.4256]])
    """

    _esm = joined("layers")

    hidden = traitlets.List(traitlets.Int()).tag(sync=True)
    inputs = traitlets.List(traitlets.Float()).tag(sync=True)
    chosen = traitlets.List(traitlets.Int()).tag(sync=True)  # layer, from 1, and neuron, from 0
    goal = traitlets.Int(0).tag(sync=True)
    solved = traitlets.Bool(False).tag(sync=True)
    largest = traitlets.List(traitlets.Dict()).tag(sync=True)  # the network that stands ready
    names = traitlets.List().tag(sync=True)  # of the inputs, and of the outputs

    def __init__(
        self,
        hidden: Sequence[int] = (3,),
        inputs: Sequence[float] = (1.0, 0.5),
        goal: int = 0,
        task: str = "",
        **traits: Any,
    ) -> None:
        super().__init__(
            hidden=list(hidden),
            inputs=_as_picture(inputs),
            goal=as_count(goal, "goal", least=0),
            task=task,
            **{"chosen": [1, 0], **traits},
            largest=_largest(),
            names=[list(PIXEL_NAMES), list(CLASS_NAMES)],
        )

    @traitlets.validate("hidden")
    def _require_room(self, proposal: dict) -> list[int]:
        hidden = [as_count(count, "each number of hidden") for count in proposal["value"]]
        if len(hidden) > MOST_LAYERS or max(hidden, default=1) > MOST_NEURONS:
            raise ValueError(
                f"The figure has room for {MOST_LAYERS} hidden layers of {MOST_NEURONS} neurons. "
                f"Given: {hidden}. An example: [3, 4]."
            )
        return hidden

    @property
    def network(self) -> Network:
        """The network that is shown now."""
        sizes = [len(PIXEL_NAMES), *self.hidden, len(CLASS_NAMES)]
        full = [*self.largest[: len(self.hidden)], self.largest[-1]]
        return Network(
            [
                Dense(
                    [row[:units] for row in layer["weights"][:inputs]],
                    layer["bias"][:units],
                    layer["activation"],
                )
                for layer, inputs, units in zip(full, sizes[:-1], sizes[1:], strict=True)
            ]
        )

    def still(self) -> DescribedFigure:
        """Draw the network with the numbers of its input on their way through."""
        network = self.network
        outputs = [outputs[0] for _, outputs in network.steps([self.inputs])]
        return network_diagram(
            network.sizes,
            names=[list(PIXEL_NAMES), *[None] * len(self.hidden), list(CLASS_NAMES)],
            values=[self.inputs, *outputs],
            weights=[layer.weights for layer in network.layers],
            description=f"A network with {count_parameters(network.sizes)} parameters. "
            "On a screen this is a figure to play with.",
        )


def _as_picture(inputs: Sequence[float]) -> list[float]:
    array = as_floats(inputs, "inputs", ("inputs",))
    if len(array) != len(PIXEL_NAMES) or array.min() < 0 or array.max() > 1:
        raise ValueError(
            "inputs must be the two pixels of a picture, each from 0 (dark) to 1 (light). "
            f"Given: {array.tolist()}. An example: [1.0, 0.5]."
        )
    return array.tolist()


def _largest() -> list[dict]:
    """Return the layers of the largest network, as JSON; the worked example comes first in it."""
    rng = np.random.default_rng(_SEED)
    sizes = [len(PIXEL_NAMES), *[MOST_NEURONS] * MOST_LAYERS, len(CLASS_NAMES)]
    worked = {0: worked_network().layers[0], MOST_LAYERS: worked_network().layers[1]}
    layers = []
    for i in range(MOST_LAYERS + 1):
        # One decimal, as in the worked example, so that sums can be followed by hand.
        weights = he_start(sizes[i], sizes[i + 1], rng).clip(-0.9, 0.9).round(1)
        weights[weights == 0] = 0.1
        bias = np.where(np.arange(sizes[i + 1]) % 2, 0.0, 0.1)
        if i in worked:
            rows, columns = worked[i].weights.shape
            weights[:rows, :columns], bias[:columns] = worked[i].weights, worked[i].bias
        activation = "identity" if i == MOST_LAYERS else "relu"
        layers.append(
            {"weights": weights.tolist(), "bias": bias.tolist(), "activation": activation}
        )
    return layers

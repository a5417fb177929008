"""What every figure of the book keeps: true words, readable text, the same bytes each time."""

import io
import xml.etree.ElementTree as ET
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.image import imread
from matplotlib.patches import Circle, Rectangle
from matplotlib.text import Text

from dlbook import figures
from dlbook.figures import described as look
from dlbook.figures import house, results, way
from dlbook.figures.described import DescribedFigure, as_text, contrast

Z = np.linspace(-4.0, 4.0, 81)
SIGMOID = 1 / (1 + np.exp(-Z))
GRID = np.linspace(-2.0, 2.0, 41)
BOWL = GRID[np.newaxis, :] ** 2 + 2 * GRID[:, np.newaxis] ** 2
POINTS = np.array([[-1.0, 0.5], [-0.5, -1.0], [0.5, 1.0], [1.0, -0.5]])
DIGIT = (np.arange(64, dtype=np.uint8) * 4).reshape(8, 8)
WEIGHTS = [np.array([[0.5, -1.0], [2.0, 0.25]]), np.array([[1.0, -1.5], [0.0, 0.75]])]


def right_of_zero(points):
    return (points[:, 0] > 0).astype(int)


def surely_right_of_zero(points):
    p = 1 / (1 + np.exp(-4 * points[:, 0]))
    return np.column_stack([1 - p, p])


EVERY_FIGURE = {
    "network": lambda: figures.network_diagram([4, 5, 5, 5, 3]),
    "long network": lambda: figures.network_diagram([784, 128, 10]),
    "named network": lambda: figures.network_diagram(
        [2, 3, 2], names=[["length", "width"], ["h1", "h2", "h3"], ["cat", "dog"]]
    ),
    "worked network": lambda: figures.network_diagram(
        [2, 2, 2], values=[[1.0, 2.0], [4.5, 0.0], [0.9, 0.1]], weights=WEIGHTS
    ),
    "neuron": figures.neuron_diagram,
    "worked neuron": lambda: figures.neuron_diagram([1.0, 2.0], [0.5, -0.25], 0.25, "sigmoid"),
    "large neuron": lambda: figures.neuron_diagram(np.ones(6), -0.125 * np.ones(6), 1e5, "relu"),
    "activation": lambda: figures.activation_curves(
        Z, {"sigmoid": SIGMOID}, {"sigmoid": SIGMOID * (1 - SIGMOID)}
    ),
    "activations": lambda: figures.activation_curves(
        Z, {"relu": np.maximum(Z, 0), "sigmoid": SIGMOID, "tanh": np.tanh(Z)}, {"relu": Z > 0}
    ),
    "losses": lambda: figures.loss_curves(
        {"training": [1.1, 0.5, 0.2], "held-out": [1.1, 0.6, 0.7]}, mark=(2, "stop here")
    ),
    "valley": lambda: figures.loss_valley(GRID, GRID**2, [-1.8, 1.2, -0.8, 0.5, -0.3]),
    "surface": lambda: figures.loss_surface(
        GRID, GRID, BOWL, [[-1.5, 1.5], [-1.0, -0.8], [-0.5, 0.4], [0.0, 0.0]]
    ),
    "shapes": lambda: figures.shape_product(("x", (4, 2)), ("weights", (2, 3)), added="bias"),
    "large shapes": lambda: figures.shape_product(
        ("x", (64, 784)), ("weights", (784, 128)), added="bias"
    ),
    "graph": lambda: figures.computation_graph(["w", "z", "loss"], [2, -0.5, 4], [0.25, -4, 1]),
    "long graph": lambda: figures.computation_graph(
        ["x", "z", "h", "scores", "probabilities", "loss"],
        ["(1, 2)", "(0.5, −1)", "(0.5, 0)", "(1, 0.2)", "(0.69, 0.31)", "0.371"],
        [None, "(−0.2, 0)", "(−0.2, 0.1)", "(−0.31, 0.31)", "(−1.45, 0)", "1"],
    ),
    "house": house.house_diagram,
    "way of an answer": way.answer_way_diagram,
    "bars": lambda: figures.probability_bars([0.09, 0.24, 0.67], ["cat", "dog", "bird"], 1),
    "regions": lambda: figures.decision_regions(POINTS, [0, 0, 1, 1], right_of_zero),
    "soft regions": lambda: figures.decision_regions(
        POINTS, [0, 0, 1, 0], surely_right_of_zero, names=["left", "right"]
    ),
    "confusion": lambda: figures.confusion_matrix(
        [[1800, 200, 0], [1, 15, 4], [0, 3, 17]], ["t-shirt or top", "ankle boot", "bag"]
    ),
    "large confusion": lambda: figures.confusion_matrix(np.eye(10) * 90 + 1),
    "pictures": lambda: figures.picture_grid(
        [DIGIT, 255 - DIGIT, np.stack([DIGIT] * 3, axis=-1)], ["7", "1", "a red one"], wrong=[1]
    ),
    "pixels": lambda: figures.pixel_values(DIGIT),
    "many pixels": lambda: figures.pixel_values(np.linspace(0, 1, 256).reshape(16, 16)),
}
HOSTILE = '<script>alert("&amp;")</script> ]]> -- \' $x^{ \x00\x1b \ud800 line\nbreak'


@pytest.fixture(params=EVERY_FIGURE, scope="module")
def figure(request):
    return EVERY_FIGURE[request.param]()


@pytest.fixture(scope="module")
def svg(figure):
    return figure.to_svg()


@look.book_style()
def drawn_texts(figure):
    """Return the texts that are seen: a tick beyond the end of its axis has text that isn't."""
    figure.draw_without_rendering()
    unseen = set()
    for ax in figure.axes:
        for axis, limits in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
            for tick in axis.get_major_ticks():
                if not min(limits) <= tick.get_loc() <= max(limits) or not ax.axison:
                    unseen.add(tick.label1)
    texts = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    return [text for text in texts if text not in unseen]


def extent(text):
    return Text.get_window_extent(text)  # an annotation's own also counts its arrow


def title_of(svg):
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("role") == "img"
    assert root[0].tag == "{http://www.w3.org/2000/svg}title"
    return root[0].text


# What is true of every figure.


def test_every_figure_says_in_words_what_it_shows(figure):
    assert isinstance(figure, DescribedFigure)
    assert figure.text_alternative.endswith(".")
    assert "nan" not in figure.text_alternative


def test_svg_is_xml_with_the_words_as_its_title(figure, svg):
    assert title_of(svg) == figure.text_alternative


def test_svg_is_small(svg):
    assert len(svg) < 200_000


def test_drawing_twice_gives_the_same_svg(figure, svg):
    assert figure.to_svg() == svg


def test_the_readers_settings_change_nothing_and_are_not_changed(svg, request):
    draw = EVERY_FIGURE[request.node.callspec.params["figure"]]
    with mpl.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "none"}):
        mpl.rcParams.update({"svg.hashsalt": None, "axes.grid": True, "figure.dpi": 33})
        before = dict(mpl.rcParams)
        assert draw().to_svg() == svg
        assert dict(mpl.rcParams) == before


def test_text_is_never_tiny(figure):
    assert min(text.get_fontsize() for text in drawn_texts(figure)) >= 10


def test_text_stays_on_the_paper(figure):
    width, height = figure.bbox.size
    for text in drawn_texts(figure):
        box = extent(text)
        assert box.x0 >= 1, text
        assert box.y0 >= 1, text
        assert box.x1 <= width - 1, text
        assert box.y1 <= height - 1, text


def test_texts_do_not_cover_one_another(figure):
    boxes = [(text.get_text(), extent(text).padded(-1.5)) for text in drawn_texts(figure)]
    for i, (one, box) in enumerate(boxes):
        for other, other_box in boxes[:i]:
            assert not box.overlaps(other_box), (one, other)


def test_coloured_text_is_readable_on_paper(figure):
    colours = {mpl.colors.to_hex(text.get_color()) for text in drawn_texts(figure)}
    for colour in colours - {"#ffffff"}:  # white stands on dark pixels and cells only
        assert contrast(colour, look.PAPER) >= 4.5


def pixels_of(figure, dpi=100):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    buffer.seek(0)
    return imread(buffer)


def test_a_figure_saved_by_the_reader_is_drawn_in_the_books_style(figure):
    usual = pixels_of(figure, 50)
    with mpl.rc_context(
        {"xtick.labelsize": 40, "ytick.labelsize": 40, "axes.unicode_minus": False}
    ):
        assert np.array_equal(pixels_of(figure, 50), usual)


def test_no_figure_belongs_to_pyplot(figure, svg):
    import matplotlib.pyplot as plt  # noqa: PLC0415 - only to see that it holds nothing

    assert plt.get_fignums() == []


def test_the_paper_is_white_with_open_corners(figure):
    pixels = pixels_of(figure, 50)
    assert pixels[0, 0, 3] < 0.5
    assert pixels[2, pixels.shape[1] // 2].tolist() == [1, 1, 1, 1]


# The figure itself.


@pytest.mark.parametrize("text", [HOSTILE, "a & b < c > d", "naïve 猫 ŷ", "tab\tand   spaces "])
def test_hostile_words_stay_words(text):
    figure = DescribedFigure(text)
    svg = figure.to_svg()
    assert title_of(svg) == figure.text_alternative
    assert "<script" not in svg
    assert "\x00" not in figure.text_alternative
    assert figure.text_alternative.split()[0] == text.split()[0]


def test_hostile_names_are_drawn_as_they_are():
    names = ["<script>&\"'", "$\\frac{1}{$", "a_b^c -->"]
    figure = figures.probability_bars([0.5, 0.25, 0.25], names)
    assert title_of(figure.to_svg()) == figure.text_alternative
    assert set(names) <= {text.get_text() for text in drawn_texts(figure)}


@pytest.mark.parametrize("text", ["", "  \n ", "\x00"])
def test_a_figure_without_words_is_refused(text):
    with pytest.raises(ValueError, match="The text alternative is empty"):
        DescribedFigure(text)


def test_words_that_are_no_text_are_refused():
    with pytest.raises(TypeError, match="must be text"):
        DescribedFigure(None)
    with pytest.raises(TypeError, match="description must be text"):
        figures.network_diagram([2, 1], description=3)


def test_the_authors_words_come_first():
    figure = figures.pixel_values(DIGIT, description="A slope.")
    assert figure.text_alternative.startswith("A slope. A grey picture of 8 by 8 pixels")


def test_in_a_notebook_a_figure_is_svg_and_words_and_nothing_else():
    import matplotlib.pyplot as plt  # noqa: PLC0415 - the backend that a notebook brings with it
    from IPython.core.interactiveshell import InteractiveShell  # noqa: PLC0415
    from IPython.utils.capture import capture_output  # noqa: PLC0415
    from matplotlib_inline import backend_inline  # noqa: PLC0415

    shell = InteractiveShell.instance()
    shell.history_manager.enabled = False
    backend = mpl.get_backend()
    try:
        plt.switch_backend("module://matplotlib_inline.backend_inline")
        backend_inline.set_matplotlib_formats("png", "svg", "retina")
        backend_inline.configure_inline_support(shell, mpl.get_backend())
        shell.user_ns["make"] = EVERY_FIGURE["losses"]
        with capture_output() as captured:
            result = shell.run_cell("make()")
            backend_inline.flush_figures()
        with capture_output() as called:
            shell.run_cell("display(make())")
    finally:
        plt.switch_backend(backend)
        shell.history_manager.end_session()
        InteractiveShell.clear_instance()
    assert result.success
    for outputs in (captured.outputs, called.outputs):
        (output,) = outputs
        assert set(output.data) == {"image/svg+xml", "text/plain"}
        assert output.data["image/svg+xml"] == EVERY_FIGURE["losses"]().to_svg()
        assert output.data["text/plain"].startswith("Loss from epoch 1 to 3.")


def test_other_front_ends_get_the_same_bundle():
    figure = EVERY_FIGURE["bars"]()
    bundle = figure._repr_mimebundle_(include=None, exclude=None)
    assert bundle == {"image/svg+xml": figure.to_svg(), "text/plain": figure.text_alternative}


def test_save_writes_what_the_ending_says(tmp_path):
    figure = EVERY_FIGURE["bars"]()
    assert figure.save(tmp_path / "a.svg").read_text(encoding="utf-8") == figure.to_svg()
    pixels = imread(figure.save(tmp_path / "a.PNG"))
    assert pixels.shape[1] == 1280
    assert figure.get_size_inches()[0] == 6.4


def test_save_overwrites_only_when_told_to(tmp_path):
    path = tmp_path / "a.svg"
    path.write_text("mine")
    figure = EVERY_FIGURE["bars"]()
    with pytest.raises(FileExistsError, match="overwrite=True"):
        figure.save(path)
    assert path.read_text() == "mine"
    figure.save(path, overwrite=True)
    assert path.read_text(encoding="utf-8") == figure.to_svg()
    with pytest.raises(ValueError, match=r"must be one of '.png', '.svg'\. Given: '.jpg'"):
        figure.save(tmp_path / "a.jpg")
    with pytest.raises(FileNotFoundError, match="no folder"):
        figure.save(tmp_path / "nowhere" / "a.svg")


# Colours.


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)  # known to just pass
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # known to just fail


def test_every_colour_of_text_is_readable():
    for colour in (look.INK, look.GREY, *look.LINE_COLOURS):
        assert contrast(colour, look.PAPER) >= 4.5
    for tint in look.TINTS:
        assert contrast(look.INK, tint) >= 4.5


def test_numbers_are_readable_on_every_grey_and_every_cell():
    for shade in np.linspace(0, 1, 511):
        grey, cell = (shade,) * 3, results._COUNTS(shade)
        assert contrast(look.text_colour_on(grey), grey) >= 4.5
        assert contrast(look.text_colour_on(cell), cell) >= 4.5
    assert contrast(look.GREY, results._COUNTS(0.0)) >= 4.5  # the zeros of a confusion matrix


def test_curves_and_classes_differ_without_colour_too():
    assert len(set(look.LINE_STYLES)) == len(set(look.MARKERS)) == len(look.LINE_COLOURS) == 6


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (-0.0001234, "−0.000123"),
        (1.0986, "1.1"),
        (999.9, "1e+03"),
        (109386, "109,386"),
        (-1e-7, "−1e-07"),
    ],
)
def test_numbers_are_written_with_three_digits(number, text):
    assert as_text(number) == text


# Networks.


def circles_and_lines(figure):
    return len(figure.findobj(Circle)), sum(
        len(c.get_segments()) for c in figure.findobj(LineCollection)
    )


@pytest.mark.parametrize("sizes", [[1, 1], [2, 3, 1], [4, 5, 5, 5, 3], [3, 4, 4, 4, 2], [8, 8, 8]])
def test_a_network_has_a_circle_for_each_neuron_and_a_line_for_each_weight(sizes):
    # A second way of counting: joining two layers is an outer product.
    lines = sum(np.ones((a, b)).sum() for a, b in pairwise(sizes))
    assert circles_and_lines(figures.network_diagram(sizes)) == (sum(sizes), lines)


def test_a_long_layer_is_shortened_and_says_so():
    figure = figures.network_diagram([784, 128, 10], max_shown=6)
    assert circles_and_lines(figure) == (15, 50)
    assert {"784", "128", "10", "⋮"} <= {text.get_text() for text in drawn_texts(figure)}
    assert "100,352 + 1,280 = 101,632 connections" in figure.text_alternative
    assert "5 of 784 in input, 5 of 128 in hidden and 5 of 10 in output" in figure.text_alternative


def test_the_words_of_a_network_hold_its_numbers():
    words = EVERY_FIGURE["worked network"]().text_alternative
    assert "input with 2, hidden with 2, output with 2" in words
    assert "4 + 4 = 8 connections" in words
    assert "Values of hidden: 4.5, 0." in words
    assert "Weights from input to hidden: [0.5, −1], [2, 0.25]" in words
    assert "h1, h2, h3" in EVERY_FIGURE["named network"]().text_alternative


def test_line_width_and_dashes_show_size_and_sign_of_a_weight():
    figure = figures.network_diagram([2, 2], weights=[[[1.0, -2.0], [0.0, 0.5]]])
    (lines,) = (c for c in figure.findobj(LineCollection) if len(c.get_segments()) == 4)
    widths, dashed = lines.get_linewidths(), [dash is not None for _, dash in lines.get_linestyle()]
    assert np.argsort(widths).tolist() == [2, 3, 0, 1]
    assert dashed == [False, True, False, False]


def test_a_neuron_works_out_its_sum():
    figure = EVERY_FIGURE["worked neuron"]()
    line = "z = 0.5·1 + (−0.25)·2 + 0.25 = 0.25"
    assert line in {text.get_text() for text in drawn_texts(figure)}
    assert line in figure.text_alternative
    assert "sigmoid(0.25) = 0.562" in figure.text_alternative  # 1 / (1 + exp(-0.25)) = 0.56218


@pytest.mark.parametrize(
    ("activation", "output"),
    [("relu", "0"), ("sigmoid", "0.119"), ("tanh", "−0.964"), ("step", "0"), ("identity", "−2")],
)
def test_a_neuron_knows_its_activation(activation, output):
    figure = figures.neuron_diagram([1.0], [-3.0], 1.0, activation)
    assert f"The output is {activation}(−2) = {output}." in figure.text_alternative


def test_a_neuron_without_numbers_is_drawn_in_symbols():
    figure = figures.neuron_diagram()
    assert {"x₁", "x₂", "xₙ", "w₁", "wₙ", "b", "Σ", "φ"} <= {
        text.get_text() for text in drawn_texts(figure)
    }
    half_given = figures.neuron_diagram(weights=[2.0, 3.0]).text_alternative
    assert "w1 = 2, w2 = 3" in half_given
    assert "output is" not in half_given


def test_a_sum_with_awkward_numbers_still_stays_on_the_paper():
    inputs = np.array([-0.3761, 0.06764, -0.2912, 0.2941, -1.514, 0.6442])
    figure = figures.neuron_diagram(inputs, -inputs[::-1], -0.25, "tanh")
    test_text_stays_on_the_paper(figure)


def test_the_product_of_two_shapes_has_the_rows_of_one_and_the_columns_of_the_other():
    words = EVERY_FIGURE["large shapes"]().text_alternative
    assert (np.zeros((64, 784)) @ np.zeros((784, 128)) + np.zeros(128)).shape == (64, 128)
    assert "plus bias (128,) gives z (64, 128)" in words


def test_a_graph_runs_forward_with_values_and_backward_with_slopes():
    words = EVERY_FIGURE["graph"]().text_alternative
    assert "Forward: w = 2, then z = −0.5, then loss = 4." in words
    assert "the slope of loss in each: loss 1, then z −4, then w 0.25." in words
    assert "Backward" not in figures.computation_graph(["w", "loss"], [1, 2]).text_alternative
    long = EVERY_FIGURE["long graph"]()
    assert long.get_figheight() > long.get_figwidth() * 0.9  # a column, as a row is too wide
    assert "z (−0.2, 0)." in long.text_alternative


# Curves and losses.


def test_words_of_losses_hold_first_last_and_lowest():
    words = EVERY_FIGURE["losses"]().text_alternative
    assert "training falls from 1.1 to 0.2; held-out falls from 1.1 to 0.7" in words
    assert "lowest (0.6) at epoch 2" in words
    assert "marks epoch 2: stop here" in words


def test_one_epoch_alone_is_a_dot():
    figure = figures.loss_curves({"training": [0.69], "held-out": [0.7, 0.6]}, first=0)
    words = (
        "Loss from epoch 0 to 1. training is 0.69 (up to epoch 0); held-out falls from 0.7 to 0.6."
    )
    assert figure.text_alternative == words
    assert figures.loss_curves({"a": [2.0]}).text_alternative == "Loss at epoch 1. a is 2."


def test_a_curve_that_rises_or_stays_is_not_said_to_fall():
    words = figures.loss_curves({"a": [0.5, 0.9], "b": [1, 1]}, y_label="accuracy").text_alternative
    assert words == "Accuracy from epoch 1 to 2. a rises from 0.5 to 0.9; b stays at 1."


def test_lines_are_named_at_their_ends_and_not_on_top_of_one_another():
    figure = figures.loss_curves({f"rate {i}": [1.0, 0.5 + i / 1e6] for i in range(6)})
    assert figure.findobj(mpl.legend.Legend) == []
    test_texts_do_not_cover_one_another(figure)


def test_names_too_long_for_the_margin_go_into_a_legend():
    figure = figures.loss_curves({"a name that is far too long for it": [1, 2], "b": [2, 1]})
    (legend,) = figure.findobj(mpl.legend.Legend)
    assert [text.get_text() for text in legend.get_texts()][1] == "b"


def test_words_name_z_only_where_the_axis_is_z():
    figure = figures.activation_curves([-1, 0, 1], {"loss": [1, 0, 1]}, x_label="bias")
    assert figure.text_alternative == (
        "Curves over bias from −1 to 1. loss goes from 1 to 1, lowest (0) at 0."
    )


def test_words_of_activations_hold_their_ends_and_peaks():
    words = EVERY_FIGURE["activation"]().text_alternative
    assert "sigmoid goes from 0.018 to 0.982" in words
    assert "its slope, dashed, goes from 0.0177 to 0.0177, highest (0.25) at z = 0" in words


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_more_than_two_activations_get_a_panel_each(count):
    curves = {f"curve {i}": i * Z for i in range(count)}
    figure = figures.activation_curves(Z, curves, curves)
    panels = [ax for ax in figure.axes if ax.get_lines()]
    assert len(panels) == (1 if count <= 2 else count)
    test_texts_do_not_cover_one_another(figure)


def test_words_of_a_valley_hold_the_path():
    figure = figures.loss_valley([0, 1, 2], [4, 0, 4], [2.0, 1.5])
    assert "lowest (0) at 1" in figure.text_alternative
    # Halfway between (1, 0) and (2, 4) the drawn line has height 2.
    assert (
        "begins at 2 with loss 4 and ends after 1 step at 1.5 with loss 2"
        in figure.text_alternative
    )


def test_words_of_a_surface_know_rows_from_columns():
    losses = np.ones((2, 3))
    losses[1, 0], losses[0, 2] = 0.0, 5.0
    words = figures.loss_surface([10, 20, 30], [7, 8], losses, names=("w", "b")).text_alternative
    assert "lowest (0) at w = 10, b = 8 and highest (5) at w = 30, b = 7" in words


def test_a_flat_surface_is_drawn_without_complaint():
    figure = figures.loss_surface([0, 1], [0, 1], np.zeros((2, 2)), [[0.0, 0.0]])
    assert "It is 0 everywhere." in figure.text_alternative
    assert "ends after 0 steps" in figure.text_alternative
    figure.to_svg()


# What a network says.


def test_words_of_bars_hold_each_probability_and_the_truth():
    words = EVERY_FIGURE["bars"]().text_alternative
    expected = "cat 0.09; dog 0.24; bird 0.67. The highest is bird; the true class is dog."
    assert words == f"Probabilities: {expected}"
    assert "class 0 and class 1 are equally high" in (
        figures.probability_bars([0.5, 0.5]).text_alternative
    )


def test_the_truth_is_marked_in_words():
    texts = [text.get_text() for text in drawn_texts(EVERY_FIGURE["bars"]())]
    assert "0.24  ✓ true class" in texts


def test_regions_count_area_and_points():
    words = EVERY_FIGURE["regions"]().text_alternative
    assert words.count("its region 50 % of the area") == 2
    assert "class 0: 2 points (circles)" in words
    assert "class 1: 2 points (squares)" in words
    assert words.endswith("In the region of their own class: 4 of 4 points.")
    soft = EVERY_FIGURE["soft regions"]().text_alternative
    assert "left: 3 points" in soft
    assert soft.endswith("3 of 4 points.")


def test_a_region_lies_where_classify_puts_it():
    x = np.array([[0.0, -1.0], [1.0, 1.0]])
    figure = figures.decision_regions(
        x, [0, 1], lambda points: points[:, 1] > 0.2, names=["a", "b"]
    )
    # From −1.16 to 1.16 is 2.32; from 0.2 to 1.16 is 0.96, and 0.96 / 2.32 = 0.414.
    assert "a: 1 point (circles), its region 59 % of the area." in figure.text_alternative
    assert "b: 1 point (squares), its region 41 % of the area." in figure.text_alternative
    pixels = pixels_of(figure)
    for height, tint in ((-0.5, look.TINTS[0]), (0.9, look.TINTS[1])):
        column, row = figure.axes[0].transData.transform((0.5, height)).astype(int)
        seen = pixels[len(pixels) - row, column, :3]
        assert seen == pytest.approx(mpl.colors.to_rgb(tint), abs=1 / 200)


def test_regions_leave_the_samples_unchanged_even_if_classify_writes():
    x = POINTS.copy()

    def careless(points):
        points *= 0
        return np.zeros(len(points))

    figures.decision_regions(x, [0, 0, 0, 0], careless)
    assert np.array_equal(x, POINTS)


def test_regions_of_one_class_or_one_sample_are_drawn():
    figure = figures.decision_regions([[1.0, 2.0]], [0], lambda points: np.zeros(len(points)))
    assert "its region 100 % of the area" in figure.text_alternative
    figure = figures.decision_regions(POINTS, [0, 0, 0, 0], lambda p: np.ones((len(p), 1)))
    assert "4 of 4 points" in figure.text_alternative


def test_words_of_a_confusion_matrix_count_row_by_row():
    words = EVERY_FIGURE["confusion"]().text_alternative
    assert "1,832 of 2,040 samples (90 %)" in words
    assert "True t-shirt or top: 1,800 of 2,000 right, 200 as ankle boot." in words
    assert "True bag: 17 of 20 right, 3 as ankle boot." in words


def test_a_row_of_a_confusion_matrix_is_a_truth():
    figure = figures.confusion_matrix([[0, 7], [0, 0]], ["cat", "dog"])
    assert "True cat: 0 of 7 right, 7 as dog." in figure.text_alternative
    seven, truth, prediction = (
        next(t for t in drawn_texts(figure) if t.get_text() == wanted)
        for wanted in ("7", "truth", "prediction")
    )
    cats = sorted((t for t in drawn_texts(figure) if t.get_text() == "cat"), key=lambda t: t._x)
    dogs = sorted((t for t in drawn_texts(figure) if t.get_text() == "dog"), key=lambda t: t._x)
    assert truth.get_position()[0] < cats[0].get_position()[0]  # rows are named at the left
    assert seven.get_position()[1] == cats[0].get_position()[1]
    assert seven.get_position()[0] == dogs[1].get_position()[0]
    assert prediction.get_position()[1] > dogs[1].get_position()[1]
    column, row = (100 * np.array(seven.get_position()) + 20).astype(int)  # a cell is 90 wide
    pixels = pixels_of(figure)
    seen = pixels[len(pixels) - row, column, :3]
    assert seen == pytest.approx(mpl.colors.to_rgb(look.BLUE), abs=1 / 200)  # all of its row


# Pictures.


def shades_on_paper(figure, shape):
    """Return what is seen near the corner of each pixel of the first picture on the paper."""
    paper = pixels_of(figure)
    left, right, bottom, top = figure.axes[0].images[0].get_extent()
    rows = paper.shape[0] - 100 * (top - (np.arange(shape[0]) + 0.15) * (top - bottom) / shape[0])
    columns = 100 * (left + (np.arange(shape[1]) + 0.15) * (right - left) / shape[1])
    return paper[np.ix_(rows.astype(int), columns.astype(int))][..., :3]


def test_each_pixel_is_a_square_of_its_own_shade():
    picture = np.array([[0, 60, 120], [180, 240, 255]], dtype=np.uint8)
    for figure in (figures.picture_grid([picture]), figures.pixel_values(picture)):
        seen = 255 * shades_on_paper(figure, picture.shape)[..., 0]
        assert seen == pytest.approx(picture, abs=1)


def test_colours_are_red_green_blue_and_floats_are_shares_of_white():
    picture = np.array([[[1.0, 0.5, 0.0], [0.0, 0.25, 1.0]]])
    seen = shades_on_paper(figures.picture_grid([picture]), (1, 2))
    assert seen == pytest.approx(picture, abs=1 / 200)


def test_a_large_picture_is_made_smaller_and_keeps_its_mean():
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, (1000, 1500, 3)).astype(np.uint8)
    figure = figures.picture_grid([picture, picture])
    assert len(figure.to_svg()) < 500_000
    drawn = figure.axes[0].images[0].get_array()
    assert drawn.mean() == pytest.approx(picture.mean() / 255, abs=0.002)
    assert "1000 by 1500 pixels" in figure.text_alternative


def test_a_row_of_pictures_is_as_high_as_its_highest_alone():
    flat, tall = np.zeros((5, 20), dtype=np.uint8), np.zeros((20, 10), dtype=np.uint8)
    figure = figures.picture_grid([flat, flat, tall], ["a", "b", "c"], columns=1)
    boxes = [image.get_extent() for image in figure.axes[0].images]
    gaps = [above[2] - below[3] for above, below in pairwise(boxes)]  # bottom to next top
    assert max(gaps) < 0.6
    for (left, right, bottom, top), picture in zip(boxes, (flat, flat, tall), strict=True):
        assert (top - bottom) / (right - left) == pytest.approx(np.divide(*picture.shape))


def test_words_of_pictures_count_titles_and_wrong_ones():
    figure = figures.picture_grid(
        np.zeros((3, 4, 6), dtype=np.uint8), ["7", "1", "truth 2, said 3"], wrong=[2, 0, 2]
    )
    assert figure.text_alternative == (
        "3 pictures of 4 by 6 pixels (height by width): 7; 1; truth 2, said 3. "
        "With a cross, as wrong: 1 (7); 3 (truth 2, said 3), counted from 1."
    )
    crosses = [line for line in figure.axes[0].get_lines() if line.get_marker() == "x"]
    frames = [p for p in figure.findobj(Rectangle) if p.get_edgecolor() == to_rgba(look.ORANGE)]
    assert len(crosses) == len(frames) == 2


def test_lines_part_the_cells_of_a_shape_and_the_pixels_of_a_picture():
    assert circles_and_lines(figures.pixel_values(np.zeros((3, 5)))) == (0, 2 + 4)
    figure = figures.shape_product(("x", (4, 2)), ("weights", (2, 3)))
    # Within x 3 + 1, weights 1 + 2, z 3 + 2; and two strong sides for each of the three.
    assert circles_and_lines(figure) == (0, 4 + 3 + 5 + 6)


def test_pixel_values_are_written_out():
    words = EVERY_FIGURE["pixels"]().text_alternative
    assert "Row 1: 0, 4, 8, 12, 16, 20, 24, 28." in words
    assert "Row 8: 224, 228, 232, 236, 240, 244, 248, 252." in words
    many = EVERY_FIGURE["many pixels"]().text_alternative
    assert "from 0 to 1, their mean is 0.5; a brightest is in row 16, column 16" in many


# What a beginner gets wrong.

NAN = float("nan")
MISTAKES = {
    "one layer": (lambda: figures.network_diagram([3]), "at least an input and an output layer"),
    "sizes no list": (lambda: figures.network_diagram(3), "sizes must be a list"),
    "half a neuron": (lambda: figures.network_diagram([2, 1.5]), r"sizes\[1\] must be a whole"),
    "no neuron": (lambda: figures.network_diagram([2, 0]), r"sizes\[1\] must be at least 1"),
    "too few values": (
        lambda: figures.network_diagram([2, 1], values=[[1.0], None]),
        r"values\[0\] must have one number for each",
    ),
    "values of a layer missing": (
        lambda: figures.network_diagram([2, 1], values=[[1.0, 2.0]]),
        "None stands for a layer that has none",
    ),
    "names of neurons": (
        lambda: figures.network_diagram([2, 1], names=[["a"], None]),
        "one entry for each circle of 'input'",
    ),
    "weights transposed": (
        lambda: figures.network_diagram([2, 3], weights=[np.ones((3, 2))]),
        "Transpose it",
    ),
    "weights nan": (
        lambda: figures.network_diagram([1, 1], weights=[[[NAN]]]),
        "must hold ordinary numbers",
    ),
    "inputs and weights": (
        lambda: figures.neuron_diagram([1.0, 2.0], [1.0]),
        "one weight for each input. Given: 2 inputs, 1 weight",
    ),
    "activation": (lambda: figures.neuron_diagram(activation="gelu"), "must be one of 'phi'"),
    "seven inputs": (lambda: figures.neuron_diagram(np.ones(7)), "at most 6 inputs"),
    "bias": (lambda: figures.neuron_diagram(bias=NAN), "must be an ordinary number"),
    "z decreasing": (
        lambda: figures.activation_curves([1, 0], {"a": [0, 1]}),
        "each larger than the one before",
    ),
    "curve too short": (
        lambda: figures.activation_curves(Z, {"a": [0, 1]}),
        "Given: 2 values for 81 points",
    ),
    "slope of a stranger": (
        lambda: figures.activation_curves(Z, {"a": Z}, {"b": Z}),
        "slopes must bear the names of curves. Given: 'b'",
    ),
    "no curve": (lambda: figures.loss_curves({}), "1 to 6 curves"),
    "seven curves": (
        lambda: figures.loss_curves({name: [1] for name in "abcdefg"}),
        "1 to 6 curves",
    ),
    "nameless curve": (lambda: figures.loss_curves([1.0, 0.5]), "must name each curve"),
    "empty curve": (lambda: figures.loss_curves({"a": []}), "is empty"),
    "nan loss": (lambda: figures.loss_curves({"a": [1.0, NAN]}), "learning rate that is too large"),
    "mark": (lambda: figures.loss_curves({"a": [1.0]}, mark=3), "mark must be a pair"),
    "valley lengths": (
        lambda: figures.loss_valley([0, 1, 2], [0, 1]),
        "losses must have one number for each of the parameter's values",
    ),
    "path leaves": (lambda: figures.loss_valley([0, 1], [0, 1], [2.0]), "leaves the drawn curve"),
    "path losses alone": (
        lambda: figures.loss_valley([0, 1], [0, 1], path_losses=[1.0]),
        "path_losses belong to a path",
    ),
    "surface transposed": (
        lambda: figures.loss_surface([0, 1, 2], [0, 1], np.zeros((3, 2))),
        "Transpose it",
    ),
    "path in three dimensions": (
        lambda: figures.loss_surface(GRID, GRID, BOWL, [[1.0, 2.0, 3.0]]),
        "must hold 2 parameters",
    ),
    "shapes don't meet": (
        lambda: figures.shape_product(("x", (5, 3)), ("weights", (2, 4))),
        "The 2nd number of x must be the 1st of weights",
    ),
    "no shape": (lambda: figures.shape_product((4, 2), (2, 3)), "a name and a shape"),
    "short chain": (lambda: figures.computation_graph(["w"], [1]), "at least two quantities"),
    "chain without values": (
        lambda: figures.computation_graph(["w", "loss"], [1]),
        "values must hold one entry for each name",
    ),
    "scores": (lambda: figures.probability_bars([2.0, -1.0]), "Softmax makes them probabilities"),
    "names of bars": (
        lambda: figures.probability_bars([0.5, 0.5], ["cat"]),
        "one entry for each class. Given: 1",
    ),
    "name alone": (lambda: figures.probability_bars([1.0], "a"), "names must be a list"),
    "true class": (
        lambda: figures.probability_bars([0.5, 0.5], true_class=2),
        "the last is 1. Given: 2",
    ),
    "three features": (
        lambda: figures.decision_regions(np.ones((4, 3)), [0, 0, 1, 1], right_of_zero),
        "for 2 features only",
    ),
    "labels out of range": (
        lambda: figures.decision_regions(POINTS, [0, 0, 1, 2], right_of_zero, names=["a", "b"]),
        "For 2 classes the largest is 1. Given: 2",
    ),
    "labels too few": (
        lambda: figures.decision_regions(POINTS, [0, 1], right_of_zero),
        "one label for each sample",
    ),
    "huge label": (
        lambda: figures.decision_regions(POINTS, [0, 0, 0, 10**12], right_of_zero),
        "At most 6 classes",
    ),
    "huge answer": (
        lambda: figures.decision_regions(POINTS, [0] * 4, lambda p: np.full(len(p), 10**12)),
        "At most 6 classes",
    ),
    "answers in one": (
        lambda: figures.decision_regions(POINTS, [0] * 4, lambda p: 1),
        "It gets all points at once",
    ),
    "answers are scores": (
        lambda: figures.decision_regions(POINTS, [0] * 4, lambda p: p * 3),
        "Softmax makes them",
    ),
    "classify called": (
        lambda: figures.decision_regions(POINTS, [0] * 4, np.zeros(4)),
        "without brackets",
    ),
    "oblong matrix": (lambda: figures.confusion_matrix(np.ones((2, 3))), "square table of counts"),
    "shares in a matrix": (lambda: figures.confusion_matrix([[0.5]]), "square table of counts"),
    "thirteen classes": (lambda: figures.confusion_matrix(np.eye(13)), "At most 12 classes"),
    "picture alone": (
        lambda: figures.picture_grid(np.zeros((200, 400, 3), dtype=np.uint8)),
        r"Put it into a list: \[picture\]",
    ),
    "no pictures": (lambda: figures.picture_grid([]), "1 to 100 pictures"),
    "picture of int64": (
        lambda: figures.picture_grid([np.zeros((2, 2), dtype=np.int64)]),
        r"pictures\[0\] must be uint8",
    ),
    "not divided": (lambda: figures.picture_grid([np.full((2, 2), 255.0)]), "Divide by 255"),
    "nan pixel": (lambda: figures.picture_grid([np.full((2, 2), NAN)]), "ordinary numbers"),
    "flat picture": (lambda: figures.picture_grid([np.zeros(64)]), "Reshape the flat row"),
    "four channels": (lambda: figures.picture_grid([np.zeros((2, 2, 4))]), "must be grey"),
    "titles": (
        lambda: figures.picture_grid([DIGIT], ["a", "b"]),
        "one entry for each picture. Given: 2",
    ),
    "wrong picture": (lambda: figures.picture_grid([DIGIT], wrong=[1]), "the last is 0. Given: 1"),
    "wrong no list": (lambda: figures.picture_grid([DIGIT], wrong=0), "wrong must be a list"),
    "colour pixels": (lambda: figures.pixel_values(np.zeros((4, 4, 3))), "picture must be grey"),
    "large pixels": (lambda: figures.pixel_values(np.zeros((17, 4))), "at most 16 by 16"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_met_with_what_is_wrong_what_was_given_and_what_to_do(name):
    call, message = MISTAKES[name]
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        call()
    assert "Given: " in str(caught.value)
    assert str(caught.value)[-1] in ".?"

"""Linear models: scikit-learn's probabilities, and the same after writing and reading."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import BadInputError
from kb.linear import LinearModel, read_linear, softmax, write_linear

NUMBERS = st.floats(-20, 20, allow_nan=False)
NAMES = st.text(min_size=1, max_size=12)


@given(st.lists(NUMBERS, min_size=1, max_size=6))
def test_softmax_gives_probabilities_in_the_order_of_the_scores(scores):
    got = softmax(scores)
    assert math.isclose(sum(got), 1.0)
    assert math.isclose(got[scores.index(max(scores))], max(got))


@given(st.dictionaries(NAMES, st.tuples(NUMBERS, NUMBERS, NUMBERS)), NUMBERS)
def test_a_model_reads_back_as_it_was_written(weights, bias):
    model = LinearModel(("a", "b", "c"), (bias, 0.0, 1.0), weights)
    again = read_linear(write_linear(model, digits=6, least=0.0))
    assert again.labels == model.labels
    for name, row in weights.items():
        assert again.weights[name] == pytest.approx(row, abs=1e-6)
    assert write_linear(again, digits=6, least=0.0) == write_linear(model, digits=6, least=0.0)


def test_a_model_of_one_column_gives_the_odds_of_its_second_label():
    model = LinearModel(("no", "yes"), (-1.0,), {"word": (3.0,)})
    assert model.score({"word": 1.0, "unknown": 9.0}) == 2.0
    no, yes = model.probabilities({"word": 1.0})
    assert math.isclose(math.log(yes / no), 2.0)


def test_weights_next_to_nothing_are_left_out():
    model = LinearModel(("no", "yes"), (0.0,), {"much": (1.0,), "little": (0.001,)})
    assert set(read_linear(write_linear(model)).weights) == {"much"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"labels": ["a"]}',
        '{"labels": ["a", "b"], "biases": [1], "weights": {"x": [1, 2]}}',
    ],
)
def test_what_is_no_model_is_refused_by_name(text):
    with pytest.raises(BadInputError, match=r"weights\.json"):
        read_linear(text, "weights.json")


def test_probabilities_are_those_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    from sklearn.feature_extraction import DictVectorizer

    from miner.training.evaluate import linear_from

    rows = [{"a": 1.0}, {"b": 1.0}, {"a": 1.0, "b": 2.0}, {"c": 1.0}, {"c": 2.0, "a": 1.0}]
    labels = ["x", "y", "z", "x", "y"]
    vectors = DictVectorizer()
    fitted = linear_model.LogisticRegression().fit(vectors.fit_transform(rows), labels)
    model = linear_from(vectors, fitted)
    for row, want in zip(rows, fitted.predict_proba(vectors.transform(rows)), strict=True):
        assert model.probabilities(row) == pytest.approx(tuple(want))

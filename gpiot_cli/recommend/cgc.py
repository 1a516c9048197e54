"""DevPiolt's feature-based baseline: Customized Gate Control, small (needs the `train` extra).

As the paper describes it: MLPs encode user and device features, a transformer the operation
history; gated experts mix them (Tang et al., 2020). Two tasks, the device and the operation, have
experts of their own beside shared ones; each task's gate weighs its own and the shared experts.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from gpiot_cli.recommend.home import Home
from gpiot_cli.recommend.records import Operation

LENGTH = 32
"""Operations of history."""

WIDTH = 64
EXPERTS = 3
BATCH = 256
EPOCHS = 6
LEARNING_RATE = 2e-3
CHUNK = 500
"""Test operations after which it learns from them, as the counting baselines do all the time."""

USER_FEATURES = 8


class CustomizedGateControl(nn.Module):
    """Scores of every operation (and, as the second task, of every device)."""

    def __init__(self, operations: int, devices: int) -> None:
        super().__init__()
        self.operation = nn.Embedding(operations + 1, WIDTH, padding_idx=0)
        self.place = nn.Parameter(torch.zeros(LENGTH, WIDTH))
        self.elapsed = nn.Linear(1, WIDTH)
        layer = nn.TransformerEncoderLayer(WIDTH, 4, 2 * WIDTH, dropout=0.1, batch_first=True)
        self.history = nn.TransformerEncoder(layer, 2)
        self.user = _mlp(USER_FEATURES, WIDTH)
        self.device = _mlp(2 * devices, WIDTH)
        self.experts = nn.ModuleList(_mlp(3 * WIDTH, WIDTH) for _ in range(3 * EXPERTS))
        self.gates = nn.ModuleList(nn.Linear(3 * WIDTH, 2 * EXPERTS) for _ in range(2))
        self.towers = nn.ModuleList(nn.Linear(WIDTH, size) for size in (operations, devices))

    def forward(
        self,
        history: torch.Tensor,
        elapsed: torch.Tensor,
        user: torch.Tensor,
        device: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """history, elapsed: (batch, LENGTH); the results: (batch, operations), (batch, devices)."""
        x = self.operation(history) + self.place + self.elapsed(elapsed.unsqueeze(-1))
        encoded = self.history(x)[:, -1]
        features = torch.cat([encoded, self.user(user), self.device(device)], dim=1)
        made = [expert(features) for expert in self.experts]
        shared = made[2 * EXPERTS :]
        results = []
        for task, (gate, tower) in enumerate(zip(self.gates, self.towers, strict=True)):
            own = made[task * EXPERTS : (task + 1) * EXPERTS]
            weights = gate(features).softmax(dim=1).unsqueeze(-1)
            mixed = (torch.stack([*own, *shared], dim=1) * weights).sum(dim=1)
            results.append(tower(mixed))
        return results[0], results[1]


def _mlp(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, outputs), nn.ReLU(), nn.Linear(outputs, outputs), nn.ReLU()
    )


def predict(
    operations: Sequence[Operation], start: int, seed: int = 0
) -> Iterator[list[tuple[int, float]]]:
    """Train on what is before `start`; ranked (candidate number, probability) of each later one.

    Only what is possible in the present state is ranked. Operations that the training part does
    not hold cannot be predicted.
    """
    torch.manual_seed(seed)
    data = _Table(operations, start)
    model = CustomizedGateControl(data.known, data.devices)
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE)
    usable = [i for i in range(start) if data.target[i] >= 0]
    for _ in range(EPOCHS):
        _fit(model, optimizer, data, usable)
    for first in range(start, len(operations), CHUNK):
        chunk = list(range(first, min(first + CHUNK, len(operations))))
        model.eval()
        with torch.no_grad():
            chances = model(*data.batch(chunk))[0].softmax(dim=1)
        for i, row in zip(chunk, chances, strict=True):
            row[data.held[i]] = 0.0
            order = row.argsort(descending=True)[:10].tolist()
            yield [(number, float(row[number])) for number in order]
        _fit(model, optimizer, data, [i for i in chunk if data.target[i] >= 0])


def _fit(
    model: CustomizedGateControl,
    optimizer: torch.optim.Optimizer,
    data: "_Table",
    rows: Sequence[int],
) -> None:
    model.train()
    loss_of = nn.CrossEntropyLoss()
    order = torch.randperm(len(rows)).tolist()
    for at in range(0, len(order), BATCH):
        batch = [rows[i] for i in order[at : at + BATCH]]
        by_operation, by_device = model(*data.batch(batch))
        loss = loss_of(by_operation, data.target[batch]) + loss_of(by_device, data.device[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


class _Table:
    """All operations as tensors; each row holds only what was known before it."""

    def __init__(self, operations: Sequence[Operation], start: int) -> None:
        home = Home()
        self.held: list[list[int]] = []
        numbers, states = [], []
        devices: dict[tuple[str, str], int] = {}
        for operation in operations[:start]:
            for action in operation.actions:
                devices.setdefault(action[:2], len(devices))
        self.devices = len(devices)
        for i, operation in enumerate(operations):
            legal = set(home.legal())
            self.held.append([n for n in range(len(home.candidates)) if n not in legal])
            row = [0.0] * (2 * self.devices)
            for (room, device, field), value in home.state.items():
                place = devices.get((room, device))
                if place is not None and field == "power":
                    row[2 * place + (str(value).lower() in ("on", "true"))] = 1.0
            states.append(row)
            numbers.append(home.learn(operation))
            if i == start - 1:
                self.known = len(home.candidates)
        self.held = [[n for n in held if n < self.known] for held in self.held]
        padded = torch.zeros(LENGTH + len(numbers), dtype=torch.long)
        known = torch.tensor(numbers)
        padded[LENGTH:] = torch.where(known < self.known, known + 1, 0)
        self._history = padded
        seconds = torch.tensor([o.time.timestamp() for o in operations], dtype=torch.float64)
        before = torch.cat([seconds[:1].repeat(LENGTH), seconds])
        self._seconds, self._before = seconds, before
        self._states = torch.tensor(states)
        self._user = torch.tensor([_user_features(o) for o in operations])
        self.target = torch.where(known < self.known, known, -1)
        self.device = torch.tensor([devices.get(o.actions[0][:2], 0) for o in operations])

    def batch(self, rows: Sequence[int]) -> tuple[torch.Tensor, ...]:
        """The model's inputs for these operations."""
        index = torch.tensor(rows).unsqueeze(1) + torch.arange(LENGTH)
        elapsed = self._seconds[list(rows)].unsqueeze(1) - self._before[index]
        return (
            self._history[index],
            elapsed.clamp(min=0).log1p().float() / 10,
            self._user[list(rows)],
            self._states[list(rows)],
        )


def _user_features(operation: Operation) -> list[float]:
    hour = torch.tensor((operation.time.hour * 60 + operation.time.minute) / 1440 * torch.pi * 2)
    season = torch.tensor(operation.time.timetuple().tm_yday / 365 * torch.pi * 2)
    return [
        float(hour.sin()),
        float(hour.cos()),
        float((2 * hour).sin()),
        float((2 * hour).cos()),
        float(season.sin()),
        float(season.cos()),
        operation.time.weekday() / 6,
        float(operation.time.weekday() >= 5),
    ]

"""The training step beside PyTorch's: same network, batch and one thread, taking turns in one run.

    python3 bench/pytorch.py [training] [--seconds 8] [--rounds 3] [--batch 256]
    python3 bench/pytorch.py dqn [--seconds 20] [--rounds 3]

`training` is AlphaZero's residual network; `dqn` an update of plain DQN on MinAtar Breakout, in batches of 32, 64 and 128.

Needs PyTorch (tried with 1.13) and a built Ludus (npm run build). Prints one JSON object. Without PyTorch: exit code 4.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError:
    print("this comparison needs PyTorch (pip install torch); without it: ludus bench training", file=sys.stderr)
    sys.exit(4)

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHANNELS, BLOCKS, PLANES, ACTIONS = 64, 5, (3, 6, 7), 7


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = (nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False) for _ in range(2))
        self.na, self.nb = nn.BatchNorm2d(CHANNELS), nn.BatchNorm2d(CHANNELS)

    def forward(self, x):
        return F.relu(x + self.nb(self.b(F.relu(self.na(self.a(x))))))


class Net(nn.Module):
    """The residual network of engine/nn/resnet.ts with its default heads."""

    def __init__(self, policy=16, value=8, hidden=64):
        super().__init__()
        area = PLANES[1] * PLANES[2]
        self.stem = nn.Sequential(nn.Conv2d(PLANES[0], CHANNELS, 3, padding=1, bias=False), nn.BatchNorm2d(CHANNELS), nn.ReLU())
        self.tower = nn.Sequential(*(Block() for _ in range(BLOCKS)))
        self.p = nn.Sequential(nn.Conv2d(CHANNELS, policy, 1, bias=False), nn.BatchNorm2d(policy), nn.ReLU(), nn.Flatten(), nn.Linear(policy * area, ACTIONS))
        self.v = nn.Sequential(nn.Conv2d(CHANNELS, value, 1, bias=False), nn.BatchNorm2d(value), nn.ReLU(), nn.Flatten(),
                               nn.Linear(value * area, hidden), nn.ReLU(), nn.Linear(hidden, 1), nn.Tanh())

    def forward(self, x):
        x = self.tower(self.stem(x))
        return self.p(x), self.v(x)[:, 0]


def rate(work, rows, seconds):
    """Rows a second by the median step."""
    for _ in range(3):
        work()
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return rows / statistics.median(times)


class QNet(nn.Module):
    """The MinAtar network of engine/rl/nn/q-network.ts: 16 filters of 3 x 3, 128 units."""

    def __init__(self, planes=4, actions=6):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(planes, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16 * 8 * 8, 128), nn.ReLU(), nn.Linear(128, actions))

    def forward(self, x):
        return self.layers(x)


def ludus(what, seconds):
    command = ["node", str(ROOT / "dist/cli/main.js"), "bench", what, "--seconds", str(seconds), "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1])


def dqn(options):
    """Ludus's rows also pay for drawing from a prioritisable memory and unpacking; PyTorch's batch is given."""
    def update(batch):
        online, target = QNet(), QNet()
        optimizer = torch.optim.Adam(online.parameters(), lr=2.5e-4)
        x, after = ((torch.rand(batch, 4, 10, 10) > 0.9).float() for _ in range(2))
        action, reward, discount = torch.randint(6, (batch, 1)), torch.rand(batch), torch.full((batch,), 0.99)

        def step():
            with torch.no_grad():
                towards = reward + discount * target(after).max(1).values
            loss = F.mse_loss(online(x).gather(1, action)[:, 0], towards)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(online.parameters(), 10)
            optimizer.step()

        return step

    steps = {batch: update(batch) for batch in (32, 64, 128)}
    ours, theirs = [], []
    for _ in range(options.rounds):
        ours.append(ludus("dqn", options.seconds)["rows"]["dqn"])
        theirs.append({batch: rate(step, batch, options.seconds / 8) for batch, step in steps.items()})
    print(json.dumps({
        "torch": torch.__version__, "threads": 1,
        "rows": {batch: {
            "ludus": statistics.median(r[str(batch)]["perSecond"] for r in ours), "pytorch": statistics.median(r[batch] for r in theirs),
            "ratio": statistics.median(a[str(batch)]["perSecond"] / b[batch] for a, b in zip(ours, theirs)),
        } for batch in steps},
    }))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("what", nargs="?", choices=["training", "dqn"], default="training")
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=256)
    options = parser.parse_args()
    torch.set_num_threads(1)
    if options.what == "dqn":
        return dqn(options)
    net = Net()
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
    x = (torch.rand(options.batch, *PLANES) > 0.6).float()
    policy, value = torch.softmax(torch.rand(options.batch, ACTIONS), 1), torch.rand(options.batch) * 2 - 1

    def step():
        net.train()
        logits, v = net(x)
        loss = -(policy * F.log_softmax(logits, 1)).sum(1).mean() + F.mse_loss(v, value)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def answer():
        net.eval()
        with torch.inference_mode():
            net(x[:64])

    ours, theirs, infer = [], [], []
    for _ in range(options.rounds):
        ours.append(ludus("training", options.seconds))
        theirs.append(rate(step, options.batch, options.seconds))
        infer.append(rate(answer, min(64, options.batch), options.seconds / 2))
    print(json.dumps({
        "torch": torch.__version__, "batch": options.batch, "threads": 1,
        "ludus": {"training": statistics.median(r["rowsPerSecond"] for r in ours), "inference": statistics.median(r["bareInference"] for r in ours)},
        "pytorch": {"training": statistics.median(theirs), "inference": statistics.median(infer)},
        "ratio": {"training": statistics.median(a["rowsPerSecond"] / b for a, b in zip(ours, theirs)),
                  "inference": statistics.median(a["bareInference"] / b for a, b in zip(ours, infer))},
    }))


main()

"""Stands in for Gymnasium in tests: the same calls, a few small environments, nothing but the standard library."""
import math
import os
import random
import sys
import time

__version__ = "stand-in"


class Discrete:
    def __init__(self, n, start=0):
        self.n = n
        self.start = start


class Box:
    def __init__(self, low, high, shape, dtype="float32"):
        self.low = low
        self.high = high
        self.shape = shape
        self.dtype = dtype


class Tuple:
    def __init__(self, *spaces):
        self.spaces = spaces


class Dict:
    pass


class Env:
    def reset(self, seed=None):
        if seed is not None:
            self.random = random.Random(seed)
        self.steps = 0
        return self.begin(), {}

    def step(self, action):
        self.steps += 1
        return self.advance(action)


class CartPole(Env):
    """The published dynamics of CartPole-v1."""

    action_space = Discrete(2)
    observation_space = Box([-4.8, -math.inf, -0.418, -math.inf], [4.8, math.inf, 0.418, math.inf], (4,))

    def begin(self):
        self.state = [self.random.uniform(-0.05, 0.05) for _ in range(4)]
        return list(self.state)

    def advance(self, action):
        x, v, angle, w = self.state
        force = 10.0 if action == 1 else -10.0
        cos, sin = math.cos(angle), math.sin(angle)
        push = (force + 0.05 * w * w * sin) / 1.1
        turn = (9.8 * sin - cos * push) / (0.5 * (4 / 3 - 0.1 * cos * cos / 1.1))
        self.state = [x + 0.02 * v, v + 0.02 * (push - 0.05 * turn * cos / 1.1), angle + 0.02 * w, w + 0.02 * turn]
        fallen = abs(self.state[0]) > 2.4 or abs(self.state[2]) > 12 * math.pi / 180
        return list(self.state), 1.0, fallen, self.steps >= 500, {}


class Corridor(Env):
    """Positions 5 to 9; action 7 goes left, 8 right; the right end pays 1. Cut after 30 steps."""

    action_space = Discrete(2, start=7)
    observation_space = Discrete(5, start=5)

    def __init__(self, reward=1.0):
        self.reward = reward

    def begin(self):
        self.at = 5
        return self.at

    def advance(self, action):
        print("a line that an environment prints")
        self.at = max(5, self.at + (1 if action == 8 else -1))
        return self.at, self.reward if self.at == 9 else 0.0, self.at == 9, self.steps >= 30, {}


class Cards(Env):
    """Two digits at a time, (tens, units); action 1 ends with their sum."""

    action_space = Discrete(2)
    observation_space = Tuple(Discrete(3), Discrete(10))

    def begin(self):
        self.seen = (self.random.randrange(3), self.random.randrange(10))
        return self.seen

    def advance(self, action):
        return self.seen, float(sum(self.seen)) if action else 0.0, bool(action), False, {}


class Taxis(Cards):
    """More positions than a byte can number."""

    observation_space = Discrete(500)

    def begin(self):
        self.seen = self.random.randrange(400, 500)
        return self.seen

    def advance(self, action):
        return self.seen, float(self.seen), True, False, {}


class Pixels(Env):
    """Screens of 6 x 4 in three colours: all red as bright as 10 x step. Flickers: every second screen is black. Three lives, one lost every 8 steps."""

    action_space = Discrete(3)
    observation_space = Box(0, 255, (6, 4, 3), "uint8")

    def reset(self, seed=None):
        observation, _ = super().reset(seed)
        return observation, {"lives": 3}

    def screen(self):
        red = 0 if self.steps % 2 else min(250, 10 * self.steps)
        return [[[red, 0, 0] for _ in range(4)] for _ in range(6)]

    def begin(self):
        return self.screen()

    def advance(self, action):
        lives = 3 - self.steps // 8
        return self.screen(), float(5 * action), lives == 0, False, {"lives": lives}


class Trouble(CartPole):
    """Goes wrong at its third step, in the way that it is made for."""

    def __init__(self, how):
        self.how = how

    def advance(self, action):
        observation, reward, terminated, truncated, info = super().advance(action)
        if self.steps == 3:
            if self.how == "nan-reward":
                reward = math.nan
            elif self.how == "nan-observation":
                observation[2] = math.inf
            elif self.how == "raises":
                raise ValueError("the pole broke")
            elif self.how == "dies":
                print("last words", file=sys.stderr, flush=True)
                os._exit(9)
            elif self.how == "hangs":
                time.sleep(600)
            elif self.how == "short":
                observation = observation[:2]
        return observation, reward, terminated, truncated, info


class Steering(CartPole):
    action_space = Box([-1.0], [1.0], (1,))


class Nested(CartPole):
    observation_space = Dict()


ENVIRONMENTS = {
    "CartPole-v1": CartPole, "Corridor-v0": Corridor, "Cards-v0": Cards, "Taxis-v0": Taxis, "Pixels-v0": Pixels, "Trouble-v0": Trouble,
    "Steering-v0": Steering, "Nested-v0": Nested,
}


class NameNotFound(Exception):
    pass


def make(name, **keywords):
    if name == "NoRom-v0":
        raise RuntimeError("We're Unable to find the game \"Pong\". Note: the ROM is missing")
    if name not in ENVIRONMENTS:
        raise NameNotFound(f"Environment `{name.split('-')[0]}` doesn't exist.")
    return ENVIRONMENTS[name](**keywords)

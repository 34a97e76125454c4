"""The Python side of gym: environments that Ludus steps through pipes.

Messages are msgpack maps, each behind its length (4 bytes, little-endian), one answer to each request:

  {"op": "open", "id", "count", "skip", "lives", "pool", "keywords"}  -> {"space", "actions", "versions"}
  {"op": "reset", "seeds": [...]}                                     -> {"rows"}
  {"op": "step", "actions": [...]}                                    -> {"rows", "rewards", "flags", "finals"}
  any, when it fails                                                  -> {"error", "message"}

"rows" holds one observation after another as bytes: int32 indexes, uint8 or float32 numbers. "flags" has a byte each:
1 terminated, 2 truncated; "finals" the last observations of those episodes. Needs nothing but Gymnasium itself: msgpack
is used where it is installed, and numpy is not asked for.
"""
import array
import os
import struct
import sys

TERMINATED = 1
TRUNCATED = 2


class Trouble(Exception):
    """Something that a person can do something about; `kind` says what."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def pack(value):
    """msgpack of None, bools, integers, floats, texts, bytes, lists and maps."""
    if value is None:
        return b"\xc0"
    if value is True:
        return b"\xc3"
    if value is False:
        return b"\xc2"
    if isinstance(value, int):
        if 0 <= value < 128:
            return struct.pack("B", value)
        return b"\xd3" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"\xcb" + struct.pack(">d", value)
    if isinstance(value, str):
        data = value.encode()
        return b"\xdb" + struct.pack(">I", len(data)) + data
    if isinstance(value, (bytes, bytearray)):
        return b"\xc6" + struct.pack(">I", len(value)) + bytes(value)
    if isinstance(value, (list, tuple)):
        return b"\xdd" + struct.pack(">I", len(value)) + b"".join(map(pack, value))
    if isinstance(value, dict):
        return b"\xdf" + struct.pack(">I", len(value)) + b"".join(pack(key) + pack(item) for key, item in value.items())
    raise TypeError(f"no msgpack for {type(value).__name__}")


class Unpacker:
    """Reads what `pack` writes, and the shorter forms that other encoders choose."""

    NUMBERS = {0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q", 0xCA: ">f", 0xCB: ">d"}
    SIZES = {0xC4: (">B", "bytes"), 0xC5: (">H", "bytes"), 0xC6: (">I", "bytes"), 0xD9: (">B", "text"), 0xDA: (">H", "text"), 0xDB: (">I", "text"),
             0xDC: (">H", "list"), 0xDD: (">I", "list"), 0xDE: (">H", "map"), 0xDF: (">I", "map")}

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        piece = self.data[self.at:self.at + count]
        self.at += count
        return piece

    def number(self, form):
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def value(self):
        first = self.take(1)[0]
        if first < 0x80:
            return first
        if first >= 0xE0:
            return first - 256
        if first < 0x90:
            return self.many("map", first & 15)
        if first < 0xA0:
            return self.many("list", first & 15)
        if first < 0xC0:
            return self.many("text", first & 31)
        if first in (0xC0, 0xC2, 0xC3):
            return {0xC0: None, 0xC2: False, 0xC3: True}[first]
        if first in self.NUMBERS:
            return self.number(self.NUMBERS[first])
        if first in self.SIZES:
            form, kind = self.SIZES[first]
            return self.many(kind, self.number(form))
        raise ValueError(f"msgpack type {first:#x} is not spoken here")

    def many(self, kind, count):
        if kind == "bytes":
            return bytes(self.take(count))
        if kind == "text":
            return self.take(count).decode()
        if kind == "list":
            return [self.value() for _ in range(count)]
        return {self.value(): self.value() for _ in range(count)}


def unpack(data):
    return Unpacker(data).value()


try:
    import msgpack

    def pack(value):  # noqa: F811
        return msgpack.packb(value, use_bin_type=True)

    def unpack(data):  # noqa: F811
        return msgpack.unpackb(data, raw=False)
except ImportError:
    pass


def flat(value, out):
    """Numbers of nested lists, in order."""
    for item in value:
        if hasattr(item, "__len__"):
            flat(item, out)
        else:
            out.append(item)
    return out


def is_discrete(space):
    return type(space).__name__ == "Discrete"


def describe(space):
    """What observations are: an index out of `count`, or numbers of a shape between bounds."""
    if is_discrete(space):
        return {"kind": "index", "count": int(space.n)}
    if type(space).__name__ == "Tuple" and all(map(is_discrete, space.spaces)):
        count = 1
        for part in space.spaces:
            count *= int(part.n)
        return {"kind": "index", "count": count}
    name = type(space).__name__
    if name not in ("Box", "MultiBinary", "MultiDiscrete"):
        raise Trouble("space", f"its observations are {name}; numbers (Box) or indexes (Discrete) are needed, so wrap it with FlattenObservation")
    shape = [int(size) for size in space.shape]
    low = high = []
    if name == "Box" and len(shape) <= 1:
        low = [float(value) for value in flat(space.low, [])]
        high = [float(value) for value in flat(space.high, [])]
    return {"kind": "bytes" if str(getattr(space, "dtype", "")) == "uint8" else "numbers", "shape": shape, "low": low, "high": high}


def encode(space, kind, observation):
    if kind == "index":
        if not is_discrete(space):
            index = 0
            for part, value in zip(space.spaces, observation):
                index = index * int(part.n) + int(value) - int(getattr(part, "start", 0))
        else:
            index = int(observation) - int(getattr(space, "start", 0))
        return struct.pack("<i", index)
    if kind == "bytes":
        return observation.tobytes() if hasattr(observation, "tobytes") and hasattr(observation, "astype") else bytes(flat(observation, []))
    if hasattr(observation, "astype"):
        return observation.astype("<f4").tobytes()
    numbers = array.array("f", flat(observation, []) if hasattr(observation, "__len__") else [observation])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


class Episodes:
    """One environment, whose episodes follow each other without a pause."""

    def __init__(self, env, kind, skip, pool, lives):
        self.env = env
        self.kind = kind
        self.skip = skip
        self.pool = pool
        self.by_life = lives
        self.lives = 0
        self.first_action = int(getattr(env.action_space, "start", 0))

    def encode(self, observation):
        return encode(self.env.observation_space, self.kind, observation)

    def begin(self, seed=None):
        observation, info = self.env.reset(seed=seed)
        self.lives = info.get("lives", 0)
        row = self.encode(observation)
        return row + row if self.pool else row

    def act(self, action):
        """Row, reward, terminated, truncated, and whether the environment itself is over."""
        reward = 0.0
        before = row = b""
        for _ in range(self.skip):
            observation, gained, terminated, truncated, info = self.env.step(self.first_action + action)
            reward += float(gained)
            if self.pool:
                before = row
            row = self.encode(observation)
            if terminated or truncated:
                break
        over = bool(terminated or truncated)
        lives = info.get("lives", 0)
        # A lost life ends the episode for the learner; the game itself goes on.
        lost = self.by_life and 0 < lives < self.lives
        self.lives = lives
        if self.pool:
            row = (before or row) + row
        return row, reward, bool(terminated) or lost, bool(truncated) and not terminated, over

    def step(self, action):
        row, reward, terminated, truncated, over = self.act(action)
        if not (terminated or truncated):
            return row, reward, 0, b""
        final = row
        if over:
            row = self.begin()
        else:
            # After a lost life: on with a step of doing nothing, as the next episode's start.
            row, _, _, _, over = self.act(0)
            if over:
                row = self.begin()
        return row, reward, TERMINATED if terminated else TRUNCATED, final


class Server:
    def __init__(self):
        self.episodes = []

    def open(self, request):
        name = request["id"]
        try:
            import gymnasium
        except ImportError as error:
            raise Trouble("gymnasium", str(error))
        if name.startswith("ALE/"):
            try:
                import ale_py
            except ImportError as error:
                raise Trouble("ale", str(error))
            # Gymnasium 1 no longer finds plugins by itself.
            if hasattr(gymnasium, "register_envs"):
                gymnasium.register_envs(ale_py)
        try:
            envs = [gymnasium.make(name, **request["keywords"]) for _ in range(request["count"])]
        except Exception as error:
            raise Trouble("rom" if "ROM" in str(error) else "make", f"{type(error).__name__}: {error}")
        env = envs[0]
        if not is_discrete(env.action_space):
            raise Trouble("actions", f"its actions are {type(env.action_space).__name__}; only a choice among some (Discrete) can be learnt here")
        space = describe(env.observation_space)
        pool = bool(request["pool"]) and space["kind"] == "bytes"
        self.episodes = [Episodes(one, space["kind"], request["skip"], pool, request["lives"]) for one in envs]
        versions = f"Python {sys.version.split()[0]}, Gymnasium {getattr(gymnasium, '__version__', 'of unknown version')}"
        return {"space": space, "actions": int(env.action_space.n), "pooled": pool, "versions": versions}

    def reset(self, request):
        return {"rows": b"".join(one.begin(seed) for one, seed in zip(self.episodes, request["seeds"]))}

    def step(self, request):
        rows, rewards, flags, finals = [], [], bytearray(), []
        for one, action in zip(self.episodes, request["actions"]):
            row, reward, flag, final = one.step(action)
            rows.append(row)
            rewards.append(reward)
            flags.append(flag)
            finals.append(final)
        return {"rows": b"".join(rows), "rewards": rewards, "flags": bytes(flags), "finals": b"".join(finals)}

    def answer(self, request):
        try:
            return {"open": self.open, "reset": self.reset, "step": self.step}[request["op"]](request)
        except Trouble as trouble:
            return {"error": trouble.kind, "message": str(trouble)}
        except Exception as error:
            import traceback

            place = traceback.extract_tb(error.__traceback__)[-1]
            return {"error": "raised", "message": f"{type(error).__name__}: {error} ({os.path.basename(place.filename)}, line {place.lineno})"}


def main():
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # What environments print must not get between the messages.
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    server = Server()
    while True:
        head = requests.read(4)
        if len(head) < 4:
            return
        request = unpack(requests.read(struct.unpack("<I", head)[0]))
        data = pack(server.answer(request))
        answers.write(struct.pack("<I", len(data)) + data)
        answers.flush()


if __name__ == "__main__":
    main()

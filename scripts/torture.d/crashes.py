"""Which states after a power cut are looked at: the extremes, every single change missing or
alone, and random ones."""
import hashlib

from disk import Write


def whole(change):
    """All of a change has reached the disk."""
    if isinstance(change, Write):
        return True, {number: data for number, (_, data) in enumerate(change.blocks)}
    return True


def part(change, random):
    """Some of a change, as a disk may leave it."""
    if not isinstance(change, Write):
        return True
    blocks = whole(change)[1]
    kind = random.randrange(5)
    if kind == 0:
        # Torn: the first blocks of a write.
        cut = random.randrange(len(blocks) + 1)
        return True, {number: data for number, data in blocks.items() if number < cut}
    if kind == 1:
        return True, {number: data for number, data in blocks.items() if random.random() < 0.5}
    if kind == 2:
        # The size alone, and bytes of something else where the data would be.
        return True, {number: random.randbytes(len(data)) for number, data in blocks.items()
                      if random.random() < 0.5}
    if kind == 3:
        return False, blocks
    return True, blocks


def choices(pending, random, samples):
    """Selections of the pending changes, the telling ones first."""
    yield []
    everything = [(change, whole(change)) for change in pending]
    yield everything
    singles = list(range(len(pending)))
    random.shuffle(singles)
    for index in singles:
        yield everything[:index] + everything[index + 1:]
        yield everything[:index + 1]
        yield [everything[index]]
        yield everything[:index] + [(pending[index], part(pending[index], random))]
    for _ in range(samples):
        chance = random.choice((0.2, 0.5, 0.8, 0.95))
        yield [(change, part(change, random)) for change in pending if random.random() < chance]


# Most files of most states are the very same bytes: by identity, with the bytes so that they stay.
SUMS = {}


def checksum(content):
    known = SUMS.get(id(content))
    if known is None or known[0] is not content:
        known = SUMS[id(content)] = content, hashlib.sha256(content).digest()
    return known[1]


def digest(files, inodes):
    """Tells states apart: names, contents, and which names are of one file."""
    state = hashlib.sha256()
    numbers = {}
    for path in sorted(files):
        state.update(path.encode() + b"\0")
        if files[path] is not None:
            number = numbers.setdefault(inodes[path], len(numbers))
            state.update(b"%d\0" % number + checksum(files[path]))
    return state.digest()

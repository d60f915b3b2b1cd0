"""Part alice: power cuts, worked out from the system calls of a real run by a second model.

The commands of a chain run under strace. Their calls move a model of the disk (disk.py); at every
call the states that a power cut may leave are worked out, written to a directory, and the real
program is asked what it makes of them.
"""
import collections
import concurrent.futures
import os
import re
import zlib

import crashes
import disk
import shop
import tracelog

BOOT = re.compile(rb'"boot":"([0-9a-f-]{36})"')
OTHER_BOOT = b"00000000-0000-4000-8000-000000000000"


class Expectation:
    """What the lists may show at one point of a chain, and when the next command has run as well.

    Times that do not stand in `known` are not compared: they are those of this very run.
    """

    def __init__(self, known, dumps, nexts):
        self.known = known
        self.dumps = {shop.scrubbed(dump, known) for dump in dumps}
        self.nexts = {shop.scrubbed(dump, known) for dump in nexts}

    def shows(self, dump):
        return shop.scrubbed(dump, self.known) in self.dumps

    def follows(self, dump):
        return shop.scrubbed(dump, self.known) in self.nexts

    def difference(self, dump, following=False):
        wanted = max(self.nexts if following else self.dumps)
        return shop.difference(shop.scrubbed(dump, self.known), wanted)


class Moment:
    """A point of a chain, and what may be seen after a power cut there."""

    def __init__(self, chain, step, call, allowed, answered):
        self.chain, self.step, self.call = chain, step, call
        self.allowed, self.answered = allowed, answered

    def __str__(self):
        return f"{self.chain.name}, command {self.step + 1}, after {self.call}"


class Chain:
    """Commands that run one after another from one state, traced."""

    def __init__(self, name, before, steps, planted=(), fault=None):
        self.name, self.before, self.steps = name, before, steps
        # Kinds of sync that the disk shall ignore: then the judge must find something.
        self.planted = planted
        # What strace does to the first command, which must then say that it is not stored.
        self.fault = fault
        # By the number of commands that have run; and what the one that failed may have done.
        self.expected, self.undone = [], None

    def allowed(self, step, answered):
        if answered:
            return [self.expected[step + 1]]
        extra = [self.undone] if self.undone and step == 0 else []
        return [self.expected[step], self.expected[step + 1], *extra]


class Part:
    def __init__(self, run):
        self.run, self.tool = run, run.tool
        self.root = run.scratch("alice")
        self.seen = set()
        self.calls = 0
        self.counts = collections.Counter()

    def perform(self):
        # A chain needs several cases, so that `--only` looks at its own name.
        only, self.run.only = self.run.only, None
        chains = [chain for chain in self.chains() if not only or only in chain.name]
        random = self.run.random("alice")
        todo = []
        for chain in chains:
            todo += [(chain, *state) for state in self.states(chain, random)]
        chosen = []
        share = 34 if self.run.quick else 1_000
        for chain in chains:
            items = [item for item in todo if item[0] is chain and not chain.planted]
            # A state of the base step weighs 14 MB, and takes as long as ten others.
            most = share // 10 if chain.name == "base step" else share
            chosen += random.sample(items, min(len(items), most))
        with concurrent.futures.ThreadPoolExecutor(self.run.jobs) as pool:
            for problem in pool.map(self.attempt, enumerate(chosen)):
                if problem:
                    self.run.fail("alice", problem)
        caught = [self.planted(chain, todo, random) for chain in chains if chain.planted]
        shown = ", ".join(f"{count} {name}" for name, count in sorted(self.counts.items()))
        self.run.report("alice", len(chosen), "states",
                        f"of {len(todo):,} worked out at {self.calls} calls: {shown}; "
                        + "; ".join(caught))

    def planted(self, chain, todo, random):
        """A judge that finds nothing wrong where syncs do nothing is no judge."""
        items = [item for item in todo if item[0] is chain]
        random.shuffle(items)
        for count, item in enumerate(items):
            if self.attempt((count, item), keeps=False):
                return f"{chain.name} the fault is found in state {count + 1}"
        self.run.fail("alice", f"{chain.name}: {len(items)} states, and no fault is found")
        return f"{chain.name} NO fault is found"

    def chains(self):
        known = {case.name: case for case in self.run.cases()}
        self.inputs = {case.words: case.stdin for case in known.values()}
        words = {name: case.words for name, case in known.items()}
        small = known["order create"].before
        shopping = [words["first command"], words["first command"][:2] + ("POT-4", "--name", "B",
                    "--price", "2", "--stock", "9"),
                    ("order", "create", "--customer", "a@x.example", "--item", "POT-4=2"),
                    ("payment", "capture", "ORD-1001", "--method", "card"),
                    ("order", "ship", "ORD-1001"),
                    ("payment", "refund", "ORD-1001", "--full", "--restock", "POT-4=1", "--yes")]
        order = words["order create"]
        receipt = words["stock receive"]
        unclaimed, torn = self.interrupted(small, order)
        chains = [Chain("a new shop", known["first command"].before, shopping),
                  Chain("imports", small, [words["import products"], words["import orders"],
                                           receipt]),
                  Chain("bulk loads", small, [words["bulk load of products"], receipt,
                                              words["bulk load of orders"], receipt]),
                  Chain("adopting a line", unclaimed, [receipt, receipt]),
                  Chain("a torn tail", torn, [receipt, receipt]),
                  Chain("a failed sync", small, [order, receipt],
                        fault="inject=fdatasync:error=EIO:when=1"),
                  Chain("with no fdatasync", small, [order, receipt], ("fdatasync",)),
                  Chain("with no sync of directories", known["fold into segments"].before,
                        [words["fold into segments"], receipt], ("directory",)),
                  Chain("with no sync of new files", known["fold into segments"].before,
                        [words["fold into segments"], receipt], ("fsync",))]
        steps = ["fold into segments", "fold into a run", "merge of runs"]
        for name in steps if self.run.quick else [*steps, "base step"]:
            chains.append(Chain(name, known[name].before, [words[name], order]))
        return chains

    def interrupted(self, start, words):
        """Two states whose journals end with what nobody claimed: a whole line, and half."""
        unclaimed, torn = (os.path.join(self.root, name) for name in ("unclaimed", "torn"))
        shop.copy(start, unclaimed)
        before = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync", "-e",
                  "inject=fdatasync:signal=KILL:when=1"]
        outcome = self.tool.run(unclaimed, *words, before=before)
        if not outcome.killed:
            raise shop.Broken(f"the kill did not hit: {outcome}")
        shop.copy(unclaimed, torn)
        journal = os.path.join(torn, "journal", max(os.listdir(os.path.join(torn, "journal"))))
        os.truncate(journal, os.path.getsize(journal) - 700)
        return unclaimed, torn

    # MARK: From a chain to states

    def states(self, chain, random):
        """Runs the chain, and yields (moment, files, inodes) of every state looked at."""
        top = os.path.join(self.root, "traced")
        data = os.path.join(top, "shop")
        shop.remove(top)
        os.makedirs(top)
        shop.copy(chain.before, data)
        model = disk.Disk(top, chain.planted)
        model.load()
        self.note(chain, data)
        logs = []
        for step, words in enumerate(chain.steps):
            log = os.path.join(self.root, f"step-{step}.log")
            stdin = self.inputs.get(words)
            before = ["strace", "-f", "-qq", "-yy", "-xx", "-s", "100000000", "-e", "signal=none",
                      "-o", log, "-e", "trace=mmap,"
                      + ",".join(tracelog.MODELLED + tracelog.UNKNOWN)]
            fault = chain.fault if step == 0 else None
            if fault:
                before += ["-e", fault]
                chain.undone = self.undone(words, data)
            outcome = self.tool.run(data, *words, stdin=stdin, before=before)
            if outcome.code != (74 if fault else 0):
                raise shop.Broken(f"{chain.name} goes wrong without a power cut: {outcome}")
            self.note(chain, data)
            logs.append((log, b"nothing of this command is stored" if fault else outcome.out))
        for step, (log, answer) in enumerate(logs):
            yield from self.follow(chain, model, step, log, answer, random)

    def undone(self, words, data):
        """What a command that is about to fail would have done."""
        scratch, other = (os.path.join(self.root, name) for name in ("undone", "next"))
        known = self.tool.dump(data)
        shop.copy(data, scratch)
        self.tool.must(scratch, *words)
        return Expectation(known, [self.tool.dump(scratch)], [self.tool.expected(scratch, other)])

    def note(self, chain, data):
        """What the lists show now, in this boot and in another, and after one more command."""
        scratch = os.path.join(self.root, "next")
        dumps = {self.tool.dump(data)}
        shop.copy(data, scratch)
        reboot(scratch)
        dumps.add(self.tool.dump(scratch))
        if not os.path.exists(data):
            # A shop that was just made, before the command that made it changed anything.
            self.tool.must(scratch, "init")
            dumps.add(self.tool.dump(scratch))
        nexts = [self.tool.expected(data, scratch)]
        if len(dumps) > 1 and os.path.exists(data):
            # A line that nobody claimed may also be missing after a power cut: then the next
            # command comes after what this boot's readers show.
            nexts.append(self.without(data, scratch))
        chain.expected.append(Expectation(b"".join(dumps), dumps, nexts))

    def without(self, data, scratch):
        """The next state with what no claim covers cut off the journal."""
        shop.copy(data, scratch)
        with open(os.path.join(scratch, "LOCK"), "rb") as file:
            claim = shop.json.loads(file.read())
        os.truncate(os.path.join(scratch, "journal", claim["file"]), claim["bytes"])
        self.tool.must(scratch, *shop.NEXT)
        return self.tool.dump(scratch)

    def follow(self, chain, model, step, log, answer, random):
        answered = False
        samples = 3 if self.run.quick else 40
        for call in tracelog.read(log):
            before = len(model.pending)
            if call.name == "write" and call.descriptor(0) in (1, 2):
                answered = answered or answer in call.text(1)
            else:
                model.apply(call)
                if len(model.pending) == before and call.name in ("openat", "close"):
                    continue
            self.calls += 1
            moment = Moment(chain, step, str(call), chain.allowed(step, answered), answered)
            yield from self.after(chain, model, moment, random, samples)

    def after(self, chain, model, moment, random, samples):
        budget = 12 if self.run.quick else 150
        for kept in crashes.choices(list(model.pending), random, samples):
            files, inodes = model.tree_after(kept)
            key = crashes.digest(files, inodes), chain.name, moment.step, moment.answered
            if key in self.seen:
                continue
            self.seen.add(key)
            budget -= 1
            if budget < 0:
                return
            yield moment, files, inodes

    # MARK: The judge

    def attempt(self, numbered, keeps=True):
        index, (chain, moment, files, inodes) = numbered
        top = os.path.join(self.root, f"state-{index}-{chain.name.replace(' ', '-')}")
        try:
            materialise(top, files, inodes)
            self.judge(chain, moment, os.path.join(top, "shop"))
            return None
        except shop.Broken as problem:
            if not keeps:
                return str(problem)
            kept = os.path.join(self.run.kept, f"alice-{index}")
            shop.remove(kept)
            materialise(kept, files, inodes)
            return f"{moment}: {problem}\n      the state: {kept}"
        finally:
            shop.remove(top)

    def judge(self, chain, moment, data):
        reboot(data)
        seen = self.tool.dump(data)
        shown = [expectation for expectation in moment.allowed if expectation.shows(seen)]
        if not shown:
            lost = any(expectation.shows(seen) for expectation in chain.expected)
            raise shop.Broken(("an answer does not hold: " if lost else "half a command is seen: ")
                              + moment.allowed[-1].difference(seen))
        self.tool.check_doctor(data, shop.INTERRUPTED)
        self.tool.must(data, *shop.NEXT)
        got = self.tool.dump(data)
        if not any(expectation.follows(got) for expectation in shown):
            raise shop.Broken("the next command changed more than its own:\n      "
                              + shown[0].difference(got, following=True))
        self.tool.check_doctor(data, {"leftover-file"})
        if not chain.planted:
            self.counts["after an answer" if moment.answered else "before it"] += 1


def materialise(top, files, inodes):
    """Writes a state to a directory; two names of one inode stay two names of one file."""
    shop.remove(top)
    os.makedirs(top)
    made = {}
    for path, content in files.items():
        target = os.path.join(top, path)
        if content is None:
            os.mkdir(target, 0o700)
        elif inodes[path] in made:
            os.link(made[inodes[path]], target)
        else:
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            made[inodes[path]] = target


def reboot(data):
    """LOCK as a restarted machine finds it: written in another boot (docs/data-format.md)."""
    path = os.path.join(data, "LOCK")
    if not os.path.exists(path):
        return
    with open(path, "rb") as file:
        line = file.read()
    body = line.rstrip()[:-len(b',"crc":"00000000"}')]
    if line.rstrip()[len(body):] != b',"crc":"%08x"}' % zlib.crc32(body):
        return
    body = BOOT.sub(b'"boot":"' + OTHER_BOOT + b'"', body)
    mended = body + b',"crc":"%08x"}' % zlib.crc32(body)
    with open(path, "wb") as file:
        file.write(mended.ljust(len(line) - 1) + b"\n")

"""Part inject: a fault at every system call by which a command changes files.

strace counts the calls of one clean run; then, for every call and every fault, the command runs
again on a copy of the same directory with the fault at just that call.
"""
import collections
import concurrent.futures
import os
import re

import shop

CHANGING = ("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "sync_file_range",
            "rename", "renameat", "renameat2", "link", "linkat", "unlink", "unlinkat", "rmdir",
            "mkdir", "mkdirat", "ftruncate", "truncate", "fallocate", "fchmod", "chmod")
# Killed on entering a call, or the call fails, once or from there on.
FAULTS = ("signal=KILL", "error=EIO", "error=ENOSPC", "error=EIO+", "error=ENOSPC+")
SYNCS = {"fsync", "fdatasync"}
CALL = re.compile(r"^(?:\d+ +)?(\w+)\(")


class Injection:
    def __init__(self, case, call, number, fault):
        self.case, self.call, self.number, self.fault = case, call, number, fault

    def words(self):
        fault, more = self.fault.rstrip("+"), "+" if self.fault.endswith("+") else ""
        # A disk on which syncs fail for ever fails both kinds.
        calls = self.call
        if more and self.call in SYNCS and self.number == 1:
            calls = ",".join(sorted(SYNCS))
        return f"inject={calls}:{fault}:when={self.number}{more}"

    def __str__(self):
        return f"{self.case.name}, {self.words()}"


class Part:
    """The injections of all cases, and the judge of each."""

    def __init__(self, run):
        self.run, self.tool = run, run.tool
        self.root = run.scratch("inject")
        self.outcomes = collections.Counter()

    def perform(self):
        todo = []
        calls = 0
        for case in self.run.cases():
            counts = self.prepare(case)
            calls += sum(counts.values())
            todo += self.injections(case, counts)
        chosen = self.choose(todo)
        with concurrent.futures.ThreadPoolExecutor(self.run.jobs) as pool:
            for problem in pool.map(self.attempt, enumerate(chosen)):
                if problem:
                    self.run.fail("inject", problem)
        shown = ", ".join(f"{count} {name}" for name, count in sorted(self.outcomes.items()))
        self.run.report("inject", len(chosen), "injections", f"at {calls} calls of "
                        f"{len({i.case.name for i in chosen})} commands: {shown}")

    def injections(self, case, counts):
        return [Injection(case, call, number, fault) for call, count in sorted(counts.items())
                for number in range(1, count + 1) for fault in FAULTS]

    def choose(self, todo):
        """In the quick form: every kill, EIO and ENOSPC of three commands, a part of all others."""
        if not self.run.quick:
            return todo
        random = self.run.random("inject")
        always = {"order create", "payment capture", "stock receive"}
        chosen, rest = [], collections.defaultdict(list)
        for item in todo:
            if item.case.name in always and (not item.fault.endswith("+") or item.call in SYNCS):
                chosen.append(item)
            else:
                rest[item.case.name].append(item)
        for items in rest.values():
            chosen += random.sample(items, min(len(items), 8))
        return chosen

    def prepare(self, case):
        """Runs the case once without a fault: counts its calls, and learns what it must come to."""
        log = os.path.join(self.root, "clean.log")
        expect(case, self.tool, self.root, tracer(log, []))
        counts = collections.Counter()
        with open(log) as file:
            for line in file:
                match = CALL.match(line)
                if match:
                    counts[match[1]] += 1
        return counts

    def attempt(self, numbered):
        index, injection = numbered
        data = os.path.join(self.root, f"shop-{index}")
        try:
            self.judge(injection, data)
            return None
        except shop.Broken as problem:
            kept = self.run.keep(data, f"inject-{index}")
            return f"{injection}: {problem}\n      the directory: {kept}"
        finally:
            shop.remove(data)

    def judge(self, injection, data):
        case, tool = injection.case, self.tool
        shop.copy(case.before, data)
        outcome = tool.run(data, *case.words, stdin=case.stdin,
                           before=tracer("/dev/null", [injection.words()]))
        kind = verdict(outcome, case)
        self.outcomes[kind] += 1
        # What readers see before any writer has mended anything.
        seen = shop.scrubbed(tool.dump(data), case.dump)
        # Without the claim that a failed pwrite leaves out, readers see it after the next writer.
        check_seen(kind if injection.call != "pwrite64" else "unclaimed", seen, outcome, case)
        tool.check_doctor(data, shop.INTERRUPTED)
        check_next(kind, seen, outcome, case, tool, data)


def tracer(log, rules):
    before = ["strace", "-f", "-qq", "-o", log, "-e", "trace=" + ",".join(CHANGING),
              "-e", "signal=none"]
    for rule in rules:
        before += ["-e", rule]
    return before


def expect(case, tool, root, before=()):
    """Runs a case without a fault, to learn what it must come to, done or not."""
    data, scratch = os.path.join(root, "clean"), os.path.join(root, "next")
    shop.copy(case.before, data)
    case.dump = tool.dump(data)
    case.readable = {case.dump}
    if not os.path.exists(data):
        # The first command makes the shop, as a step of its own.
        tool.must(data, "init")
        case.readable.add(tool.dump(data))
        shop.copy(case.before, data)
    case.not_done = shop.scrubbed(tool.expected(data, scratch), case.dump)
    outcome = tool.run(data, *case.words, stdin=case.stdin, before=before)
    if outcome.code != 0:
        raise shop.Broken(f"the case fails without a fault: {outcome}")
    case.answer = outcome.out
    case.dump_after = shop.scrubbed(tool.dump(data), case.dump)
    case.done = shop.scrubbed(tool.expected(data, scratch), case.dump)
    if case.done == case.not_done:
        raise shop.Broken(f"{case.name} changes nothing that can be seen")


def check_seen(kind, seen, outcome, case):
    """Readers see all of it or nothing; all where it was reported as done."""
    if seen != case.dump_after and seen not in case.readable:
        raise shop.Broken(f"{kind}: readers see half of it: {outcome}\n      "
                          + shop.difference(seen, case.dump_after))
    if kind == "done" and seen != case.dump_after:
        raise shop.Broken(f"it reported success and readers do not see it: {outcome}")
    if kind == "not done" and seen == case.dump_after:
        raise shop.Broken(f"it reported that nothing is stored, and readers see it: {outcome}")


def check_next(kind, seen, outcome, case, tool, data):
    """The next command works, and finds what the exit code promised."""
    tool.must(data, *shop.NEXT)
    got = shop.scrubbed(tool.dump(data), case.dump)
    wanted = {"done": [case.done], "not done": [case.not_done]}.get(
        kind, [case.done, case.not_done])
    if got not in wanted:
        raise shop.Broken(f"{kind}, but that is not what is stored: {outcome}\n      "
                          + shop.difference(got, wanted[0]))
    if seen == case.dump_after and got != case.done:
        raise shop.Broken(f"readers saw it, and now it is gone: {outcome}")
    tool.check_doctor(data, {"leftover-file"})


def verdict(outcome, case):
    """What the exit code says: done, not done, either; and whether it may say so."""
    if outcome.killed:
        return "done" if outcome.out == case.answer else "killed"
    stored = b"the change itself is stored" in outcome.err
    # 73: it is stored, and its result could not be printed. Where standard error fails as well,
    # nothing can be said about that.
    if outcome.code == 0 or outcome.code == 73 and (stored or b"error:" not in outcome.err):
        return "done"
    if outcome.code == 71:
        if b"not known whether" not in outcome.err:
            raise shop.Broken(f"exit 71 that does not say so: {outcome}")
        return "unknown"
    if outcome.code == 74:
        if stored:
            raise shop.Broken(f"exit 74 promises that nothing is stored: {outcome}")
        return "not done"
    raise shop.Broken(f"an exit code that a failing disk must not give: {outcome}")

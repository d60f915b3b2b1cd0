"""Part space: a file system without room, at many levels.

tmpfs of a few megabytes, filled until so many pages (or inodes) are left; and a file that may not
grow past so many bytes (RLIMIT_FSIZE), which cuts a write off in the middle. A command either
works or says that nothing of it is stored, readers go on, and with room again the next one works.
"""
import collections
import concurrent.futures
import os
import resource
import subprocess

import inject
import shop

PAGE = 4096
# Room for the largest state, what a command adds to it, and what the next ones need.
SIZE = 4 * 1024 * 1024


class Level:
    """One attempt: a command, and what it is short of."""

    def __init__(self, case, kind, left):
        self.case, self.kind, self.left = case, kind, left

    def __str__(self):
        return f"{self.case.name}, {self.left} {self.kind} left"


class Part:
    def __init__(self, run):
        self.run, self.tool = run, run.tool
        self.root = run.scratch("space")
        self.outcomes = collections.Counter()

    def perform(self):
        mounts = self.mounts()
        if not mounts:
            print("space: no file system can be mounted here; RLIMIT_FSIZE takes its place",
                  flush=True)
        todo = []
        for case in self.run.cases():
            if case.name == "base step":
                # Four megabytes of runs make it due: more than the disk here has.
                continue
            inject.expect(case, self.tool, self.root)
            todo += self.levels(case, bool(mounts))
        chosen = todo
        if self.run.quick:
            chosen = self.run.random("space").sample(todo, min(len(todo), 90))
        # Every worker has a file system of its own.
        lanes = [chosen[number::self.run.jobs] for number in range(self.run.jobs)]
        try:
            with concurrent.futures.ThreadPoolExecutor(self.run.jobs) as pool:
                list(pool.map(self.lane, enumerate(lanes)))
        finally:
            for mount in mounts:
                subprocess.run(["umount", mount], check=False)
        shown = ", ".join(f"{count} {name}" for name, count in sorted(self.outcomes.items()))
        self.run.report("space", len(chosen), "levels",
                        f"of {len(todo):,}, {len({l.case.name for l in chosen})} commands: {shown}")

    def mounts(self):
        """One small tmpfs for every worker; none where mounting is refused."""
        mounts = []
        for number in range(self.run.jobs):
            path = os.path.join(self.root, f"disk-{number}")
            os.makedirs(path, exist_ok=True)
            done = subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={SIZE},nr_inodes=400", "shopctl-torture",
                 path], capture_output=True, check=False)
            if done.returncode != 0:
                break
            mounts.append(path)
        return mounts

    def levels(self, case, mounted):
        """Every page of what the command writes; every inode; a write cut at many bytes."""
        step = 3 if self.run.quick else 1
        levels = []
        if mounted:
            pages = [*range(0, 24), *range(24, 130, 4)]
            levels += [Level(case, "pages", left) for left in pages[::step]]
            levels += [Level(case, "inodes", left) for left in range(0, 40, step)]
        # The journal's end is what a command writes first; later files begin at nothing.
        end = journal_size(case.before)
        cuts = [*range(0, 64, 7), *range(64, 4_096, 251), *range(4_096, 140_000, 8_191)]
        levels += [Level(case, "bytes of the file size limit", end + left)
                   for left in cuts[::step]]
        return levels

    def lane(self, numbered):
        number, levels = numbered
        disk = os.path.join(self.root, f"disk-{number}")
        for level in levels:
            try:
                self.judge(level, disk)
            except shop.Broken as problem:
                kept = self.run.keep(os.path.join(disk, "shop"), f"space-{self.run.failures}")
                self.run.fail("space", f"{level}: {problem}\n      the directory: {kept}")

    def judge(self, level, disk):
        case, tool = level.case, self.tool
        data = os.path.join(disk, "shop")
        fillers = os.path.join(disk, "fillers")
        shop.remove(fillers)
        shop.copy(case.before, data)
        os.makedirs(fillers)
        limit = None
        if level.kind == "pages":
            fill_pages(disk, fillers, level.left)
        elif level.kind == "inodes":
            fill_inodes(disk, fillers, level.left)
        else:
            limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (level.left, level.left))
        outcome = tool.run(data, *case.words, stdin=case.stdin, preexec=limit)
        kind = inject.verdict(outcome, case)
        self.outcomes[kind] += 1
        seen = shop.scrubbed(tool.dump(data), case.dump)
        inject.check_seen(kind, seen, outcome, case)
        shop.remove(fillers)
        tool.check_doctor(data, shop.INTERRUPTED)
        inject.check_next(kind, seen, outcome, case, tool, data)


def journal_size(data):
    journals = os.path.join(data, "journal")
    if not os.path.exists(journals):
        return 0
    return os.path.getsize(os.path.join(journals, max(os.listdir(journals))))


def fill_pages(disk, fillers, left):
    room = os.statvfs(disk)
    size = room.f_bavail * room.f_frsize - left * PAGE
    with open(os.path.join(fillers, "filler"), "wb") as file:
        while size > 0:
            size -= file.write(bytes(min(size, 1 << 20)))


def fill_inodes(disk, fillers, left):
    for number in range(os.statvfs(disk).f_ffree - left):
        with open(os.path.join(fillers, f"filler-{number}"), "wb"):
            pass

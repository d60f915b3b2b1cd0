"""Whole processes, timed from outside, both sides alternating."""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


class Failed(Exception):
    pass


def process(argv, env, text=None, output=None):
    """Runs one process to its end.

    Returns seconds by the wall clock and seconds of CPU time."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as errors:
        if text is not None:
            source.write(text.encode())
            source.seek(0)
        target = os.open(output or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            actions = [
                (os.POSIX_SPAWN_DUP2, source.fileno(), 0),
                (os.POSIX_SPAWN_DUP2, target, 1),
                (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
            ]
            start = time.perf_counter()
            pid = os.posix_spawnp(argv[0], argv, env, file_actions=actions)
            _, status, usage = os.wait4(pid, 0)
            took = time.perf_counter() - start
        finally:
            os.close(target)
        if status != 0:
            errors.seek(0)
            raise Failed(f"{' '.join(argv)[:200]}: status {status}\n{errors.read().decode()[:2000]}")
    return took, usage.ru_utime + usage.ru_stime


def peak(argv, env):
    """Runs one process and returns its peak memory in bytes; None without GNU time.

    What wait4 says of a child counts this program's own memory too, from before the exec."""
    timer = shutil.which("time", path="/usr/bin:/bin:/usr/local/bin")
    if timer is None:
        return None
    done = subprocess.run(
        [timer, "-f", "%M", *argv], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(argv)[:200]}: {done.stderr}")
    return int(done.stderr.split()[-1]) * 1024


class Sample:
    """Times of one side, in seconds."""

    def __init__(self):
        self.times = []

    def add(self, result):
        self.times.append(result[0])

    @property
    def median(self):
        return statistics.median(self.times)

    @property
    def p99(self):
        return sorted(self.times)[max(0, len(self.times) * 99 // 100 - 1)]

    @property
    def worst(self):
        return max(self.times)

    def __str__(self):
        return (f"median {self.median * 1e3:9.2f} ms   p99 {self.p99 * 1e3:9.2f}   "
                f"worst {self.worst * 1e3:9.2f}")


def alternate(count, *sides, warmup=0):
    """Runs the sides in turn, `count` times each, another one first each time: what one side leaves
    to the disk must not always fall on the same next one."""
    samples = [Sample() for _ in sides]
    for turn in range(-warmup, count):
        for position in range(len(sides)):
            index = (turn + position) % len(sides)
            result = sides[index](turn)
            if turn >= 0:
                samples[index].add(result)
    return samples


class Table:
    """The jobs with their figures, printed as they come and once more at the end."""

    def __init__(self):
        self.rows = []

    def say(self, text):
        print(text, flush=True)

    def add(self, job, value, limit, goal, unit="", least=False):
        good = value >= limit if least else value <= limit
        great = value >= goal if least else value <= goal
        word = "goal" if great else "ok" if good else "MISSED"
        self.rows.append((job, f"{value:,.2f}{unit}", f"{limit:,g}{unit}", f"{goal:,g}{unit}", word))
        self.say(f"    {job}: {value:,.2f}{unit} ({'at least' if least else 'at most'} {limit:,g}, goal {goal:,g}): {word}")

    def print(self):
        print("\n| job | measured | target | goal | |\n| --- | --- | --- | --- | --- |")
        for row in self.rows:
            print("| " + " | ".join(row) + " |")
        sys.stdout.flush()

"""Reads what strace writes with -f -yy -xx: one call a line, every text in hexadecimal."""
import re

# Calls that change files, and those that a model of them has to follow.
MODELLED = ("openat", "open", "close", "write", "pwrite64", "fsync", "fdatasync", "ftruncate",
            "rename", "link", "unlink", "mkdir", "rmdir")
# Calls that would change files in ways that the model does not know: it must not pass them over.
UNKNOWN = ("writev", "pwritev", "pwritev2", "sendfile", "splice", "copy_file_range", "fallocate",
           "truncate", "symlink", "symlinkat", "sync_file_range", "mknod", "mknodat", "creat",
           "renameat", "renameat2", "linkat", "unlinkat", "mkdirat", "dup", "dup2", "dup3",
           "io_uring_setup")

CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+|\?)(.*)$")
UNFINISHED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
TEXT = re.compile(r'^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?$')


class Call:
    """One finished call: its name, its arguments as strace shows them, what it returned."""

    def __init__(self, pid, name, arguments, result):
        self.pid, self.name, self.arguments, self.result = pid, name, arguments, result

    def text(self, index):
        """An argument that is a string: a path, or the bytes written."""
        match = TEXT.match(self.arguments[index])
        if not match or match[2]:
            raise ValueError(f"not a whole text: {self.name} {self.arguments[index][:80]}")
        return bytes.fromhex(match[1].replace("\\x", ""))

    def path(self, index):
        return self.text(index).decode()

    def number(self, index):
        return int(self.arguments[index], 0)

    def descriptor(self, index):
        return int(self.arguments[index].split("<")[0])

    def __str__(self):
        return f"{self.name}({', '.join(a[:40] for a in self.arguments)}) = {self.result}"


def read(path):
    """The calls of a log in the order in which they ended."""
    calls, open_lines = [], {}
    process = None
    with open(path) as file:
        for line in file:
            line = line.rstrip("\n")
            if match := UNFINISHED.match(line):
                open_lines[match[1]] = line[: -len(" <unfinished ...>")]
                continue
            if match := RESUMED.match(line):
                line = open_lines.pop(match[1]) + match[2]
            match = CALL.match(line)
            if match is None:
                continue
            pid, name, arguments, result = int(match[1]), match[2], match[3], match[4]
            if name in UNKNOWN:
                raise ValueError(f"a call that the model does not know: {line[:200]}")
            if name == "mmap" and "PROT_WRITE" in arguments and "MAP_SHARED" in arguments:
                raise ValueError(f"a mapping that can be written to: {line[:200]}")
            if result == "?" or name == "mmap":
                continue
            # Threads share their descriptors, and shopctl starts no other process.
            process = process or pid
            calls.append(Call(process, name, split(arguments), int(result)))
    return calls


def split(arguments):
    """Commas stand between arguments only: within texts and paths they would be \\x2c."""
    return arguments.split(", ") if arguments else []

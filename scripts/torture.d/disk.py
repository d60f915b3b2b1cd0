"""What a disk may hold after a power cut, under the model of ALICE (OSDI 2014).

A file's bytes and its size are durable after an fsync or fdatasync of the file; until then every
512-byte block of a write, and the change of the size, is there or not, whatever the order. A
directory's entries are durable after an fsync of the directory; until then every creation, link,
removal and rename is there or not, a rename as a whole. A sync of a file says nothing of its name.
"""
import os

BLOCK = 512


class File:
    """An inode: what it holds now, and what is known to be on the disk."""

    def __init__(self, content=b""):
        self.now = bytearray(content)
        self.durable = bytes(content)


class Directory:
    def __init__(self):
        self.now, self.durable = {}, {}


class Write:
    """Bytes on their way to the disk, in blocks, and the size they give the file."""

    def __init__(self, file, offset, data):
        self.file, self.offset, self.data = file, offset, data
        self.blocks = []
        start = offset
        while start < offset + len(data):
            end = min((start // BLOCK + 1) * BLOCK, offset + len(data))
            self.blocks.append((start, data[start - offset:end - offset]))
            start = end

    def applied(self, content):
        end = self.offset + len(self.data)
        content = content.ljust(end, b"\0")
        return content[:self.offset] + self.data + content[end:]


class Resize:
    def __init__(self, file, size):
        self.file, self.size, self.offset = file, size, size

    def applied(self, content):
        return content[:self.size].ljust(self.size, b"\0")


class Entries:
    """Names that change together: [(directory, name, inode or None)]."""

    def __init__(self, changes):
        self.changes = changes


class Disk:
    """The tree below `root`, followed call by call."""

    def __init__(self, root, ignoring=()):
        self.root, self.tree = root, Directory()
        # Kinds of sync that this disk takes no notice of: to see that the judge sees it.
        self.ignoring = set(ignoring)
        self.pending = []
        # What a failed sync may have lost: a later sync that succeeds says nothing of it.
        self.doubtful = set()
        self.descriptors = {}

    def load(self):
        """Takes what is really there as durable: the state before the trace."""
        inodes = {}

        def directory(path):
            made = Directory()
            for name in sorted(os.listdir(path)):
                child = os.path.join(path, name)
                if os.path.isdir(child):
                    made.now[name] = directory(child)
                    continue
                number = os.stat(child).st_ino
                if number not in inodes:
                    with open(child, "rb") as file:
                        inodes[number] = File(file.read())
                made.now[name] = inodes[number]
            made.durable = dict(made.now)
            return made

        self.tree = directory(self.root)

    # MARK: Following calls

    def apply(self, call):
        """Does what the call did. Failed calls change nothing, but for what a failed sync does."""
        if call.result < 0:
            if call.name in ("fsync", "fdatasync"):
                inode, _ = self.file(call)
                self.doubtful.update(id(change) for change in self.pending
                                     if not isinstance(change, Entries) and change.file is inode)
            return
        getattr(self, "do_" + call.name)(call)

    def locate(self, path):
        """The directory that holds the name, and the name; None outside of the tree."""
        path = os.path.normpath(path)
        if not path.startswith(self.root + "/"):
            return None
        parts = path[len(self.root) + 1:].split("/")
        directory = self.tree
        for part in parts[:-1]:
            directory = directory.now[part]
        return directory, parts[-1]

    def change(self, changes):
        for directory, name, inode in changes:
            if inode is None:
                directory.now.pop(name, None)
            else:
                directory.now[name] = inode
        self.pending.append(Entries(changes))

    def open(self, call, path, flags, result):
        place = self.locate(path)
        if os.path.normpath(path) == self.root:
            self.descriptors[call.pid, result] = self.tree, False
            return
        if place is None:
            self.descriptors.pop((call.pid, result), None)
            return
        directory, name = place
        inode = directory.now.get(name)
        if inode is None:
            inode = File()
            self.change([(directory, name, inode)])
        elif "O_TRUNC" in flags and inode.now:
            self.resize(inode, 0)
        self.descriptors[call.pid, result] = inode, "O_APPEND" in flags

    def do_openat(self, call):
        if not call.arguments[0].startswith("AT_FDCWD") and not call.path(1).startswith("/"):
            raise ValueError(f"a path relative to a descriptor: {call}")
        self.open(call, call.path(1), call.arguments[2], call.result)

    def do_open(self, call):
        self.open(call, call.path(0), call.arguments[1], call.result)

    def do_close(self, call):
        self.descriptors.pop((call.pid, call.descriptor(0)), None)

    def file(self, call):
        return self.descriptors.get((call.pid, call.descriptor(0)), (None, False))

    def write(self, inode, offset, data):
        end = offset + len(data)
        if len(inode.now) < end:
            inode.now.extend(bytes(end - len(inode.now)))
        inode.now[offset:end] = data
        self.pending.append(Write(inode, offset, data))

    def do_write(self, call):
        inode, appends = self.file(call)
        if inode is None:
            return
        if not appends:
            raise ValueError(f"a write at a file position, which is not followed: {call}")
        self.write(inode, len(inode.now), call.text(1)[:call.result])

    def do_pwrite64(self, call):
        inode, _ = self.file(call)
        if inode is not None:
            self.write(inode, call.number(3), call.text(1)[:call.result])

    def resize(self, inode, size):
        inode.now = inode.now[:size] + bytes(max(0, size - len(inode.now)))
        self.pending.append(Resize(inode, size))

    def do_ftruncate(self, call):
        inode, _ = self.file(call)
        if inode is not None:
            self.resize(inode, call.number(1))

    def do_rename(self, call):
        source, target = self.locate(call.path(0)), self.locate(call.path(1))
        if source and target:
            inode = source[0].now[source[1]]
            self.change([(*target, inode), (*source, None)])

    def do_link(self, call):
        source, target = self.locate(call.path(0)), self.locate(call.path(1))
        if source and target:
            self.change([(*target, source[0].now[source[1]])])

    def do_unlink(self, call):
        place = self.locate(call.path(0))
        if place:
            self.change([(*place, None)])

    do_rmdir = do_unlink

    def do_mkdir(self, call):
        place = self.locate(call.path(0))
        if place:
            self.change([(*place, Directory())])

    def do_fsync(self, call):
        inode, _ = self.file(call)
        kind = "directory" if isinstance(inode, Directory) else call.name
        if inode is not None and kind not in self.ignoring:
            self.sync(inode)

    do_fdatasync = do_fsync

    def sync(self, inode):
        """All that is pending of this file or directory is on the disk."""
        left = []
        for change in self.pending:
            if isinstance(change, Entries):
                if any(directory is inode for directory, _, _ in change.changes):
                    for directory, name, child in change.changes:
                        put(directory.durable, name, child)
                    continue
            elif change.file is inode and id(change) not in self.doubtful:
                inode.durable = change.applied(inode.durable)
                if isinstance(change, Resize):
                    left = [old for old in left if isinstance(old, Entries)
                            or old.file is not inode or old.offset < change.size]
                continue
            left.append(change)
        self.pending = left

    # MARK: After a power cut

    def tree_after(self, kept):
        """{path: bytes, or None for a directory} and {path: inode}, where of every pending change
        what `kept` says has reached the disk: [(change, what)] in order, for a Write (whether the
        size is there, {block number: bytes}), for others True."""
        entries, sizes, images = {}, {}, {}
        for change, what in kept:
            if isinstance(change, Entries):
                for directory, name, inode in change.changes:
                    put(entries.setdefault(id(directory), dict(directory.durable)), name, inode)
                continue
            file = change.file
            image = images.setdefault(id(file), bytearray(file.durable))
            size = sizes.get(id(file), len(file.durable))
            if isinstance(change, Resize):
                del image[change.size:]
                sizes[id(file)] = change.size
                continue
            grown, blocks = what
            if grown:
                sizes[id(file)] = max(size, change.offset + len(change.data))
            for number, data in blocks.items():
                start = change.blocks[number][0]
                if len(image) < start + len(data):
                    image.extend(bytes(start + len(data) - len(image)))
                image[start:start + len(data)] = data
        files, inodes = {}, {}

        def walk(directory, path):
            for name, inode in entries.get(id(directory), directory.durable).items():
                child = f"{path}/{name}" if path else name
                if isinstance(inode, Directory):
                    files[child] = None
                    walk(inode, child)
                    continue
                inodes[child] = id(inode)
                if id(inode) in images:
                    size = sizes.get(id(inode), len(inode.durable))
                    files[child] = bytes(images[id(inode)][:size].ljust(size, b"\0"))
                else:
                    files[child] = inode.durable

        walk(self.tree, "")
        return files, inodes


def put(names, name, inode):
    if inode is None:
        names.pop(name, None)
    else:
        names[name] = inode

"""The commands that are interrupted, each with the data directory that it starts from."""
import json
import os

import shop

# A command of so many bytes is twice as many in the journal: some eight of them make a fold due.
LONG_NOTE = "n" * 7_000


class Case:
    """One command, and the state before it."""

    def __init__(self, name, words, before, stdin=None):
        self.name, self.words, self.before, self.stdin = name, words, before, stdin


class Workshop:
    """Builds the states that the cases start from, under `root`."""

    def __init__(self, tool, root):
        self.tool, self.root = tool, root
        self.made = 0
        os.makedirs(root, exist_ok=True)

    def path(self, name):
        return os.path.join(self.root, name)

    def small(self):
        """A signed-in shop with two products and an order, captured and shipped."""
        data = self.path("small")
        self.tool.must(data, "init", "--currency", "EUR")
        self.password = shop.signed_up(self.tool, data, self.root)
        self.tool.must(data, "run", "-", stdin=b"""\
product add MUG-1 --name Mug --price 5 --stock 100
product add CUP-2 --name Cup --price 3.50 --stock 100 --category 'Home > Kitchen'
order create --customer ana@x.example --item MUG-1=2 --item CUP-2=1 --idempotency-key k1
order create --customer bo@x.example --item CUP-2=3
payment capture ORD-1001 --method card
order ship ORD-1001
stock receive MUG-1 --quantity 5 --note 'delivery 7'
""")
        return data

    def large(self):
        """The same with more records than a fold may rewrite, so that folds make runs."""
        data = self.path("large")
        shop.copy(self.path("small"), data)
        rows = ["sku,name,price,stock,description"]
        rows += [f"BULK-{n},Bulk {n},{n % 90 + 1}.00,{n % 7},{'d' * 900}" for n in range(1_300)]
        self.tool.must(data, "import", "products", "-f", "-",
                       stdin="\n".join(rows).encode() + b"\n")
        return data

    def until(self, name, start, words, happens):
        """The state just before the command that makes `happens(before, after)` true."""
        data, before = self.path(name), self.path(name + "-before")
        shop.copy(start, data)
        for _ in range(200):
            shop.copy(data, before)
            self.tool.must(data, *words)
            if happens(manifest(before), manifest(data)):
                shop.remove(data)
                return before
        raise shop.Broken(f"no command ever did what {name} waits for")

    def cases(self):
        """Every case, in the order of what it costs."""
        small = self.small()
        receive = ("stock", "receive", "MUG-1", "--quantity", "3", "--note", LONG_NOTE)
        fold = self.until("fold", small, receive, lambda old, new: grew(old, new))
        large = self.large()
        run = self.until(
            "run", large, receive, lambda old, new: len(new["runs"]) > len(old["runs"]))
        merge = self.until(
            "merge", run, receive, lambda old, new: len(new["runs"]) < len(old["runs"]))
        # Records that weigh more make the base step due sooner.
        heavy = (*receive[:-1], "n" * 60_000)
        base = self.until("base", merge, heavy, lambda old, new: "pass" in new)
        rows = b"sku,name,price,stock\nMUG-1,Mug,6.00,107\nNEW-1,New,1.00,4\nNEW-2,Newer,2.00,0\n"
        history = (b"reference,customer,status,placedAt,captured,method,sku,quantity,unitPrice\n"
                   b"W-1,di@x.example,completed,2026-10-01,10.00,card,MUG-1,2,5.00\n"
                   b"W-2,ed@x.example,placed,2026-10-02,,,CUP-2,3,3.50\n")
        signup = ("user", "signup", "cy@x.example", "--password-file", self.password)
        return [
            Case("product add", ("product", "add", "POT-3", "--name", "Pot", "--price", "9",
                                 "--stock", "7", "--tag", "new"), small),
            Case("stock receive", ("stock", "receive", "MUG-1", "--quantity", "3"), small),
            Case("order create",
                 ("order", "create", "--customer", "cy@x.example", "--item", "MUG-1=2",
                  "--item", "CUP-2=4", "--idempotency-key", "k2"), small),
            Case("payment capture", ("payment", "capture", "ORD-1002", "--method", "cash"), small),
            Case("order ship", ("order", "ship", "ORD-1002"), small),
            Case("payment refund", ("payment", "refund", "ORD-1001", "--full", "--restock",
                                    "MUG-1=1", "--yes"), small),
            Case("user signup", signup, small),
            Case("first command", ("product", "add", "POT-3", "--name", "Pot", "--price", "9"),
                 self.path("no-shop")),
            Case("import products", ("import", "products", "-f", "-", "--on-conflict", "update"),
                 small, stdin=rows),
            Case("import orders", ("import", "orders", "-f", "-"), small, stdin=history),
            Case("bulk load of products",
                 ("import", "products", "-f", "-", "--on-conflict", "update", "--quiet"), small,
                 stdin=rows + many(b"BULK-%d,Bulk,3.00,%d")),
            Case("bulk load of orders", ("import", "orders", "-f", "-", "--quiet"), small,
                 stdin=history + many(b"X-%d,fi@x.example,cancelled,2026-10-03,,,CUP-2,%d,3.50")),
            Case("fold into segments", receive, fold),
            Case("fold into a run", receive, run),
            Case("merge of runs", receive, merge),
            Case("base step", heavy, base),
        ]


def many(row):
    """More rows than an import takes in as an ordinary transaction."""
    return b"\n".join(row % (number, number % 3 + 1) for number in range(260)) + b"\n"


def manifest(data):
    """MANIFEST.json as docs/data-format.md describes it."""
    with open(os.path.join(data, "MANIFEST.json"), "rb") as file:
        return json.load(file)


def grew(old, new):
    return new["generation"] > old["generation"]

import Primitives

/// What a command found or did, before any decision about how it is printed.
struct Report {
    enum Body {
        case nothing
        /// Printed as it is, whatever the format.
        case text(String)
        /// Rows of a `list`.
        case list(Listing)
        /// One or a few whole records of a `show`; a single one is an object in JSON.
        case records(Listing)
        case mutation(Mutation)
        case document(Document)
        /// Lines that are made while they are printed, whatever the format.
        case lines(Lines)
    }

    /// Calls back once for each line, which ends in a newline.
    typealias Lines = (_ visit: ([UInt8]) throws(ShopError) -> Void) throws(ShopError) -> Void

    /// A change that was made, or with `--dry-run` would be.
    struct Mutation {
        /// One sentence with the id, for a terminal: `Added MUG-1 "Mug" at 12.99 USD.`
        let sentence: () -> String
        /// Commands that come next, to paste.
        let next: () -> [String]
        /// What pipes and `--porcelain` get, one a line.
        let ids: [String]
        /// The records after the change.
        let listing: Listing
    }

    /// A report with a title, which also has the forms `md` and `html`.
    struct Document {
        let title: String
        /// What the report covers (`from`, `to`), before the rows.
        let facts: [(name: String, cell: Cell)]
        let listing: Listing
    }

    var body: Body
    /// Sentences for standard error; `--quiet` drops them.
    var notices: [String] = []
    /// Lines that a terminal shows before the sentence of a mutation, as they are.
    var drawing: [String] = []
    /// How it is printed where nobody says; nil: as a table on a terminal, else plain.
    var form: OutputFormat?
    /// Of a dry run: the rows of `diff` that it would come to.
    var difference: Listing?
    /// How the command ends although nothing was thrown: `.partial`, `.findings`.
    var exitCode = ExitCode.ok

    static var nothing: Report { Report(body: .nothing) }

    static func text(_ text: String) -> Report { Report(body: .text(text)) }

    static func list(_ listing: Listing) -> Report { Report(body: .list(listing)) }

    static func list<Row>(
        _ columns: [Column<Row>], _ rows: [Row], next: String? = nil, whenEmpty: String? = nil
    ) -> Report {
        .list(Listing(columns, rows, next: next, emptyNotice: whenEmpty))
    }

    static func records<Row>(_ columns: [Column<Row>], _ rows: [Row]) -> Report {
        Report(body: .records(Listing(columns, rows)))
    }

    static func mutation<Row>(
        _ sentence: @autoclosure @escaping () -> String,
        next: @autoclosure @escaping () -> [String] = [], ids: [String], _ columns: [Column<Row>],
        _ rows: [Row]
    ) -> Report {
        let listing = Listing(columns, rows)
        return Report(
            body: .mutation(
                Mutation(sentence: sentence, next: next, ids: ids, listing: listing)))
    }

    static func document(
        _ title: String, facts: [(name: String, cell: Cell)] = [], _ listing: Listing
    ) -> Report {
        Report(body: .document(Document(title: title, facts: facts, listing: listing)))
    }

    /// The same report, with what a dry run would have changed.
    func differing(by rows: [DifferenceRow]) -> Report {
        var copy = self
        copy.difference = Listing(DifferenceRow.columns, rows)
        return copy
    }

    /// The same report, with sentences for standard error.
    func noting(_ sentences: String...) -> Report {
        var copy = self
        copy.notices += sentences
        return copy
    }

    func ending(with code: ExitCode) -> Report {
        var copy = self
        copy.exitCode = code
        return copy
    }
}

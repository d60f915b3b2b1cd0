import Primitives
import ShopCore

/// The columns of what `why` answers.
enum WhyColumns {
    /// An explanation, and what may follow.
    struct Answer: Sendable {
        let explanation: Explanation
        let next: [NextCommand]

        /// A number of its figures as it is shown: money, or units.
        fileprivate func cell(_ number: Int64) -> Cell {
            explanation.currency.map { .money(Money(minorUnits: number, $0)) } ?? .integer(number)
        }

        func text(_ number: Int64) -> String { cell(number).plainText }
    }

    static let all: [Column<Answer>] = [
        .text("id", "ID") { $0.explanation.subject.name },
        .text("kind") { $0.explanation.subject.kind.rawValue },
        .bool("proven") { $0.explanation.isProven },
        .list("problems") { $0.explanation.problems },
        .rows("states", states) { $0.explanation.states },
        .rows("figures", figures) { answer in
            answer.explanation.figures.map { Part($0, nil, sum: $0.sum, answer) }
        },
        .rows("steps", steps) { answer in answer.explanation.figures.flatMap { steps($0, answer) }
        },
        .rows("next", next) { $0.next },
    ]

    private static let states: [Column<Explanation.State>] = [
        .text("state") { $0.name },
        .text("is") { $0.value },
        .text("because") { $0.because },
    ]

    /// A figure, or one of its steps with the sum up to it.
    struct Part: Sendable {
        let figure: Explanation.Figure
        let step: Explanation.Step?
        let sum: Int64
        let answer: Answer

        init(
            _ figure: Explanation.Figure, _ step: Explanation.Step?, sum: Int64, _ answer: Answer
        ) {
            self.figure = figure
            self.step = step
            self.sum = sum
            self.answer = answer
        }
    }

    private static func steps(_ figure: Explanation.Figure, _ answer: Answer) -> [Part] {
        var sum: Int64 = 0
        return figure.steps.map { step in
            sum &+= step.change
            return Part(figure, step, sum: sum, answer)
        }
    }

    private static let figures: [Column<Part>] = [
        .text("figure") { $0.figure.title },
        .text("place", shown: .record) { $0.figure.place },
        .figure("is") { $0.answer.cell($0.figure.shown) },
        .figure("sum") { $0.answer.cell($0.sum) },
        .bool("proven") { $0.figure.isProven },
    ]

    private static let steps: [Column<Part>] = [
        .text("figure") { $0.figure.title },
        .text("place", shown: .record) { $0.figure.place },
        .time("at") { $0.step?.at },
        .text("what") { $0.step?.what },
        .text("of") { $0.step?.of },
        .figure("change") { $0.answer.cell($0.step?.change ?? 0) },
        .figure("sum") { $0.answer.cell($0.sum) },
        .text("note", mayBeCut: true) { $0.step?.note },
        .text("by", shown: .wide) { $0.step?.by },
    ]

    private static let next: [Column<NextCommand>] = [
        .text("command") { $0.line },
        .text("does", mayBeCut: true) { $0.summary },
    ]

    /// Something that has the amount asked for, and what to do about it.
    struct Found: Sendable {
        let match: AmountMatch
        let next: String?
    }

    static let matches: [Column<Found>] = [
        .text("id", "ID") { $0.match.id },
        .text("what") { $0.match.what },
        .time("at") { $0.match.at },
        .text("order") { $0.match.order?.description },
        .text("detail", mayBeCut: true) { $0.match.detail },
        .text("next", mayBeCut: true) { $0.next },
    ]
}

extension Column {
    /// A number of units, or money.
    static func figure(_ name: String, _ value: @escaping @Sendable (Row) -> Cell) -> Column {
        Column(name, nil, .figure, cell: value)
    }
}

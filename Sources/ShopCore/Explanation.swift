package import Primitives

/// Why numbers of the shop are what they are: each with the entries that it comes from.
package struct Explanation: Sendable {
    /// An entry that a number comes from.
    package struct Step: Sendable, Equatable {
        package var at: Timestamp?
        package var by: String?
        /// A kind of movement or entry, or the figure it is taken from.
        package var what: String
        /// The order, payment or SKU that it is about.
        package var of: String?
        package var note: String?
        /// Below zero where it takes away.
        package var change: Int64

        init(
            _ what: String, of: String? = nil, _ change: Int64, at: Timestamp? = nil,
            by: String? = nil, note: String? = nil
        ) {
            self.what = what
            self.of = of
            self.change = change
            self.at = at
            self.by = by
            self.note = note
        }
    }

    /// A number that commands show, and its steps in their order.
    package struct Figure: Sendable, Equatable {
        package let name: String
        /// Of units where there are several places.
        package var place: String?
        /// What is shown.
        package let shown: Int64
        package let steps: [Step]

        /// Wrapping, since a record may say anything; what overflows is not what is shown either.
        package var sum: Int64 { steps.reduce(0) { $0 &+ $1.change } }
        package var isProven: Bool { sum == shown }

        /// `onHand at warehouse`.
        package var title: String { place.map { "\(name) at \($0)" } ?? name }

        init(_ name: String, _ shown: Int64, _ steps: [Step], at place: String? = nil) {
            self.name = name
            self.shown = shown
            self.steps = steps
            self.place = place
        }
    }

    /// A state, and why it is that.
    package struct State: Sendable, Equatable {
        package let name: String
        package let value: String
        package let because: String
    }

    /// What is explained.
    package enum Subject: Sendable, Equatable {
        case product(SKU)
        case order(OrderNumber)
        case payment(PaymentNumber)
        /// By the id of a gift card, or an address.
        case balance(String)
        case amount(Money)
    }

    package let subject: Subject
    /// What the figures are of: money, or nil for units.
    package let currency: Currency?
    package internal(set) var states: [State] = []
    package internal(set) var figures: [Figure] = []
    /// What is wrong besides sums.
    package internal(set) var problems: [String] = []

    init(_ subject: Subject, in currency: Currency? = nil) {
        self.subject = subject
        self.currency = currency
    }

    /// Whether everything is as it must be.
    package var isProven: Bool { problems.isEmpty && figures.allSatisfy(\.isProven) }

    /// Hides who did what: staff, from customers.
    func withoutNames() -> Explanation {
        var copy = self
        copy.figures = figures.map { figure in
            let steps = figure.steps.map { step in
                var step = step
                step.by = nil
                return step
            }
            return Figure(figure.name, figure.shown, steps, at: figure.place)
        }
        return copy
    }

    mutating func add(_ name: String, _ shown: Int64, _ steps: [Step], at place: String? = nil) {
        figures.append(Figure(name, shown, steps, at: place))
    }

    /// The same, left out where there is nothing to say.
    mutating func addUnlessZero(_ name: String, _ shown: Int64, _ steps: [Step]) {
        if shown != 0 || !steps.isEmpty { add(name, shown, steps) }
    }
}

/// Steps as they come, of which all but the last few are summed up by what they are.
struct StepList {
    /// nil keeps each.
    let most: Int?
    private var earlier: [Explanation.Step] = []
    private var counts: [Int] = []
    private var last: [Explanation.Step] = []

    /// How many are shown one by one where not all are.
    static let shown = 10

    init(keepingAll: Bool) { most = keepingAll ? nil : Self.shown }

    mutating func add(_ step: Explanation.Step) {
        last.append(step)
        guard let most, last.count > 2 * most else { return }
        // By the batch: taking off the first of an array moves all others.
        sumUp(last.count - most)
    }

    private mutating func sumUp(_ count: Int) {
        for step in last.prefix(count) {
            if let index = earlier.firstIndex(where: { $0.what == step.what }) {
                earlier[index].change &+= step.change
                earlier[index].at = step.at
                counts[index] += 1
            } else {
                earlier.append(Explanation.Step(step.what, step.change, at: step.at))
                counts.append(1)
            }
        }
        last.removeFirst(count)
    }

    /// The sums first, each with how many it stands for.
    var steps: [Explanation.Step] {
        var list = self
        if let most, last.count > most { list.sumUp(last.count - most) }
        let sums = zip(list.earlier, list.counts).map { step, count in
            var step = step
            step.note = "\(count) until then"
            return step
        }
        return sums + list.last
    }
}

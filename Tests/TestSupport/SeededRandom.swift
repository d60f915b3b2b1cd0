/// SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same numbers on every machine.
///
/// A random test puts `random.seed` in the comment of its expectations, so that a failure says
/// how to repeat it: `#expect(holds, "\(random)")`.
package struct SeededRandom: RandomNumberGenerator, Sendable, CustomStringConvertible {
    /// What to hand in again to repeat the run.
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`.
    package mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<bound, using: &self)
    }

    package mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &self)
    }

    /// One of `choices`, which is not empty.
    package mutating func one<Choice>(of choices: [Choice]) -> Choice {
        choices[below(choices.count)]
    }

    package mutating func chance(_ numerator: Int, in denominator: Int) -> Bool {
        below(denominator) < numerator
    }

    package mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    package var description: String { "seed \(seed)" }
}

/// Why a command could not do what was asked: the fact, where, the rule, and what to type next.
///
/// Every error is declared once, beside the rule that throws it, as a static member or function
/// of an extension of this type. `code` is stable kebab-case for scripts and tests; the message
/// is not.
package struct ShopError: Error, Sendable, Equatable {
    /// Fixes the exit code.
    package let kind: ExitCode
    /// Stable kebab-case name of the error, `insufficient-stock`.
    package let code: String
    /// The fact, with its numbers and the value that was given. No full stop.
    package let message: String
    /// Flag, id or `file:line:column` the fact is about; printed as `at:`.
    package var location: String?
    /// The rule behind the refusal, only where it is not obvious; printed as `why:`.
    package var reason: String?
    /// Commands to paste; printed as `try:`.
    package var suggestions: [String]
    /// Machine-readable facts (`"requested": "5"`), in order; `details` of the JSON form.
    package var details: [Detail]
    /// Further problems of the same command, so that all are shown and not the first only.
    package var others: [ShopError]

    package struct Detail: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        _ kind: ExitCode, _ code: String, _ message: String, at location: String? = nil,
        why reason: String? = nil, try suggestions: [String] = [], details: [Detail] = [],
        others: [ShopError] = []
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.location = location
        self.reason = reason
        self.suggestions = suggestions
        self.details = details
        self.others = others
    }

    /// One error that shows all of `problems`; its kind and code are those of the first.
    ///
    /// - Returns: nil when there is no problem.
    package static func combining(_ problems: [ShopError]) -> ShopError? {
        guard var first = problems.first else { return nil }
        first.others += problems.dropFirst()
        return first
    }

    /// The same error, said of `location` where it did not name one itself.
    package func at(_ location: String) -> ShopError {
        guard self.location == nil else { return self }
        var copy = self
        copy.location = location
        return copy
    }
}

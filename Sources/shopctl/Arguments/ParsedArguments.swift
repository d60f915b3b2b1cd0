import Primitives

/// The flags and operands of one command line, read by name with their types.
///
/// A command asks only for what its `CommandSpec` declares; asking for anything else is a bug
/// and traps. Errors of the closures get `at: --flag` where they name no place themselves.
struct ParsedArguments: Sendable {
    let options: [OptionSpec]
    let operand: OperandSpec?
    /// What was given for `options[i]`, in order; a switch holds one empty text for each time.
    private(set) var given: [[String]]
    private(set) var operands: [String] = []

    init(options: [OptionSpec], operand: OperandSpec?) {
        self.options = options
        self.operand = operand
        given = Array(repeating: [], count: options.count)
    }

    mutating func append(_ value: String, toOption index: Int) {
        given[index].append(value)
    }

    mutating func append(operand text: String) {
        operands.append(text)
    }

    // MARK: Flags

    /// Whether the flag stands on the line at all.
    func has(_ name: String) -> Bool { !values(name).isEmpty }

    /// How often the flag stands on the line (`-vv`).
    func count(_ name: String) -> Int { values(name).count }

    /// Every value of a repeatable flag, in order.
    func values(_ name: String) -> [String] { given[index(of: name)] }

    func value(_ name: String) -> String? { values(name).last }

    /// Asks for flags that the declaration cannot ask for, because others may stand for them.
    ///
    /// - Throws: `missing-flag` (64) for every one that is not there.
    func require(_ names: String..., of command: String) throws(ShopError) {
        var missing: [ShopError] = []
        for name in names where !has(name) {
            missing.append(.missingFlag(options[index(of: name)]))
        }
        if let last = missing.indices.last {
            missing[last].suggestions = ["shopctl \(command) --help"]
        }
        if let error = ShopError.combining(missing) { throw error }
    }

    func required(_ name: String) throws(ShopError) -> String {
        guard let value = value(name) else { throw .missingFlag(options[index(of: name)]) }
        return value
    }

    func value<Value>(
        _ name: String, _ parse: (String) throws(ShopError) -> Value
    ) throws(ShopError) -> Value? {
        guard let text = value(name) else { return nil }
        return try Self.reading(text, at: location(of: text, for: name), parse)
    }

    func required<Value>(
        _ name: String, _ parse: (String) throws(ShopError) -> Value
    ) throws(ShopError) -> Value {
        let text = try required(name)
        return try Self.reading(text, at: location(of: text, for: name), parse)
    }

    /// Every value of a repeatable flag; the problems of all of them in one error.
    func values<Value>(
        _ name: String, _ parse: (String) throws(ShopError) -> Value
    ) throws(ShopError) -> [Value] {
        try Self.readingAll(values(name), parse) { location(of: $0, for: name) }
    }

    /// What `at:` says about one value: `--price`, or `--item MUG-1=5` for a repeatable flag.
    func location(of text: String, for name: String) -> String {
        options[index(of: name)].location(of: text)
    }

    // MARK: Operands

    func firstOperand() throws(ShopError) -> String {
        guard let first = operands.first else { throw .missingOperand(operand) }
        return first
    }

    func firstOperand<Value>(
        _ parse: (String) throws(ShopError) -> Value
    ) throws(ShopError) -> Value {
        let text = try firstOperand()
        return try Self.reading(text, at: text, parse)
    }

    func operands<Value>(
        _ parse: (String) throws(ShopError) -> Value
    ) throws(ShopError) -> [Value] {
        try Self.readingAll(operands, parse) { $0 }
    }

    // MARK: Reading

    private func index(of name: String) -> Int {
        guard let index = options.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("--\(name) is not declared by this command")
        }
        return index
    }

    private static func reading<Value>(
        _ text: String, at location: String, _ parse: (String) throws(ShopError) -> Value
    ) throws(ShopError) -> Value {
        do throws(ShopError) {
            return try parse(text)
        } catch {
            throw error.at(location)
        }
    }

    private static func readingAll<Value>(
        _ texts: [String], _ parse: (String) throws(ShopError) -> Value,
        location: (String) -> String
    ) throws(ShopError) -> [Value] {
        var values: [Value] = []
        var problems: [ShopError] = []
        for text in texts {
            do throws(ShopError) {
                values.append(try reading(text, at: location(text), parse))
            } catch {
                problems.append(error)
            }
        }
        if let problem = ShopError.combining(problems) { throw problem }
        return values
    }
}

extension OptionSpec {
    func location(of text: String) -> String {
        isRepeatable ? flag + " " + text : flag
    }
}

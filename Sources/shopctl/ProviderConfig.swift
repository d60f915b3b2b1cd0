import Formats
import Primitives
import ShopCore

/// The member `providers` of the config file: by name, how each is reached.
///
/// In nobody's data directory, but with the person at the terminal: a program that a copied
/// directory names would run for whoever opens it.
enum ProviderConfig {
    /// For the help of commands that ask a provider.
    static var dryRunNote: String {
        """
        With --dry-run no provider is asked, and what it would answer is not known: shown is
        what is on record before it does, and the exit code is that of a yes.
        """
    }

    static func read(_ value: JSONValue) throws(ShopError) -> [String: ProviderSettings] {
        guard case .object(let members) = value else {
            throw .invalidConfig("providers is not an object")
        }
        var providers: [String: ProviderSettings] = [:]
        for member in members {
            guard isName(member.name) else {
                throw .invalidConfig(
                    "\"\(member.name)\" cannot name a provider: small letters, digits and dashes")
            }
            do throws(ShopError) {
                providers[member.name] = try provider(member.value)
            } catch {
                throw .invalidConfig("provider \(member.name): \(error.message)")
            }
        }
        return providers
    }

    /// `manual` is the operator, and no other provider.
    private static func isName(_ text: String) -> Bool {
        (1...32).contains(text.utf8.count) && text != "manual"
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "-")
            }
    }

    private static func provider(_ value: JSONValue) throws(ShopError) -> ProviderSettings {
        guard case .object(let members) = value else { throw .invalidConfig("it is no object") }
        switch value["kind"]?.text {
        case "sandbox":
            guard members.count == 1 else {
                throw .invalidConfig("a sandbox has no settings besides kind")
            }
            return .sandbox
        case "exec": return .exec(try exec(members, Self.execNames))
        default: throw .invalidConfig("kind is not one of sandbox, exec")
        }
    }

    private static let execNames = [
        "kind", "program", "arguments", "timeLimit", "secretFile", "keyHours",
    ]

    /// A program of the operator's, told by the members that it may have.
    static func exec(
        _ members: [JSONValue.Member], _ names: [String], timeLimit: Int64 = 30
    ) throws(ShopError) -> ExecSettings {
        var settings = ExecSettings(program: "")
        settings.timeLimit = timeLimit
        for member in members {
            guard names.contains(member.name) else {
                throw .invalidConfig(
                    "\"\(member.name)\" is not one of \(names.joined(separator: ", "))")
            }
            switch (member.name, member.value) {
            case ("program", .string(let path)) where path.hasPrefix("/"): settings.program = path
            case ("secretFile", .string(let path)) where path.hasPrefix("/"):
                settings.secretFile = path
            case ("program", _), ("secretFile", _):
                throw .invalidConfig("\(member.name) is not an absolute path")
            case ("arguments", .array(let words)) where words.allSatisfy({ $0.text != nil }):
                settings.arguments = words.compactMap(\.text)
            case ("arguments", _): throw .invalidConfig("arguments is not a list of texts")
            case ("timeLimit", let value):
                settings.timeLimit = try number(value, in: 1...600, "timeLimit")
            case ("keyHours", let value):
                settings.keyHours = try number(value, in: 1...8_760, "keyHours")
            default: continue
            }
        }
        guard !settings.program.isEmpty else { throw .invalidConfig("program is missing") }
        return settings
    }

    private static func number(
        _ value: JSONValue, in range: ClosedRange<Int64>, _ name: String
    ) throws(ShopError) -> Int64 {
        guard case .number(let text) = value, let number = Int64(text), range.contains(number)
        else {
            throw .invalidConfig(
                "\(name) is not a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

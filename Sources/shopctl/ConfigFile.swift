import Formats
import Glibc
import Primitives
import ShopCore

/// `$XDG_CONFIG_HOME/shopctl/config.json`: defaults of one person. Nothing in it changes what a
/// pipe gets.
struct ConfigFile: Sendable {
    var dataDirectory: String?
    var color: String?
    var timeZone: TimeZoneName?
    var lockWaitSeconds: Int?
    var providers: [String: ProviderSettings] = [:]
    var delivery: ExecSettings?

    /// The keys there are.
    static var keys: [String] {
        ["dataDir", "color", "timeZone", "waitLock", "providers", "delivery"]
    }

    /// - Parameter path: nil, or a file that need not exist.
    /// - Throws: `invalid-config`, exit 78, with the place of each problem.
    static func read(_ path: String?) throws(ShopError) -> ConfigFile {
        guard let path, let bytes = try InputFile.contents(ifPresent: path) else {
            return ConfigFile()
        }
        guard case .object(let members) = try parse(bytes, path) else {
            throw .invalidConfig("the config file holds no object", at: path)
        }
        var config = ConfigFile()
        var problems: [ShopError] = []
        for member in members {
            do throws(ShopError) {
                try config.set(member.name, member.value)
            } catch {
                problems.append(error.at("\(path), \"\(member.name)\""))
            }
        }
        if let problem = ShopError.combining(problems) { throw problem }
        return config
    }

    private static func parse(_ bytes: [UInt8], _ path: String) throws(ShopError) -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            let place = error.position(in: bytes)
            throw .invalidConfig(
                "the config file is not valid JSON: \(error.reason)",
                at: "\(path):\(place.line):\(place.column)")
        }
    }

    private mutating func set(_ name: String, _ value: JSONValue) throws(ShopError) {
        switch (name, value) {
        case ("dataDir", .string(let text)) where text.hasPrefix("/"): dataDirectory = text
        case ("dataDir", _): throw .invalidConfig("dataDir is not an absolute path")
        case ("color", .string(let text)) where ["auto", "always", "never"].contains(text):
            color = text
        case ("color", _): throw .invalidConfig("color is not one of auto, always, never")
        case ("timeZone", .string(let text)):
            do throws(ShopError) {
                timeZone = try TimeZoneName(parsing: text)
            } catch {
                throw .invalidConfig(error.message)
            }
        case ("timeZone", _): throw .invalidConfig("timeZone is not a text")
        case ("waitLock", .number(let text)) where Int(text).map { $0 >= 0 } ?? false:
            lockWaitSeconds = Int(text)
        case ("waitLock", _): throw .invalidConfig("waitLock is not a number of seconds")
        case ("providers", _): providers = try ProviderConfig.read(value)
        case ("delivery", _): delivery = try DeliveryConfig.read(value)
        default: throw .unknownConfigKey(name, near: Suggestion.nearest(to: name, among: Self.keys))
        }
    }
}

extension ShopError {
    static func invalidConfig(_ message: String, at location: String? = nil) -> ShopError {
        ShopError(.config, "invalid-config", message, at: location)
    }

    static func unknownConfigKey(_ name: String, near: [String]) -> ShopError {
        ShopError(
            .config, "unknown-config-key", "unknown config key \"\(name)\"",
            why: "the keys are \(ConfigFile.keys.joined(separator: ", "))",
            try: near.map { "\"\($0)\"" })
    }
}

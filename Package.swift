// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    // A section for each function, which the linker can put in order (scripts/order-functions), and
    // types asked for by their functions rather than by names that the runtime takes apart: a point
    // command makes some 45 of them.
    .unsafeFlags(
        [
            "-Xfrontend", "-function-sections",
            "-Xfrontend", "-disable-concrete-type-metadata-mangled-name-accessors",
        ], .when(configuration: .release)),
]

// The libraries, and what the tests simulate a disk with, are optimised in debug builds too: the
// 33,000 states of StoreCrashTests take 18 s of one core where they took 118 (2026-11-24).
// `assert` and `#if DEBUG` stay.
let optimised: [SwiftSetting] =
    settings + [
        .unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))
    ]

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: optimised)
}

func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies + ["TestSupport"], exclude: exclude,
        swiftSettings: settings)
}

// The arrows allowed between targets are the table in docs/architecture.md; TidyTests reads
// every import line against it.
let package = Package(
    name: "shopctl",
    products: [.executable(name: "shopctl", targets: ["shopctl"])],
    targets: [
        // libxcrypt, the system's password hashing library (Debian: libcrypt-dev).
        .systemLibrary(name: "CCrypt"),
        // statfs(2) and memrchr(3), which Swift's Glibc module leaves out.
        .systemLibrary(name: "CLinux"),
        // The CPU's carry-less multiplication, for checksums.
        .systemLibrary(name: "CCarryless"),
        // The CPU's comparison of 16 bytes at once, to pass over JSON.
        .systemLibrary(name: "CVector"),

        library("Primitives"),
        library("Formats", ["Primitives", "CCarryless", "CVector"]),
        library("Catalog", ["Primitives", "Formats"]),
        library("Orders", ["Primitives", "Formats"]),
        library("Payments", ["Primitives", "Formats"]),
        library("Users", ["Primitives", "Formats", "CCrypt"]),
        library("Storage", ["Primitives", "Formats", "CLinux"]),
        library(
            "ShopCore",
            ["Catalog", "Orders", "Payments", "Users", "Storage", "Primitives", "Formats"]),
        .executableTarget(
            name: "shopctl",
            dependencies: [
                "ShopCore", "Catalog", "Orders", "Payments", "Users", "Primitives", "Formats",
            ],
            swiftSettings: settings,
            // One static file starts in about 1 ms, where dynamic linking takes 2.4 ms or more. What
            // every command runs stands together in it: a page fault costs as much as 5,000
            // instructions, and they were two fifths of a point command.
            linkerSettings: [
                .unsafeFlags(
                    [
                        "-static-executable", "-use-ld=lld", "-Xlinker",
                        "--symbol-ordering-file=\(Context.packageDirectory)/scripts/functions.txt",
                        "-Xlinker", "--no-warn-symbol-ordering",
                    ], .when(configuration: .release))
            ]),
        // Times the readers and writers of Formats; scripts/bench runs it.
        .executableTarget(
            name: "formats-bench", dependencies: ["Formats"], path: "scripts/formats-bench",
            swiftSettings: settings),

        .target(
            name: "TestSupport", dependencies: ["Primitives", "Formats", "Storage"],
            path: "Tests/TestSupport", swiftSettings: optimised),
        tests("PrimitivesTests", ["Primitives"]),
        tests("FormatsTests", ["Formats"]),
        tests("CatalogTests", ["Catalog", "Primitives", "Formats"]),
        tests("OrdersTests", ["Orders", "Primitives", "Formats"]),
        tests("PaymentsTests", ["Payments", "Primitives", "Formats"]),
        tests("UsersTests", ["Users", "Primitives", "Formats"]),
        tests("StorageTests", ["Storage", "Primitives", "Formats"]),
        tests(
            "ShopCoreTests",
            [
                "ShopCore", "Storage", "Catalog", "Orders", "Payments", "Users", "Primitives",
                "Formats",
            ]),
        tests(
            "ShopctlTests",
            [
                "shopctl", "ShopCore", "Storage", "Catalog", "Orders", "Payments", "Users",
                "Primitives", "Formats",
            ]),
        tests(
            "TranscriptTests", ["shopctl", "ShopCore", "Storage", "Primitives", "Formats"],
            exclude: ["Transcripts"]),
        // The built program as a process of its own; `shopctl` is here to be built before.
        tests("BinaryTests", ["shopctl"], exclude: ["Stores", "Fakes"]),
        tests("TidyTests", []),
    ]
)

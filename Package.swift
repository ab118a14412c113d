// swift-tools-version: 6.2
import PackageDescription

/// An import may only point down (docs/architecture.md): program (4) → service (3) → storage and server, side by side (2) →
/// runtime (1½) → core and system, side by side (1) → C libraries (0).
/// `make check` builds with `--explicit-target-dependency-import-check error`, which enforces it.

var strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

// Only `make fuzz` sets this, and builds apart from everything else: coverage for libFuzzer in every target.
let isFuzzing = Context.environment["HAPLO_FUZZ"] != nil
if isFuzzing { strict.append(.unsafeFlags(["-sanitize=fuzzer"])) }
let fuzzing: [Target] =
  isFuzzing
  ? [
    .target(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
    .executableTarget(
      name: "haplo-fuzz", dependencies: ["FuzzTargets", "CFuzzer"], path: "Tests/Fuzz/Runner",
      swiftSettings: strict,
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
  ] : []

// Only `make sanitize` sets this, and builds apart from everything else: for the thread sanitizer, what shows it Swift's
// locks, and a program to try it with.
let isForThreads = Context.environment["HAPLO_SANITIZE"] == "thread"
let lockSight: [Target.Dependency] = isForThreads ? ["CLockSight"] : []
let sanitizing: [Target] =
  isForThreads
  ? [
    .target(name: "CLockSight", path: "Tests/Sanitizers/CLockSight"),
    .executableTarget(
      name: "haplo-race", dependencies: ["ImportSystem", "CLockSight"],
      path: "Tests/Sanitizers/Control", swiftSettings: strict),
  ] : []

// What the service stands on.
let service: [Target.Dependency] = [
  "ImportCore", "ImportSystem", "ImportRuntime", "ImportStorage", "HaploAPI",
]

// The simulation defines functions of the C library, so nothing but its own program may link it.
let simulation: [Target] = [
  .target(name: "CSimulation", path: "Tests/Simulation/CSimulation"),
  .executableTarget(
    name: "haplo-simulation",
    dependencies: service + ["ImportService", "CSimulation", "CConcurrency"],
    path: "Tests/Simulation/Program", swiftSettings: strict),
]

let package = Package(
  name: "haplo-importd",
  products: [
    .executable(name: "haplo-importd", targets: ["haplo-importd"]),
    .executable(name: "haplo-simulator", targets: ["haplo-simulator"]),
  ],
  targets: [
    // Floor 0: one C target a library.
    .target(name: "CLinux"),
    .target(name: "CConcurrency"),
    .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
    .target(name: "CSystemd", linkerSettings: [.linkedLibrary("systemd")]),
    .target(name: "CCrypto", linkerSettings: [.linkedLibrary("crypto")]),
    .target(
      name: "CXML2", cSettings: [.unsafeFlags(["-isystem", "/usr/include/libxml2"])],
      linkerSettings: [.linkedLibrary("xml2")]),

    // Floor 1: decisions, and the operating system; neither knows the other.
    .target(name: "ImportCore", swiftSettings: strict),
    .target(
      name: "ImportSystem",
      dependencies: ["CLinux", "CConcurrency", "CCurl", "CSystemd", "CCrypto", "CXML2"]
        + lockSight,
      swiftSettings: strict + [.strictMemorySafety()]),

    // Floor 1½: what every part of the service needs, and nothing of its trade.
    .target(name: "ImportRuntime", dependencies: ["ImportCore", "ImportSystem"], swiftSettings: strict),

    // Floor 2: journal, spool and archive, and the server; neither knows the other.
    .target(
      name: "ImportStorage", dependencies: ["ImportCore", "ImportSystem", "ImportRuntime"],
      swiftSettings: strict),
    .target(
      name: "HaploAPI", dependencies: ["ImportCore", "ImportSystem", "ImportRuntime"], swiftSettings: strict),

    // Floor 3: the trade itself.
    .target(name: "ImportService", dependencies: service, swiftSettings: strict),

    // Floor 4: arguments, exit statuses.
    .executableTarget(
      name: "haplo-importd", dependencies: ["ImportService", "CLinux"] + service,
      swiftSettings: strict),

    // Aside: a server to try things against.
    .target(name: "CMicrohttpd", linkerSettings: [.linkedLibrary("microhttpd")]),
    .target(
      name: "HaploSimulator", dependencies: ["CMicrohttpd", "CCrypto"] + lockSight,
      swiftSettings: strict),
    .executableTarget(
      name: "haplo-simulator", dependencies: ["HaploSimulator", "CLinux"], swiftSettings: strict),

    // Tests mirror Sources.
    .target(name: "ScriptedServer", path: "Tests/ScriptedServer", swiftSettings: strict),
    .target(name: "CTerminal", path: "Tests/CTerminal"),
    .target(
      name: "FuzzTargets", dependencies: ["ImportService"] + service,
      path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .testTarget(
      name: "FuzzTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Regression",
      swiftSettings: strict),
    .testTarget(name: "ImportCoreTests", dependencies: ["ImportCore"], swiftSettings: strict),
    .testTarget(
      name: "ImportSystemTests", dependencies: ["ImportSystem", "ScriptedServer"],
      swiftSettings: strict),
    .testTarget(
      name: "ImportRuntimeTests", dependencies: ["ImportRuntime", "ImportCore", "ImportSystem"],
      swiftSettings: strict),
    .testTarget(
      name: "HaploAPITests", dependencies: ["HaploAPI", "ImportCore", "ImportSystem", "ScriptedServer"],
      swiftSettings: strict),
    .testTarget(
      name: "ImportServiceTests",
      dependencies: ["ImportService", "HaploSimulator", "ScriptedServer"] + service,
      swiftSettings: strict),
    .testTarget(
      name: "HaploImportdTests",
      dependencies: [
        "haplo-importd", "haplo-simulator", "ImportService", "HaploSimulator", "CTerminal",
      ] + service,
      swiftSettings: strict),
    .testTarget(
      name: "HaploSimulatorTests", dependencies: ["HaploSimulator", "haplo-simulator"],
      swiftSettings: strict),
  ] + simulation + fuzzing + sanitizing,
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)

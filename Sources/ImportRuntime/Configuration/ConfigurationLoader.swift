import FoundationEssentials
import Glibc
public import ImportCore
public import ImportSystem

/// Reads the configuration from disk: `FILE`, then `FILE.d/*.conf` in the order of their names (by bytes).
public struct ConfigurationLoader: Sendable {
  /// Where an installed configuration is.
  public static let defaultPath = path(ofInstance: nil)
  /// Where the installed configuration of an instance is; nil means the one without a name.
  public static func path(ofInstance name: String?) -> String {
    "/etc/haplo-importd/" + (name.map { "\($0)/" } ?? "") + "haplo-importd.conf"
  }
  /// True for the configuration of one of the package's services, which get the keys next to it as credentials.
  public static func isInstalled(_ path: String) -> Bool { instance(ofPath: path) != nil }

  /// The name of the instance whose installed configuration is at `path`, empty for the one without a name; nil for a
  /// configuration elsewhere.
  public static func instance(ofPath path: String) -> String? {
    if path == defaultPath { return "" }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, SourceName(parts[3]) != nil, path == self.path(ofInstance: parts[3])
    else { return nil }
    return parts[3]
  }

  /// The most bytes of one file.
  public static let sizeLimit = 1 << 20

  /// Nanoseconds that a directory may take to answer. One on a mount that hangs is compared by its name.
  private static let patience: Int64 = 2_000_000_000

  private let fileSystem: FileSystem

  public init(fileSystem: FileSystem = FileSystem()) { self.fileSystem = fileSystem }

  /// Reads, checks and returns the configuration. Blocks on the disk. A path that is not absolute starts
  /// at the current directory. Symbolic links are followed, and directories compared where they lead.
  ///
  /// - Parameter isForService: True if this process is to work with it, so that keys which only another one gets do not count.
  public func load(path: String, environment: ConfigurationEnvironment, isForService: Bool = false)
    throws(ConfigurationFailure) -> Configuration
  {
    var files = [try text(of: path)]
    for name in try dropIns(in: path + ".d") { files.append(try text(of: "\(path).d/\(name)")) }
    var environment = placed(environment, path)
    environment.hasOutcomeCredential = OutcomeKey.isCredential(in: environment, fileSystem)
    environment.hasOutcomeKeyBeside =
      !isForService && Self.isInstalled(path) && OutcomeKey.isBeside(path, fileSystem)
    do {
      let configuration = try Configuration.parse(files, environment: environment)
      try configuration.check(resolved: resolved(configuration.directories))
      return configuration
    } catch {
      throw .invalid(error)
    }
  }

  /// Reads where the daemon of a configuration has its directories, as far as the files can be read, whatever is wrong in
  /// them: enough to find a running daemon. Blocks on the disk.
  public func readableDaemonSettings(path: String, environment: ConfigurationEnvironment) -> DaemonSettings {
    let names = (try? dropIns(in: path + ".d")) ?? []
    let files = ([path] + names.map { "\(path).d/\($0)" }).compactMap { try? text(of: $0) }
    return Configuration.readableDaemonSettings(files, environment: placed(environment, path))
  }

  /// The environment with what follows from the place of the main file: where the key is, and which directories are an
  /// instance's own.
  private func placed(_ environment: ConfigurationEnvironment, _ path: String) -> ConfigurationEnvironment {
    var environment = environment
    let path = absolute(path)
    environment.configurationDirectory = path.lastIndex(of: "/").map { String(path[..<$0]) }
    if let instance = Self.instance(ofPath: path), !instance.isEmpty { environment.instance = instance }
    return environment
  }

  private func text(of path: String) throws(ConfigurationFailure) -> ConfigurationFile {
    let bytes: [UInt8]
    do {
      bytes = try fileSystem.openFile(absolute(path), for: "configuration").readAll(atMost: Self.sizeLimit)
    } catch {
      throw .unreadable(error)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .invalid(ConfigurationErrors(findings: Self.badLines(bytes, path)))
    }
    return ConfigurationFile(path: path, text: text)
  }

  private func dropIns(in directory: String) throws(ConfigurationFailure) -> [String] {
    do {
      return try dropInNames(in: directory)
    } catch {
      if error.isMissing { return [] }
      throw .unreadable(error)
    }
  }

  /// Names of the drop-ins in their order; hidden files and those that editors leave behind are none.
  private func dropInNames(in directory: String) throws(SystemError) -> [String] {
    var names: [String] = []
    for entry in try fileSystem.openDirectory(absolute(directory), for: "configuration").entries() {
      let isDropIn = entry.bytes.suffix(5) == Array(".conf".utf8) && entry.bytes.first != UInt8(ascii: ".")
      if isDropIn { names.append(try Self.name(entry, directory)) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  private static func name(_ entry: EntryName, _ directory: String) throws(SystemError) -> String {
    if let name = entry.string { return name }
    throw SystemError(
      call: "read", object: "'\(directory)/\(entry)'", errno: EINVAL, detail: "its name is not UTF-8")
  }

  /// A finding for every line that is not UTF-8.
  private static func badLines(_ bytes: [UInt8], _ path: String) -> [ConfigurationFinding] {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.enumerated().filter { String(validating: $0.element, as: UTF8.self) == nil }.map {
      index, _ in
      ConfigurationFinding(.error, file: path, line: index + 1, message: "this line is not UTF-8 text")
    }
  }

  private func resolved(_ paths: [String]) -> [String: String] {
    let calls = paths.map { path in { @Sendable [fileSystem] in fileSystem.resolved(path) } }
    let found = TimedCalls.results(of: calls, within: Self.patience)
    return Dictionary(zip(paths, found).compactMap { path, found in found.flatMap { $0 }.map { (path, $0) } })
    { first, _ in first }
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
  }
}

import Glibc
import ImportCore
import ImportRuntime

/// A directory of a test's own, removed with all that is in it at the end.
final class ScratchConfiguration {
  let path: String
  var main: String { path + "/haplo.conf" }

  init() {
    var template = Array("/tmp/haplo-configuration-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { preconditionFailure("no directory for a test") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { remove(path) }

  /// Writes a file, and the directories that it needs; returns its path.
  @discardableResult
  func write(_ name: String, _ text: String, mode: mode_t = 0o600) -> String {
    write(name, bytes: Array(text.utf8), mode: mode)
  }

  @discardableResult
  func write(_ name: String, bytes: [UInt8], mode: mode_t = 0o600) -> String {
    let file = "\(path)/\(name)"
    var directory = path
    for part in name.split(separator: "/").dropLast() {
      directory += "/\(part)"
      mkdir(directory, 0o755)
    }
    let number = creat(file, mode)
    precondition(
      number >= 0 && Glibc.write(number, bytes, bytes.count) == bytes.count, "cannot write \(file)")
    fchmod(number, mode)
    close(number)
    return file
  }

  /// Loads the main file; the text of the failure if there is one.
  func load(_ environment: ConfigurationEnvironment = .init()) -> Result<Configuration, ConfigurationFailure>
  {
    do {
      return .success(try ConfigurationLoader().load(path: main, environment: environment))
    } catch {
      return .failure(error)
    }
  }

  /// What is said about a configuration that must not load.
  func complaint() -> String? {
    if case .failure(let failure) = load() { failure.description } else { nil }
  }

  private func remove(_ path: String) {
    if let directory = opendir(path) {
      var names: [String] = []
      while let entry = readdir(directory) {
        names.append(withUnsafePointer(to: &entry.pointee.d_name) { Self.text($0) })
      }
      closedir(directory)
      for name in names where name != "." && name != ".." { removeEntry("\(path)/\(name)") }
    }
    rmdir(path)
  }

  private func removeEntry(_ path: String) {
    if unlink(path) != 0 { remove(path) }
  }

  private static func text(_ name: UnsafePointer<some Any>) -> String {
    String(cString: UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
  }
}

public import ImportCore
public import ImportSystem

/// Checks the files that a configuration names, the keys of the server apart: certificates, the client's key and fixed control
/// files.
public enum ReferencedFiles {
  /// Those without which no connection can be made.
  private static let tlsKeys = ["CAFile", "ClientCertificateFile", "ClientKeyFile"]
  /// Those that are read for each set, and may come later.
  private static let laterKeys = ["ControlFile"]
  /// More bytes than all public certificates together have.
  private static let largest = 16 << 20
  /// Credentials that systemd gives a service are hidden from all other processes.
  private static let credentials = "/run/credentials/"

  /// A warning for each control file that cannot be opened; an error for each file with which no TLS connection can be made;
  /// each at the line that names the file. Blocks on the disk.
  ///
  /// - Parameter isDaemon: True if this process has the daemon's rights. Without them, a file that it may not open gets a
  ///   warning: the daemon may be able to.
  public static func findings(
    _ configuration: Configuration, isDaemon: Bool, fileSystem: FileSystem = FileSystem()
  ) -> [ConfigurationFinding] {
    let later = assignments(of: laterKeys, configuration).compactMap { value, file, line in
      problem(fileSystem, value.text).map { error in
        ConfigurationFinding(.warning, file: file, line: line, message: "\(value.key)=: \(error)")
      }
    }
    return later + tlsFindings(configuration, isDaemon: isDaemon, fileSystem)
  }

  /// Throws an error for each file with which no TLS connection can be made, as it is missing, unreadable or no PEM, and for
  /// a client key that is encrypted, readable by others, or of another certificate, at the line that names it. Blocks on the
  /// disk.
  public static func checkForTLS(_ configuration: Configuration, fileSystem: FileSystem = FileSystem())
    throws(ConfigurationFailure)
  {
    let errors =
      tlsFindings(configuration, isDaemon: true, fileSystem)
      + clientKeyErrors(configuration, fileSystem: fileSystem)
    if !errors.isEmpty { throw .invalid(ConfigurationErrors(findings: errors)) }
  }

  /// An error for a client key that has a pass phrase, which nobody could type into a service, or that others than the
  /// daemon's user can read. Blocks on the disk.
  public static func clientKeyErrors(_ configuration: Configuration, fileSystem: FileSystem = FileSystem())
    -> [ConfigurationFinding]
  {
    let server = configuration.server
    guard let path = server.clientKeyFile ?? server.clientCertificateFile else { return [] }
    let key = server.clientKeyFile == nil ? "ClientCertificateFile" : "ClientKeyFile"
    guard let (_, file, line) = assignments(of: [key], configuration).last,
      let problem = ClientKey.problem(at: path, user: configuration.daemon.serviceUser, fileSystem)
    else { return [] }
    return [ConfigurationFinding(.error, file: file, line: line, message: "\(key)=: \(problem)")]
  }

  private typealias Assignment = (value: ConfiguredValue, file: String, line: Int)

  private static func assignments(of keys: [String], _ configuration: Configuration) -> [Assignment] {
    configuration.values.compactMap { value in
      guard keys.contains(value.key), case .file(let path, let line) = value.origin, !value.text.isEmpty
      else { return nil }
      return (value, path, line)
    }
  }

  private static func problem(_ fileSystem: FileSystem, _ path: String) -> SystemError? {
    do {
      _ = try fileSystem.openFile(path, for: "configuration")
      return nil
    } catch {
      return error
    }
  }

  private static func tlsFindings(
    _ configuration: Configuration, isDaemon: Bool, _ fileSystem: FileSystem
  ) -> [ConfigurationFinding] {
    var findings: [ConfigurationFinding] = []
    var contents: [String: (bytes: [UInt8], assignment: Assignment)] = [:]
    for assignment in assignments(of: tlsKeys, configuration) {
      let (value, file, line) = assignment
      do {
        let bytes = try fileSystem.openFile(value.text, for: "configuration").readAll(atMost: largest)
        contents[value.key] = (bytes, assignment)
      } catch {
        let isHidden = error.isPermission || value.text.hasPrefix(credentials)
        findings.append(
          ConfigurationFinding(
            isHidden && !isDaemon ? .warning : .error, file: file, line: line,
            message: "\(value.key)=: \(error)"))
      }
    }
    if !findings.isEmpty { return findings }
    return [contents["CAFile"].flatMap { trustProblem($0.bytes, $0.assignment) }].compactMap(\.self)
      + pairProblem(contents, configuration, fileSystem)
  }

  private static func trustProblem(_ bytes: [UInt8], _ assignment: Assignment) -> ConfigurationFinding? {
    if CertificateFile.hasCertificates(bytes) { return nil }
    return notPEM(assignment, "certificates")
  }

  private static func pairProblem(
    _ contents: [String: (bytes: [UInt8], assignment: Assignment)], _ configuration: Configuration,
    _ fileSystem: FileSystem
  ) -> [ConfigurationFinding] {
    guard let certificate = contents["ClientCertificateFile"] else { return [] }
    let key = contents["ClientKeyFile"] ?? certificate
    switch CertificateFile.pair(certificate: certificate.bytes, key: key.bytes) {
    case .matching: return []
    case .noCertificate: return [notPEM(certificate.assignment, "certificate")]
    case .noKey:
      // A key with a pass phrase is reported with its own remedy.
      let user = configuration.daemon.serviceUser
      if ClientKey.problem(at: key.assignment.value.text, user: user, fileSystem) != nil { return [] }
      return [notPEM(key.assignment, "private key")]
    case .different:
      let (value, file, line) = key.assignment
      return [
        ConfigurationFinding(
          .error, file: file, line: line,
          message: "\(value.key)=: the private key in '\(value.text)' does not belong to the certificate in "
            + "'\(certificate.assignment.value.text)'; name the key for which the certificate was issued")
      ]
    }
  }

  private static func notPEM(_ assignment: Assignment, _ kind: String) -> ConfigurationFinding {
    let (value, file, line) = assignment
    let begin = kind == "private key" ? "PRIVATE KEY" : "CERTIFICATE"
    return ConfigurationFinding(
      .error, file: file, line: line,
      message: "\(value.key)=: '\(value.text)' has no \(kind) that can be read; a PEM file with "
        + "'-----BEGIN \(begin)-----' is needed")
  }
}

/// Judges the file of a client's private key, before it is used (PEM).
private enum ClientKey {
  /// More than any key and its certificates have.
  private static let largest = 1024 * 1024

  /// What is wrong with the key, with the command that corrects it; nil if nothing is, if there is no key in the file, or if
  /// it cannot be read, which is said elsewhere. Blocks on the disk.
  ///
  /// - Parameter user: the daemon's user.
  static func problem(at path: String, user: UInt32, _ fileSystem: FileSystem) -> String? {
    guard let file = try? fileSystem.openFile(path, for: "key"), let status = try? file.status(),
      let bytes = try? file.readAll(atMost: largest)
    else { return nil }
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.contains("PRIVATE KEY-----") else { return nil }
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
      return "the key in '\(path)' has a pass phrase, which a service cannot be asked for; remove it with "
        + "'openssl pkey -in \(path) -out NEW', as root with umask 077, and protect the file by its permissions"
    }
    let mode = KeyFileMode(status, user: user)
    guard mode.isExposed else { return nil }
    return
      "'\(path)' has mode \(String(mode.mode, radix: 8)), so that others can read or change the private key; run "
      + "'chmod \(mode.remedy) \(path)'"
  }
}

import Glibc
import ImportCore
import ImportRuntime
import ImportSystem
import Testing

@Suite struct ReferencedFilesTests {
  /// Rows: the file's text, its mode, and what is said of it; nil if it is fine.
  @Test(
    arguments: [
      ("-----BEGIN PRIVATE KEY-----", 0o600, nil), ("-----BEGIN PRIVATE KEY-----", 0o400, nil),
      ("-----BEGIN PRIVATE KEY-----", 0o620, "chmod 6"),
      ("-----BEGIN EC PRIVATE KEY-----", 0o604, "chmod 6"),
      ("-----BEGIN ENCRYPTED PRIVATE KEY-----", 0o600, "pass phrase"),
      ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED", 0o600, "pass phrase"),
      ("-----BEGIN CERTIFICATE-----", 0o644, nil),
    ] as [(String, mode_t, String?)], ["ClientKeyFile", "ClientCertificateFile"])
  func `a client key that nobody could open, or anybody can read, is an error`(
    row: (String, mode_t, String?), key: String
  ) throws {
    let scratch = ScratchConfiguration()
    let path = scratch.write("client.key", row.0)
    chmod(path, row.1)
    let certificate = scratch.write("client.pem", "-----BEGIN CERTIFICATE-----")
    let more = key == "ClientKeyFile" ? "ClientCertificateFile=\(certificate)\n" : ""
    scratch.write("haplo.conf", "[Server]\nURL=https://h\n\(key)=\(path)\n\(more)[Source a]\n")
    let configuration = try scratch.load().get()
    let errors = ReferencedFiles.clientKeyErrors(configuration).map(\.description)
    guard let words = row.2 else { return #expect(errors.isEmpty, "\(errors)") }
    #expect(errors.count == 1)
    #expect(errors.first?.hasPrefix("\(scratch.main):3: error: \(key)=: ") == true, "\(errors)")
    #expect(errors.first?.contains(words) == true, "\(errors)")
    #expect(throws: ConfigurationFailure.self) { try ReferencedFiles.checkForTLS(configuration) }
  }

  /// Findings about a configuration with these lines in [Server].
  private func findings(
    _ scratch: ScratchConfiguration, _ server: String, _ source: String = "", isDaemon: Bool = false,
    fileSystem: FileSystem = FileSystem()
  ) throws -> [String] {
    scratch.write("haplo.conf", "[Server]\nURL=https://h\n\(server)\n[Source a]\n\(source)\n")
    return ReferencedFiles.findings(try scratch.load().get(), isDaemon: isDaemon, fileSystem: fileSystem)
      .map { $0.description.replacing(scratch.path, with: "D") }
  }

  @Test func `a file for TLS that is not there is an error with its line, a control file may come later`()
    throws
  {
    let scratch = ScratchConfiguration()
    let there = scratch.write("control.json", "{}")
    #expect(
      try findings(scratch, "CAFile=\(scratch.path)/ca.pem", "ControlFile=\(scratch.path)/none.json") == [
        "D/haplo.conf:5: warning: ControlFile=: cannot open 'D/none.json': No such file or directory",
        "D/haplo.conf:3: error: CAFile=: cannot open 'D/ca.pem': No such file or directory",
      ])
    #expect(try findings(scratch, "", "ControlFile=\(there)") == [])
  }

  @Test func `a file that this user may not open is an error only for the daemon's user`() throws {
    let scratch = ScratchConfiguration()
    let path = scratch.write("ca.pem", "")
    let closed = FileSystem(hook: { operation throws(SystemError) in
      if operation.kind == .open, operation.object == path {
        throw SystemError(call: "open", object: "'\(path)'", errno: EACCES)
      }
    })
    for (isDaemon, severity) in [(false, "warning"), (true, "error")] {
      #expect(
        try findings(scratch, "CAFile=\(path)", isDaemon: isDaemon, fileSystem: closed) == [
          "D/haplo.conf:3: \(severity): CAFile=: cannot open 'D/ca.pem': Permission denied"
        ])
    }
  }

  @Test func `a credential of the service cannot be judged from outside`() throws {
    let scratch = ScratchConfiguration()
    for (isDaemon, severity) in [(false, "warning"), (true, "error")] {
      let found = try findings(scratch, "CAFile=/run/credentials/none.service/ca", isDaemon: isDaemon)
      #expect(found.count == 1 && found[0].contains(": \(severity): CAFile=: cannot open"), "\(found)")
    }
  }

  @Test(arguments: [
    ("CAFile", "certificates"), ("ClientCertificateFile", "certificate"),
  ])
  func `a file that is no PEM is an error, also at the start`(key: String, kind: String) throws {
    let scratch = ScratchConfiguration()
    let path = scratch.write("other.pem", "localhost\n")
    let words = "\(key)=: 'D/other.pem' has no \(kind) that can be read; a PEM file with "
    #expect(
      try findings(scratch, "\(key)=\(path)") == [
        "D/haplo.conf:3: error: \(words)'-----BEGIN CERTIFICATE-----' is needed"
      ])
    let configuration = try scratch.load().get()
    #expect(throws: ConfigurationFailure.self) { try ReferencedFiles.checkForTLS(configuration) }
  }
}

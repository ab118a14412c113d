import ImportRuntime
import Glibc
import ImportCore
import ImportService
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

  @Test func `a file that is not there is named with its line, one that is there is not`() throws {
    let scratch = ScratchConfiguration()
    let there = scratch.write("control.json", "{}")
    scratch.write(
      "haplo.conf",
      "[Server]\nURL=https://h\nCAFile=\(scratch.path)/ca.pem\n[Source a]\nControlFile=\(there)\n[Source b]\n"
    )
    let configuration = try scratch.load().get()
    #expect(
      ReferencedFiles.warnings(configuration).map(\.description) == [
        "\(scratch.main):3: warning: CAFile=: cannot open '\(scratch.path)/ca.pem': No such file or directory"
      ])
  }
}

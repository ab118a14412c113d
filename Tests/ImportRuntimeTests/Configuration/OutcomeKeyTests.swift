import Glibc
import ImportCore
import ImportRuntime
import Testing

/// `OutcomeKeyFile=`: where the second key comes from, and what it may not be.
@Suite struct OutcomeKeyTests {
  private let scratch = ScratchConfiguration()
  private static let apiKey = "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMN-01"
  private static let outcomeKey = "outcome-klmnopqrstuvwxyz_ABCDEFGHIJKLMN-0123"

  private func load(_ server: String = "", _ source: String = "", credentials: Bool = false) throws
    -> Configuration
  {
    scratch.write("haplo.conf", "[Server]\nURL=https://h\n\(server)\n[Source hr]\n\(source)\n")
    return try scratch.load(
      ConfigurationEnvironment(credentialsDirectory: credentials ? scratch.path + "/credentials" : nil)
    ).get()
  }

  private func key(_ configuration: Configuration, credentials: Bool = false) -> Result<
    String?, OutcomeKeyFailure
  > {
    do throws(OutcomeKeyFailure) {
      let key = try OutcomeKey.read(
        configuration.server, apiKey: try! APIKey(Self.apiKey),
        environment: ConfigurationEnvironment(
          credentialsDirectory: credentials ? scratch.path + "/credentials" : nil))
      return .success(key?.secret)
    } catch {
      return .failure(error)
    }
  }

  @Test func `without the setting and without a credential there is none`() throws {
    scratch.write("credentials/api-key", Self.apiKey)
    for credentials in [false, true] {
      let configuration = try load(credentials: credentials)
      #expect(configuration.server.outcomeKeyFile == nil)
      #expect(key(configuration, credentials: credentials) == .success(nil))
    }
  }

  @Test func `a credential of systemd is the default, whatever its permission bits`() throws {
    scratch.write("credentials/outcome-key", Self.outcomeKey + "\n", mode: 0o440)
    let configuration = try load(credentials: true)
    #expect(configuration.server.outcomeKeyFile == scratch.path + "/credentials/outcome-key")
    #expect(key(configuration, credentials: true) == .success(Self.outcomeKey))
    #expect(try load("OutcomeKeyFile=", credentials: true).server.outcomeKeyFile == nil)
  }

  @Test(arguments: ["none\n", "none", "", "\n"])
  func `the credential that stands in for a missing file is no key`(text: String) throws {
    scratch.write("credentials/outcome-key", text)
    #expect(try load(credentials: true).server.outcomeKeyFile == nil)
  }

  @Test(arguments: [0o640, 0o604, 0o602] as [mode_t])
  func `a file that others can read or change is refused`(mode: mode_t) throws {
    let path = scratch.write("second", Self.outcomeKey, mode: mode)
    let found = key(try load("OutcomeKeyFile=\(path)"))
    #expect(found == .failure(.unusable(.exposed(path: path, mode: UInt32(mode), remedy: "600"))))
    if case .failure(let failure) = found {
      #expect(
        failure.description.contains("others can read or change the outcome key; run 'chmod 600 \(path)'"))
    }
  }

  @Test func `a file that is missing or holds no key is refused, and the key is not shown`() throws {
    guard case .failure(let missing) = key(try load("OutcomeKeyFile=\(scratch.path)/gone")) else {
      return #expect(Bool(false))
    }
    #expect(
      missing.description.contains("put the outcome key there")
        && missing.description.contains("OutcomeKeyFile="))
    let path = scratch.write("second", "too short")
    guard case .failure(let malformed) = key(try load("OutcomeKeyFile=\(path)")) else {
      return #expect(Bool(false))
    }
    #expect(malformed.description.contains("the outcome key in '\(path)'"))
    #expect(!malformed.description.contains("too short"))
  }

  @Test func `the API key is not taken for the outcome key`() throws {
    let path = scratch.write("second", Self.apiKey)
    guard case .failure(let failure) = key(try load("OutcomeKeyFile=\(path)")) else {
      return #expect(Bool(false))
    }
    #expect(failure == .sameAsAPIKey(path: path))
    #expect(failure.description.contains("/do/haplo-data-import-batch/batch"))
    #expect(!failure.description.contains(Self.apiKey))
  }

  @Test(arguments: ["Comment=weekly", "Comment=%s %n %%i", "Comment=%%i"])
  func `a comment without the set's id is an error where outcomes are read, with its line`(comment: String)
    throws
  {
    scratch.write("haplo.conf", "[Server]\nURL=https://h\nOutcomeKeyFile=/k\n[Source hr]\n\(comment)\n")
    let complaint = scratch.load().failureText
    #expect(
      complaint.contains("haplo.conf:5: error: Comment=") && complaint.contains("has no %i"), "\(complaint)")
    #expect(try load("", comment).source(SourceName("hr")!) != nil)
    #expect(try load("OutcomeKeyFile=/k", "Comment=%n %i").server.outcomeKeyFile == "/k")
  }

  @Test func `the check of comments knows the key that the service will have`() throws {
    let text = "[Server]\nURL=https://h\n[Source hr]\nComment=weekly\n"
    var environment = ConfigurationEnvironment()
    environment.hasOutcomeKeyBeside = true
    #expect(throws: ConfigurationErrors.self) {
      try Configuration.parse([ConfigurationFile(path: "/haplo.conf", text: text)], environment: environment)
    }
    #expect(try load("OutcomeKeyFile=", "Comment=weekly").server.outcomeKeyFile == nil)
  }

  @Test func `the timeout is a day, and at least a minute`() throws {
    #expect(try load().server.outcomeTimeout == .seconds(86_400))
    #expect(try load("OutcomeTimeoutSec=2h").server.outcomeTimeout == .seconds(7200))
    scratch.write("haplo.conf", "[Server]\nURL=https://h\nOutcomeTimeoutSec=5s\n[Source hr]\n")
    #expect(
      scratch.load().failureText.contains("must be 60s or more")
        || scratch.load().failureText.contains("1min"))
  }
}

extension Result<Configuration, ConfigurationFailure> {
  /// What is wrong; empty if nothing is.
  fileprivate var failureText: String {
    if case .failure(let failure) = self { failure.description } else { "" }
  }
}

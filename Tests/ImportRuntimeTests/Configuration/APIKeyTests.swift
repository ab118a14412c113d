import Glibc
import ImportCore
import ImportRuntime
import Testing

@Suite struct APIKeyTests {
  private let scratch = ScratchConfiguration()
  private let secret = "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMN-01"

  private func read(_ path: String?, user: uid_t = geteuid(), credentials: String? = nil) -> Result<
    APIKey, APIKeyFailure
  > {
    var server = ServerSettings(url: "https://h")
    server.apiKeyFile = path
    let environment = ConfigurationEnvironment(credentialsDirectory: credentials)
    do {
      return .success(try APIKeyFile(server, user: user, environment: environment).read())
    } catch {
      return .failure(error)
    }
  }

  private func complaint(_ path: String?) -> String? {
    if case .failure(let failure) = read(path) { failure.description } else { nil }
  }

  @Test(arguments: ["", "\n", "\r\n", " \n\n"])
  func `a key is read without its line's end`(end: String) throws {
    #expect(try read(scratch.write("key", secret + end)).get().secret == secret)
  }

  @Test(arguments: [0o640, 0o604, 0o644, 0o620, 0o602, 0o666] as [mode_t])
  func `a key that others can read or change is refused`(mode: mode_t) {
    let path = scratch.write("key", secret, mode: mode)
    #expect(read(path) == .failure(.exposed(path: path, mode: UInt32(mode), remedy: "600")))
    #expect(complaint(path)?.contains("run 'chmod 600 \(path)'") == true)
  }

  @Test(arguments: [0o600, 0o400, 0o700] as [mode_t])
  func `a key of one's own is taken`(mode: mode_t) throws {
    #expect(try read(scratch.write("key", secret, mode: mode)).get().secret == secret)
  }

  @Test func `a credential of systemd is taken whatever its mask looks like`() throws {
    let path = scratch.write("credentials/api-key", secret, mode: 0o440)
    #expect(try read(path, credentials: scratch.path + "/credentials").get().secret == secret)
    #expect(throws: APIKeyFailure.self) { try read(path, credentials: scratch.path + "/cred").get() }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give files away"))
  func `root's key for the daemon's group is taken, for everyone's is not`() throws {
    let path = scratch.write("key", secret, mode: 0o640)
    try #require(chown(path, 1, 1) == 0)
    #expect(try read(path).get().secret == secret)
    chmod(path, 0o644)
    #expect(throws: APIKeyFailure.self) { try read(path).get() }
  }

  /// Rows: owner and group of the file, its mode, the daemon's user, and the remedy; nil if the key is taken.
  @Test(
    .enabled(if: geteuid() == 0, "only root can give files away"),
    arguments: [
      (0, 7, 0o640, 7, nil), (0, 7, 0o640, 0, nil), (0, 7, 0o644, 7, "640"), (0, 7, 0o660, 7, "640"),
      (7, 7, 0o640, 7, "600"), (7, 7, 0o600, 7, nil), (8, 7, 0o640, 7, nil), (0, 0, 0o640, 0, "600"),
      (0, 0, 0o644, 7, "600"),
    ] as [(uid_t, gid_t, mode_t, uid_t, String?)])
  func `root who examines a key's file judges it for the daemon's user`(
    owner: uid_t, group: gid_t, mode: mode_t, user: uid_t, remedy: String?
  ) throws {
    let path = scratch.write("key", secret, mode: mode)
    try #require(chown(path, owner, group) == 0)
    guard let remedy else {
      #expect(try read(path, user: user).get().secret == secret)
      return
    }
    #expect(
      read(path, user: user) == .failure(.exposed(path: path, mode: UInt32(mode), remedy: remedy)))
  }

  @Test(arguments: [
    ("", "is empty"), ("short", "has 5 characters"),
    ("Password: abcdefghijklmnop", "character at position 9"),
    ("abcdefghijklmnop\nqrstuvwxyz", "character at position 17"),
    ("{\"key\":\"abcdefghijklmnop\"}", "position 1"),
  ])
  func `what is no key is refused, and not shown`(text: String, words: String) throws {
    let said = try #require(complaint(scratch.write("key", text)))
    #expect(said.contains(words), "\(said)")
    #expect(!said.contains("abcdefgh"))
  }

  @Test func `a missing file and no file at all are told apart`() {
    #expect(
      complaint(scratch.path + "/none")?.hasPrefix("cannot open '\(scratch.path)/none': No such file") == true
    )
    #expect(read(nil) == .failure(.notNamed))
  }

  @Test func `a key never shows itself`() throws {
    let key = try APIKey(secret)
    var dumped = ""
    dump(key, to: &dumped)
    let shown = ["\(key)", String(reflecting: key), "\([key])", "\(Optional(key) as Any)", dumped]
    #expect(shown.allSatisfy { !$0.contains("abcdefgh") })
  }

  @Test func `a fingerprint is the beginning of the key's digest`() throws {
    // printf %s 0123456789abcdef | sha256sum
    #expect(try APIKey("0123456789abcdef").fingerprint == "9f9f5111f7b2")
  }
}

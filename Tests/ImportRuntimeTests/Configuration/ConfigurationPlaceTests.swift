import ImportCore
import ImportRuntime
import Testing

/// Values that follow from the place of the configuration: the API key's file, and an instance's directories.
@Suite struct ConfigurationPlaceTests {
  private let scratch = ScratchConfiguration()

  @Test func `without credentials, the API key is next to the configuration`() throws {
    scratch.write("haplo.conf", "[Server]\nURL=https://h\n[Source hr]\n")
    scratch.write("api-key", "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMN-01\n")
    let configuration = try scratch.load().get()
    #expect(configuration.server.apiKeyFile == scratch.path + "/api-key")
    let key = try APIKeyFile(configuration.server, environment: ConfigurationEnvironment()).read()
    #expect(key.secret.hasPrefix("abcdefghij"))
    let given = ConfigurationEnvironment(credentialsDirectory: "/run/credentials/x")
    #expect(try scratch.load(given).get().server.apiKeyFile == "/run/credentials/x/api-key")
  }

  @Test func `the default file is refused when others can read it`() throws {
    scratch.write("haplo.conf", "[Server]\nURL=https://h\n[Source hr]\n")
    scratch.write("api-key", "abcdefghijklmnopqrstuvwxyz_ABCDEFGHIJKLMN-01\n", mode: 0o640)
    let server = try scratch.load().get().server
    #expect(throws: APIKeyFailure.exposed(path: scratch.path + "/api-key", mode: 0o640, remedy: "600")) {
      try APIKeyFile(server, environment: ConfigurationEnvironment()).read()
    }
  }

  @Test func `an empty APIKeyFile= takes back the file that an earlier line named`() throws {
    scratch.write("haplo.conf", "[Server]\nURL=https://h\nAPIKeyFile=/elsewhere\n[Source hr]\n")
    scratch.write("haplo.conf.d/50.conf", "[Server]\nAPIKeyFile=\n")
    #expect(try scratch.load().get().server.apiKeyFile == scratch.path + "/api-key")
  }

  @Test func `an outcome key next to a configuration that no service has does not allow import-if-clean`() {
    scratch.write("haplo.conf", "[Server]\nURL=https://h\n[Source hr]\nMode=import-if-clean\n")
    scratch.write("outcome-key", "outcome-klmnopqrstuvwxyz_ABCDEFGHIJKLMN-0123\n")
    #expect(scratch.complaint()?.contains("Mode=import-if-clean needs OutcomeKeyFile=") == true)
  }

  @Test(
    arguments: [
      ("/etc/haplo-importd/haplo-importd.conf", ""), ("/etc/haplo-importd/med/haplo-importd.conf", "med"),
      ("/etc/haplo-importd/med/other.conf", nil), ("/etc/haplo-importd/../x/haplo-importd.conf", nil),
      ("/etc/haplo-importd//haplo-importd.conf", nil), ("/srv/haplo-importd/med/haplo-importd.conf", nil),
    ] as [(String, String?)])
  func `an instance is known by the path of its configuration`(path: String, name: String?) {
    #expect(ConfigurationLoader.instance(ofPath: path) == name)
    #expect(ConfigurationLoader.isInstalled(path) == (name != nil))
  }

  @Test func `an instance has directories of its own without naming them`() {
    let daemon = ConfigurationLoader().readableDaemonSettings(
      path: ConfigurationLoader.path(ofInstance: "med-of-no-test"), environment: ConfigurationEnvironment())
    #expect(daemon.spoolDirectory == "/var/spool/haplo-importd-med-of-no-test")
    #expect(daemon.stateDirectory == "/var/lib/haplo-importd-med-of-no-test")
    #expect(daemon.runtimeDirectory == "/run/haplo-importd-med-of-no-test")
    #expect(ServiceUnit(daemon).name == "haplo-importd@med-of-no-test")
  }
}

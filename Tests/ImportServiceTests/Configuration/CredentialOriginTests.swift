import Glibc
import ImportCore
import ImportRuntime
import ImportService
import ImportSystem
import Testing

/// A key that systemd copied when the service started.
@Suite struct CredentialOriginTests {
  private let place = Place()

  private func configuration(key: String) throws -> Configuration {
    let text = "[Server]\nURL=https://haplo.example\nAPIKeyFile=\(key)\n[Source hr]\n"
    return try Configuration.parse(
      [ConfigurationFile(path: "haplo-importd.conf", text: text)], environment: ConfigurationEnvironment())
  }

  private var environment: ConfigurationEnvironment {
    ConfigurationEnvironment(variables: ["CREDENTIALS_DIRECTORY": place.root + "/credentials"])
  }

  private func origin(key: String) throws -> CredentialOrigin? {
    CredentialOrigin(
      try configuration(key: key), environment: environment,
      configurationPath: place.root + "/haplo-importd.conf")
  }

  @Test func `a key's file that was written after the copy needs a restart`() throws {
    place.makeFolder(place.root + "/credentials")
    let (path, copy) = (place.root + "/api-key", place.root + "/credentials/api-key")
    place.write("old", to: path)
    place.write("old", to: copy)
    let origin = try #require(try origin(key: copy))
    #expect(origin.path == path)
    #expect(origin.remedy == "write a valid key to \(path), then run 'systemctl restart haplo-importd'")
    var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
    utimensat(AT_FDCWD, copy, times, 0)
    #expect(origin.isNewer(FileSystem()))
    times = [timespec(tv_sec: 4_000_000_000, tv_nsec: 0), timespec(tv_sec: 4_000_000_000, tv_nsec: 0)]
    utimensat(AT_FDCWD, copy, times, 0)
    #expect(!origin.isNewer(FileSystem()))
  }

  @Test func `a key in a file of its own is put in force by a reload`() throws {
    #expect(try origin(key: place.root + "/api-key") == nil)
  }
}

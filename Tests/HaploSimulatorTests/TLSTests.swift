import Glibc
import HaploSimulator
import Testing

@Suite struct TLSTests {
  private let scratch = Scratch()

  private func certificate() throws -> SimulatorOptions.TLS {
    let (key, certificate) = (scratch.path + "/key", scratch.path + "/certificate")
    let status = run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj",
        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
      ])
    #expect(status == 0)
    return .init(certificate: try #require(read(certificate)), key: try #require(read(key)))
  }

  private func curl(_ simulator: Simulator, _ step: Step, _ arguments: [String]) -> String {
    let output = scratch.path + "/answer"
    unlink(output)
    let common = [
      "-s", "-S", "--max-time", "20", "--cacert", scratch.path + "/certificate", "-u", "haplo:\(goodKey)",
    ]
    _ = run("curl", common + arguments + [simulator.url + step.path], output: output)
    return read(output) ?? ""
  }

  @Test(
    .enabled(if: isInstalled("curl") && isInstalled("openssl"), "curl and openssl are not both installed"))
  func `the documentation's script works over HTTPS, with a large file`() throws {
    var options = SimulatorOptions(apiKey: goodKey)
    options.tls = try certificate()
    let simulator = try Simulator(options)
    try write(goodControl, to: scratch.path + "/control.json")
    try write(String(repeating: "0123456789abcdef", count: 1 << 18), to: scratch.path + "/data.json")

    let control = curl(simulator, .control, ["-F", "file=@\(scratch.path)/control.json"])
    let batch = curl(simulator, .batch, ["--data-urlencode", "control=\(control)"])
    let file = ["-F", "batch=\(batch)", "-F", "name=data0", "-F", "file=@\(scratch.path)/data.json"]
    let digest = curl(simulator, .file, file)
    let scheduled = curl(simulator, .schedule, ["-d", "batch=\(batch)", "-d", "mode=dry-run"])
    #expect(scheduled == "SCHEDULED")
    let uploaded = try #require(simulator.record.jobs.first?.files.first)
    #expect(uploaded.digest == digest)
    #expect(uploaded.size == 1 << 22)
    #expect(uploaded.filename == "data.json")
  }

  @Test func `a certificate that is none is an error`() {
    var options = SimulatorOptions(apiKey: goodKey)
    options.tls = .init(certificate: "none", key: "none")
    #expect(throws: SimulatorError.self) { try Simulator(options) }
  }
}

func write(_ text: String, to path: String) throws {
  guard let file = fopen(path, "w") else { throw RawError(call: "fopen", errno: errno) }
  defer { fclose(file) }
  fputs(text, file)
}

import HaploAPI
import HaploSimulator
import ImportCore
import ImportService
import ImportSystem
import Testing

/// docs/server.md, "Other answers", as far as the server as a whole is concerned: the key, the permission, the address.
@Suite struct DoorTests {
  private static let wrongKey = "wrong-wrong-wrong-wrong"
  private static let denied = AnswerRow.page("Request denied for security reasons")
  private static let invalid =
    #"{"success":false,"kind":"INVALID-API-KEY","error":{"message":"Invalid API Key"}}"#

  /// The four requests, each in the form that the client gives it.
  static let steps = Step.allCases

  private func ask(_ step: Step, _ bench: ContractBench, _ client: HaploClient? = nil) async throws -> Reply {
    let file = try bench.upload(ContractBench.control)
    let kind: ServerRequest.Kind =
      switch step {
      case .control: .control(file, comment: nil)
      case .batch: .batch(control: .ofNothing, comment: nil)
      case .file: .file(batch: AnswerRow.batch, key: "data0", file)
      case .schedule: .schedule(batch: AnswerRow.batch, mode: .import)
      }
    return try await bench.ask(kind, client)
  }

  private func isMultipart(_ step: Step) -> Bool { step == .control || step == .file }

  @Test(arguments: steps)
  func `without permission a page comes with status 200, which proves nothing`(step: Step) async throws {
    let bench = try ContractBench { $0.faults = [Fault(.notPermitted, at: nil)] }
    let reply = try await ask(step, bench)
    #expect(reply.answer?.status == 200 && reply.answer?.mediaType == "text/html")
    #expect(reply.answer?.body.contains("You are not permitted to perform this action.") == true)
    #expect(reply.meaning == .stop(.notPermitted))
    #expect(reply.reason?.remedy?.contains("permission") == true)
  }

  @Test(arguments: steps)
  func `an unknown key is refused in the form of the request`(step: Step) async throws {
    let bench = try ContractBench()
    let reply = try await ask(step, bench, try bench.client(key: Self.wrongKey))
    #expect(reply.answer?.status == 403)
    #expect(reply.answer?.body == (isMultipart(step) ? Self.invalid : Self.denied))
    #expect(reply.answer?.mediaType == (isMultipart(step) ? "application/json" : "text/html"))
    #expect(reply.meaning == .stop(.keyRefused))
    #expect(reply.reason?.remedy?.contains("APIKeyFile=") == true)
  }

  @Test(arguments: ["short-key-of-15", ContractBench.key + " ", ContractBench.key.lowercased()])
  func `a key is compared to the letter, and none is shorter than 16`(key: String) async throws {
    let bench = try ContractBench { $0.apiKeys.insert("short-key-of-15") }
    #expect(try await ask(.batch, bench, try bench.client(key: key)).meaning == .stop(.keyRefused))
  }

  @Test(arguments: steps)
  func `a blocked user is refused`(step: Step) async throws {
    let bench = try ContractBench { $0.faults = [Fault(.block, at: nil)] }
    let reply = try await ask(step, bench)
    #expect(reply.answer?.status == 403)
    #expect(reply.answer?.body.contains("UNAUTHORISED") == isMultipart(step))
    #expect(reply.meaning == .stop(.keyRefused))
  }

  @Test(arguments: steps)
  func `without a key at all it is the same`(step: Step) async throws {
    let bench = try ContractBench()
    let reply = try await ask(step, bench, try bench.client(key: nil))
    #expect(reply.answer?.status == 403 && reply.answer?.body == "Unauthorised")
    #expect(reply.meaning == .stop(.keyRefused))
  }

  @Test func `a login page that one is sent to is not followed`() async throws {
    let elsewhere = try ContractBench()
    let bench = try ContractBench()
    bench.simulator.add(Fault(.redirect(to: elsewhere.simulator.url + "/login"), at: nil))
    let reply = try await ask(.batch, bench)
    #expect(reply.answer?.status == 302)
    #expect(reply.meaning == .foreign)
    #expect(elsewhere.simulator.record.requestCount == 0)
  }

  @Test func `fifty failed keys lock the address out, good keys too, for 300 s`() async throws {
    let bench = try ContractBench()
    let wrong = try bench.client(key: Self.wrongKey)
    for _ in 0..<50 { #expect(try await ask(.batch, bench, wrong).meaning == .stop(.keyRefused)) }
    let multipart = try await ask(.file, bench)
    #expect(multipart.answer?.status == 403)
    #expect(multipart.answer?.body.contains(#""kind":"THROTTLE""#) == true)
    #expect(multipart.meaning == .stop(.throttled))
    // A form's answer does not tell the kind; both are left alone for longer than a lockout lasts.
    let form = try await ask(.batch, bench)
    #expect(form.answer?.body == Self.denied)
    #expect(form.meaning == .stop(.keyRefused))
    bench.advanceServer(.seconds(299))
    #expect(try await ask(.batch, bench).answer?.status == 403)
    bench.advanceServer(.seconds(2))
    #expect(try await ask(.batch, bench).meaning == .controlMissing)
  }

  @Test func `a large body is not sent to a server that refuses the key when it is asked`() async throws {
    let bench = try ContractBench()
    let file = try bench.largeUpload(64 << 20)
    let reply = try await bench.ask(
      .file(batch: AnswerRow.batch, key: "data0", file), try bench.client(key: Self.wrongKey))
    #expect(reply.answer?.body == Self.invalid)
    #expect(reply.sent != .whole)
    #expect(bench.simulator.record.requests.map(\.received) == [0])
    guard case .stop(.keyRefused, _, batchLost: false) = reply.verdict else {
      return #expect(Bool(false), "\(reply.verdict)")
    }
  }

  @Test(arguments: [Int64(900_000), 64 << 20])
  func `without being asked, the refusal is read though the connection breaks`(size: Int64) async throws {
    // Below 1 MiB nobody asks; a server that is slower than a second is no longer waited for.
    let bench = try ContractBench { $0.latency = size > 1 << 20 ? .milliseconds(1300) : .zero }
    let client = try bench.client(key: Self.wrongKey)
    for _ in 0..<(size > 1 << 20 ? 1 : 10) {
      let reply = try await bench.ask(
        .file(batch: AnswerRow.batch, key: "data0", try bench.largeUpload(size)), client)
      #expect(reply.answer?.status == 403, "\(reply.exchange)")
      #expect(reply.meaning == .stop(.keyRefused))
    }
  }

  @Test(arguments: steps)
  func `an unknown path is a wrong address, and nobody is rejected for it`(step: Step) async throws {
    let bench = try ContractBench()
    let reply = try await ask(step, bench, try bench.client(path: "/elsewhere"))
    #expect(reply.answer?.status == 404 && reply.answer?.mediaType == "text/html")
    #expect(reply.meaning == .foreign)
    #expect(reply.reason?.remedy?.contains("URL=") == true)
  }

  @Test func `an unknown host is a wrong address`() async throws {
    let bench = try ContractBench { $0.hostNames = ["research.example.ac.uk"] }
    let reply = try await ask(.batch, bench)
    #expect(reply.answer?.status == 404)
    #expect(reply.meaning == .foreign)
  }

  @Test func `plain http where https is required is one too, which multipart cannot tell`() async throws {
    let bench = try ContractBench { $0.requiresHTTPS = true }
    let form = try await ask(.batch, bench)
    #expect(form.answer?.status == 302)
    #expect(form.meaning == .foreign)
    let multipart = try await ask(.file, bench)
    #expect(multipart.answer?.status == 500)
    #expect(multipart.answer?.body == AnswerRow.page("Internal server error"))
    #expect(multipart.meaning == .again)
  }
}

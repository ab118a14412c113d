import HaploAPI
import ImportCore
import ImportService
import ImportSystem
import Testing

/// One row of the table "Other answers" in docs/server.md: what is sent, what comes back, and what follows from it.
struct AnswerRow: CustomTestStringConvertible, Sendable {
  let title: String
  let status: Int
  let mediaType: String
  let body: String
  let meaning: Meaning
  let ask: @Sendable (ContractBench) async throws -> Reply

  init(
    _ title: String, _ status: Int, _ mediaType: String, _ body: String, _ meaning: Meaning,
    _ ask: @escaping @Sendable (ContractBench) async throws -> Reply
  ) {
    self.title = title
    self.status = status
    self.mediaType = mediaType
    self.body = body
    self.meaning = meaning
    self.ask = ask
  }

  var testDescription: String { title }

  static let plain = "text/plain"
  static let html = "text/html"
  static let json = "application/json"
  static func page(_ heading: String) -> String { "<html><body><h1>\(heading)</h1></body></html>" }

  /// Compares the answer and its meaning with the row.
  func check(_ bench: ContractBench) async throws {
    let reply = try await ask(bench)
    let answer = try #require(reply.answer, "\(reply.failure ?? "")")
    #expect(answer.status == status)
    #expect(answer.mediaType == mediaType)
    #expect(answer.body == body)
    #expect(answer.isComplete)
    #expect(reply.meaning == meaning)
  }
}

extension AnswerRow {
  static let batch = BatchID("AbCdEfGhIjKlMnOpQrStUvWxYz0123456789_-ABCDEF")!
  static let zeros = SHA256Digest.ofNothing

  /// A row for the upload of a control file with this text.
  static func control(
    _ title: String, _ text: String, _ status: Int, _ mediaType: String, _ body: String, _ meaning: Meaning
  ) -> AnswerRow {
    AnswerRow(title, status, mediaType, body, meaning) { bench in
      try await bench.ask(.control(try bench.upload(text), comment: nil))
    }
  }

  /// A row for a form that the client itself would never send.
  static func form(
    _ title: String, _ fields: [(name: String, value: String)], asking question: Question, _ status: Int,
    _ mediaType: String, _ body: String, _ meaning: Meaning
  ) -> AnswerRow {
    AnswerRow(title, status, mediaType, body, meaning) { bench in
      try await bench.post(.form(fields), asking: question)
    }
  }

  /// A row for a multipart body that the client itself would never send.
  static func multipart(
    _ title: String, _ fields: [(name: String, value: String)], file: String = "file",
    asking question: Question, _ status: Int, _ mediaType: String, _ body: String, _ meaning: Meaning
  ) -> AnswerRow {
    AnswerRow(title, status, mediaType, body, meaning) { bench in
      let upload = try bench.upload("{}")
      let part = TransferFile(field: file, name: "data.json", file: upload.file, size: upload.size)
      return try await bench.post(.multipart(fields: fields, file: part), asking: question)
    }
  }
}

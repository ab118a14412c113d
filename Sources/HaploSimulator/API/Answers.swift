/// Has every answer of the server in its own words (docs/server.md).
enum Answers {
  static func plain(_ body: String, status: Int = 200) -> HTTPAnswer {
    HTTPAnswer(status: status, mediaType: "text/plain", body: body)
  }

  static func page(_ heading: String, status: Int) -> HTTPAnswer {
    HTTPAnswer(status: status, mediaType: "text/html", body: "<html><body><h1>\(heading)</h1></body></html>")
  }

  static let failedValidation = plain("Bad request (failed validation)", status: 400)
  static let notJSON = plain("Uploaded file is not JSON", status: 400)
  static let scheduled = plain("SCHEDULED")

  static func invalidControl(_ errors: [String]) -> HTTPAnswer {
    plain("Invalid control file:\n  " + errors.joined(separator: "\n  "), status: 400)
  }

  static func controlNotFound(_ digest: String) -> HTTPAnswer {
    plain("Control file not found: \(digest)", status: 400)
  }

  static func batchNotFound(_ batch: String) -> HTTPAnswer {
    plain("Batch not found: \(batch)", status: 400)
  }

  static func notUploading(_ batch: String) -> HTTPAnswer {
    plain("Batch \(batch) is not in the 'uploading' state", status: 400)
  }

  static let internalError = page("Internal server error", status: 500)
  static let sizeLimit = page("Request size limit exceeded", status: 500)
  static let notFound = page("Not found", status: 404)
  static let headersTooLarge = page("Request header fields too large", status: 431)
  static let notPermitted = page("You are not permitted to perform this action.", status: 200)
  /// No Authorization at all, or one that holds no API key.
  static let unauthorised = plain("Unauthorised", status: 403)
  /// The redirection of a request for a page that has no key.
  static let login = HTTPAnswer(
    status: 302, mediaType: "text/html", body: page("Moved", status: 302).body,
    headers: ["Location": "/do/authentication/login"])
  /// The page of an exception in a plugin.
  static let scriptError = HTTPAnswer(
    status: 500, mediaType: "text/html",
    body: "<html><head><title>Error</title></head><body><h1>Error</h1></body></html>")
  /// A page of something that stands between: a login page, a portal.
  static let portal = HTTPAnswer(
    status: 200, mediaType: "text/html",
    body:
      "<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><p>Please log in.</p></body></html>\n")

  /// The refusal of a key, told in JSON to a multipart request and as a page to any other.
  static func refused(_ refusal: KeyRefusal, isMultipart: Bool) -> HTTPAnswer {
    guard isMultipart else { return page("Request denied for security reasons", status: 403) }
    let body: JSONValue = [
      "success": .bool(false), "kind": .string(refusal.rawValue),
      "error": ["message": .string(refusal.message)],
    ]
    return HTTPAnswer(status: 403, mediaType: "application/json", body: body.text)
  }
}

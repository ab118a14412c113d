/// Writes the two pages that show what became of batches, with the server's own markup (docs/server.md).
enum BatchPages {
  /// The list of batches.
  /// - Parameter batches: oldest first, each with its database number.
  static func list(_ batches: [SimulatorRecord.Batch]) -> String {
    var rows = ""
    for batch in batches.reversed() {
      rows +=
        "<tr><td><a href=\"\(OutcomePage.path(ofBatch: batch.number))\">\(batch.id.prefix(10))...</a></td>"
        + "<td>\(batch.state.rawValue)</td><td>\(errors(batch))</td><td>\(DateText.short(batch.created))</td>"
        + "<td>\(escaped(batch.comment ?? ""))</td></tr>\n"
    }
    return page(
      "Data import batches",
      """
      <p>Batches: \(batches.count)</p>
      <table>
      <tr><th>Batch</th><th>State</th><th>Errors</th><th>Created</th><th>Comment</th></tr>
      \(rows)</table>
      """)
  }

  /// A batch's own page.
  /// - Parameter log: nil leaves the log out.
  static func batch(_ batch: SimulatorRecord.Batch, log: String?) -> String {
    let link = batch.state.isFinished ? "&nbsp; <a href=\"#import-log\">View import log</a>" : ""
    let logText = log.map { "\n<h2 id=\"import-log\">Log</h2><pre>\(escaped($0))</pre>" } ?? ""
    return page(
      "Data import batch",
      """
      <table>
      <tr><th>Identifier</th><td>\(batch.id)</td></tr>
      <tr><th>State</th><td>\(batch.state.rawValue)\(link)</td></tr>
      <tr><th>Errors</th><td>\(errors(batch))</td></tr>
      <tr><th>Created</th><td>\(DateText.short(batch.created))</td></tr>
      <tr><th>Comment</th><td>\(escaped(batch.comment ?? ""))</td></tr>
      </table>
      <h2>Files</h2>
      <table>
      \(batch.files.map { "<tr><td>\(escaped($0.name))</td><td>\(escaped($0.filename))</td></tr>\n" }.joined())</table>\
      \(logText)
      """)
  }

  /// A page with the same facts as another version of the server might show them, which no reader of these pages knows.
  static func unknownMarkup(_ batches: [SimulatorRecord.Batch]) -> String {
    let items = batches.reversed().map { batch in
      "<li data-batch=\"\(batch.number)\"><b>\(batch.id)</b> Status: \(batch.state.rawValue.uppercased()), "
        + "\(errors(batch)) problems. \(escaped(batch.comment ?? ""))</li>\n"
    }
    return page("Imports", "<ul class=\"imports\">\n\(items.joined())</ul>")
  }

  /// The page that a user without the group *Batch data administration* sees.
  static let notPermitted = page(
    "Not permitted",
    "<div class=\"z__general_alert\">You are not permitted to perform this action.</div>")

  static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      default: output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  /// The number of records with errors for a finished job, else nothing.
  private static func errors(_ batch: SimulatorRecord.Batch) -> String { batch.errors.map { "\($0)" } ?? "" }

  private static func page(_ title: String, _ content: String) -> String {
    """
    <!DOCTYPE html>
    <html lang="en"><head><meta charset="UTF-8"><title>\(title)</title>
    <link rel="stylesheet" href="/~static/app.css"></head>
    <body class="z__page"><div id="z__header"><a href="/">Home</a></div>
    <div id="z__page_content"><h1>\(title)</h1>
    \(content)
    </div></body></html>

    """
  }
}

/// Writes times as the server's pages do.
enum DateText {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// `30 Nov 2026, 06:27`, UTC.
  /// - Parameter seconds: since 1970, not negative.
  static func short(_ seconds: Double) -> String {
    let all = Int(seconds)
    let (year, month, day) = date(ofDay: all / 86400)
    let minutes = all % 86400 / 60
    return "\(padded(day)) \(months[month - 1]) \(year), \(padded(minutes / 60)):\(padded(minutes % 60))"
  }

  /// The Gregorian date of a day counted from 1 January 1970. Years are counted from March, so that the day that
  /// leap years add is a year's last.
  private static func date(ofDay day: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = day + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
    return (year, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/*
 * `metadata.managedFields`, the API server's record of who set which field, is a third of what Metacontroller sends.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */

/** As Metacontroller writes it: without spaces, and never as the first field of the metadata. */
const managedFields = Buffer.from(',"managedFields":[{')

/** How far to search for the next ones, in bytes. If they are rare, the search takes longer than it saves. */
const searched = 64 * 1024

const [quotationMark, openingBracket, backslash, closingBracket] = Buffer.from('"[\\]')

/**
 * Blanks the managed fields that nobody reads in the JSON of a request: `appliedFields` only uses entries whose operation
 * is `Apply`. Finding their end takes less than half the time of parsing them.
 *
 * @param body a request's JSON in UTF-8, changed in place: spaces replace an array's entries, and everything else keeps
 * its position. The blanked part is not validated. An array without an end is left alone.
 */
export function blankUnreadManagedFields (body: Buffer): void {
  const nextAfter = (index: number) => body.subarray(index, index + searched).indexOf(managedFields)
  let end = 0
  for (let found = nextAfter(end); found !== -1; found = nextAfter(end)) {
    const inside = end + found + managedFields.length - 1
    end = endOfArray(body, inside)
    const entries = body.subarray(inside, end)
    if (end < body.length && !isRead(entries)) entries.fill(' ')
  }
}

/** `Apply` may also be written with an escape such as `\u0041`. */
function isRead (entries: Buffer): boolean {
  return entries.includes('Apply') || entries.includes('\\u')
}

/** The index of the bracket that closes the array around an index, or the length of the JSON. */
function endOfArray (json: Buffer, inside: number): number {
  let depth = 1
  for (let index = inside; index < json.length; index++) {
    const byte = json[index]
    if (byte === quotationMark) index = endOfString(json, index)
    else if (byte === openingBracket) depth++
    else if (byte === closingBracket && --depth === 0) return index
  }
  return json.length
}

/** The index of the quotation mark that closes a string, or one past the end of the JSON. */
function endOfString (json: Buffer, start: number): number {
  let index = start + 1
  while (index < json.length && json[index] !== quotationMark) index += json[index] === backslash ? 2 : 1
  return index
}

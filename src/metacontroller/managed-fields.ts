/*
 * The API server's account of who has set which field, `metadata.managedFields`, is a third of what Metacontroller sends.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */

/** As Metacontroller writes it: without spaces, and never the first field of an object's metadata. */
const managedFields = Buffer.from(',"managedFields":[{')

/** How far to look for the next ones, in bytes. Where none are for long, to look for them takes more than it saves. */
const searched = 64 * 1024

const [quotationMark, openingBracket, backslash, closingBracket] = Buffer.from('"[\\]')

/**
 * Blanks the managed fields that nobody reads in the JSON of a request: `appliedFields` finds something only where an
 * operation was `Apply`. To find where they end takes less than half the time that parsing them does.
 *
 * @param body a request's JSON in UTF-8, changed in place: spaces take the place of an array's entries, and all else
 * stays where it was. What is blanked is not checked. An array without an end is left alone.
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

/** `Apply` could also be written with `\u0041`. */
function isRead (entries: Buffer): boolean {
  return entries.includes('Apply') || entries.includes('\\u')
}

/** The index of the bracket that closes the array which an index is in, or the length of the JSON. */
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

/** The index of the quotation mark that closes the string which another one opens, or one past the end of the JSON. */
function endOfString (json: Buffer, start: number): number {
  let index = start + 1
  while (index < json.length && json[index] !== quotationMark) index += json[index] === backslash ? 2 : 1
  return index
}

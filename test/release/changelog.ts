/**
 * The release notes of a version, from CHANGELOG.md.
 *
 * @param changelog in the form of https://keepachangelog.com/
 * @returns undefined if it has no section with a date for that version, or an empty one
 */
export function notesOf (changelog: string, version: string): string | undefined {
  const section = changelog.split(/^(?=## )/m).find(section => section.startsWith(`## [${version}] - `))
  const [heading = '', ...lines] = section?.split('\n') ?? []
  const notes = lines.join('\n').trim()
  return /^## \[[^\]]+\] - \d{4}-\d\d-\d\d$/.test(heading) && notes !== '' ? notes : undefined
}

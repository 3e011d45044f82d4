/** An external image in a file. */
export interface Pin {
  file: string
  /** The text before the image, which identifies the line. */
  before: string
  /** The image with its tag: `node:24-trixie-slim`. */
  image: string
  /** `sha256:…`; undefined if it is not pinned. */
  digest: string | undefined
}

/** The files with external images, and the lines of these. */
export const pinned: Array<{ file: string, pattern: RegExp }> = [
  { file: 'Dockerfile', pattern: /^(ARG \w+_BASE=)([^\s@]+)(?:@(sha256:[0-9a-f]{64}))?$/gm },
  { file: 'manifests/examples/event-display-deployment.yaml', pattern: /^( +image: )([^\s@]+)(?:@(sha256:[0-9a-f]{64}))?$/gm }
]

/** Finds the external images in a file's text. */
export function findPins (file: string, pattern: RegExp, text: string): Pin[] {
  return [...text.matchAll(pattern)].map(([, before = '', image = '', digest]) => ({ file, before, image, digest }))
}

/** Replaces a digest in a file's text. */
export function setPin (text: string, { before, image, digest: old }: Pin, digest: string): string {
  const line = (digest: string | undefined) => `${before}${image}${digest === undefined ? '' : `@${digest}`}`
  return text.split('\n').map(found => found === line(old) ? line(digest) : found).join('\n')
}

/** Finds the actions of a workflow that are not pinned by a commit with a comment of the version. */
export function unpinnedActions (workflow: string): string[] {
  return [...workflow.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action = '']) => action).filter(action => !/^(\.\/\S*|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(action))
}

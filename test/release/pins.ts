/** An image of others that a file names. */
export interface Pin {
  file: string
  /** The line's text before the image, by which the line is found. */
  before: string
  /** The image with its tag: `node:24-trixie-slim`. */
  image: string
  /** `sha256:…`; undefined where it is not pinned. */
  digest: string | undefined
}

/** The files that name images of others, and how. */
export const pinned: Array<{ file: string, pattern: RegExp }> = [
  { file: 'Dockerfile', pattern: /^(ARG \w+_BASE=)([^\s@]+)(?:@(sha256:[0-9a-f]{64}))?$/gm },
  { file: 'manifests/examples/event-display-deployment.yaml', pattern: /^( +image: )([^\s@]+)(?:@(sha256:[0-9a-f]{64}))?$/gm }
]

/** Finds the images of others in a file's text. */
export function findPins (file: string, pattern: RegExp, text: string): Pin[] {
  return [...text.matchAll(pattern)].map(([, before = '', image = '', digest]) => ({ file, before, image, digest }))
}

/** Puts another digest into a file's text. */
export function setPin (text: string, { before, image, digest: old }: Pin, digest: string): string {
  const line = (digest: string | undefined) => `${before}${image}${digest === undefined ? '' : `@${digest}`}`
  return text.split('\n').map(found => found === line(old) ? line(digest) : found).join('\n')
}

/** Finds the actions of a workflow that are not pinned by a commit, with their version beside. */
export function unpinnedActions (workflow: string): string[] {
  return [...workflow.matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, action = '']) => action).filter(action => !/^(\.\/\S*|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/.test(action))
}

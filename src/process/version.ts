import { existsSync, readFileSync } from 'node:fs'

/** The version in `package.json`, one folder above `dist/` and two above this one. */
export function packageVersion (): string {
  const [packageFile] = ['../package.json', '../../package.json'].map(path => new URL(path, import.meta.url)).filter(url => existsSync(url)) as [URL]
  return (JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string }).version
}

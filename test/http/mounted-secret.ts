import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { makeFolder } from '../folder.js'

/**
 * A folder with files as in a Secret mounted by Kubernetes: each is a symbolic link to `..data/<name>`, and
 * `..data` links to a folder with all of them and is replaced atomically when the Secret changes.
 * https://github.com/kubernetes/kubernetes/blob/master/pkg/volume/util/atomic_writer.go
 */
export class MountedSecret {
  readonly #folder: string
  #version = 0

  constructor (t: Test, files: Record<string, string>) {
    this.#folder = makeFolder(t, 'secret')
    this.write(files)
    for (const name of Object.keys(files)) symlinkSync(join('..data', name), this.path(name))
  }

  path (name: string): string {
    return join(this.#folder, name)
  }

  /** Replaces all the files, as the kubelet does. */
  write (files: Record<string, string>): void {
    const version = `..version-${++this.#version}`
    mkdirSync(this.path(version))
    for (const [name, content] of Object.entries(files)) writeFileSync(join(this.path(version), name), content)
    symlinkSync(version, this.path('..data_tmp'))
    renameSync(this.path('..data_tmp'), this.path('..data'))
    if (this.#version > 1) rmSync(this.path(`..version-${this.#version - 1}`), { recursive: true })
  }
}

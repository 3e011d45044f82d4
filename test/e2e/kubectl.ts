import * as names from '../../src/samplesource/names.js'
import { CommandError, execute } from './command.js'
import type { KubeObject, Reference } from './kube-object.js'

/** The field manager of a write, as in `managedFields`. */
const fieldManager = `${names.singular}-e2e`

interface PatchOptions {
  type?: 'merge' | 'json'
  subresource?: 'status'
  /** Used instead of the script's name. */
  manager?: string
}

/** kubectl from the PATH, with one kube context. */
export class Kubectl {
  readonly #context: string | undefined
  readonly #signal: AbortSignal | undefined

  /**
   * @param context of the kubeconfig; undefined for the current one
   * @param signal ends a running command, and lets no other start
   */
  constructor (context?: string, signal?: AbortSignal) {
    this.#context = context
    this.#signal = signal
  }

  /**
   * Runs kubectl.
   *
   * @returns its output
   * @throws CommandError
   */
  async run (args: string[], input = ''): Promise<string> {
    return (await this.#execute(args, input)).stdout
  }

  /**
   * Runs a command of kubectl that waits with its own timeout, because its message then helps a person most.
   *
   * @param timeoutSeconds how long it waits
   */
  async wait (args: string[], timeoutSeconds: number): Promise<void> {
    await this.#execute([...args, `--timeout=${timeoutSeconds}s`], '', timeoutSeconds + 60)
  }

  async #execute (args: string[], input = '', timeoutSeconds = 120): Promise<{ stdout: string, stderr: string }> {
    return await execute('kubectl', [...(this.#context === undefined ? [] : ['--context', this.#context]), ...args], {
      input,
      timeoutSeconds,
      ...(this.#signal !== undefined && { signal: this.#signal })
    })
  }

  /** An object; undefined if it or its kind does not exist. */
  async get ({ resource, name, namespace }: Reference): Promise<KubeObject | undefined> {
    try {
      const output = await this.run(['get', resource, name, ...inNamespace(namespace), '--ignore-not-found', '--show-managed-fields', '--output', 'json'])
      return output === '' ? undefined : JSON.parse(output) as KubeObject
    } catch (error) {
      if (isUnknownKind(error)) return undefined
      throw error
    }
  }

  /**
   * The objects of one or more kinds.
   *
   * @param where flags such as `--namespace`, `--all-namespaces`, `--selector`
   * @returns none if the kind does not exist
   */
  async list (resources: string, ...where: string[]): Promise<KubeObject[]> {
    try {
      const output = await this.run(['get', resources, ...where, '--show-managed-fields', '--output', 'json'])
      return (JSON.parse(output) as { items: KubeObject[] }).items
    } catch (error) {
      if (isUnknownKind(error)) return []
      throw error
    }
  }

  /** Creates objects, none of which may exist; {@link apply} can change them later. */
  async create (...objects: KubeObject[]): Promise<void> {
    await this.run(['create', '--save-config', '--field-manager', fieldManager, '--filename', '-'], toList(objects))
  }

  /** Applies objects, whether they exist or not. */
  async apply (...objects: KubeObject[]): Promise<void> {
    await this.run(['apply', '--field-manager', fieldManager, '--filename', '-'], toList(objects))
  }

  /**
   * Creates an object as a dry run: the API server stores nothing.
   *
   * @returns the object as it would be stored, or the message of the refusal
   */
  async tryCreate (object: KubeObject): Promise<{ stored: KubeObject, refusal?: never } | { stored?: never, refusal: string }> {
    try {
      return { stored: JSON.parse(await this.run(['create', '--dry-run=server', '--output', 'json', '--filename', '-'], JSON.stringify(object))) as KubeObject }
    } catch (error) {
      if (!(error instanceof CommandError) || typeof error.code !== 'number') throw error
      return { refusal: error.stderr.trim() }
    }
  }

  /**
   * Applies objects as a dry run: the API server stores nothing. An unknown field is an error.
   *
   * @returns the objects as they would be stored, and warnings, such as those about the Pod Security Standard
   */
  async tryApply (objects: KubeObject[]): Promise<{ stored: KubeObject[], warnings: string[] }> {
    const { stdout, stderr } = await this.#execute(['apply', '--server-side', '--dry-run=server', '--force-conflicts', '--field-manager', fieldManager, '--validate=strict', '--output', 'json', '--filename', '-'], toList(objects))
    const printed = JSON.parse(stdout) as KubeObject
    return {
      stored: printed.kind === 'List' ? printed['items'] : [printed],
      warnings: stderr.split('\n').filter(line => line.startsWith('Warning: '))
    }
  }

  /** Changes an object with a JSON merge patch, or with the steps of a JSON patch. */
  async patch ({ resource, name, namespace }: Reference, patch: object, { type = 'merge', subresource, manager = fieldManager }: PatchOptions = {}): Promise<void> {
    await this.run(['patch', resource, name, ...inNamespace(namespace), '--type', type, '--field-manager', manager,
      ...(subresource === undefined ? [] : ['--subresource', subresource]), '--patch', JSON.stringify(patch)])
  }
}

function inNamespace (namespace: string | undefined): string[] {
  return namespace === undefined ? [] : ['--namespace', namespace]
}

function toList (items: KubeObject[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
}

function isUnknownKind (error: unknown): boolean {
  return error instanceof CommandError && /the server doesn't have a resource type|no matches for kind/.test(error.stderr)
}

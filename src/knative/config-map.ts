import type { EnvVar } from 'kubernetes-types/core/v1.js'
import { quote, type FieldError } from '../kubernetes/field-error.js'
import { isObject, valueAt } from '../kubernetes/object.js'
import { parseDuration } from './duration.js'

/*
 * Knative's configuration: ConfigMaps, from which a source's controller makes env vars for its adapters.
 * https://github.com/knative/eventing/blob/main/pkg/reconciler/source/config_watcher.go
 */

/** The data of a ConfigMap: sorted by key, so that the result is always the same to the byte. */
export type ConfigData = Record<string, string>

/** The env vars of a ConfigMap. */
export interface ConfigEnvVars {
  /** Every variable that the ConfigMap can set; those that it does not set are empty. */
  env: EnvVar[]
  /** Problems of the ConfigMap; if there are any, the values must not be used. */
  problems: FieldError[]
}

/** The key with a ConfigMap's documentation. */
const exampleKey = '_example'

/**
 * No real configuration comes near this. Larger values would not fit into the annotation that Metacontroller stores on a
 * child, which contains several of them twice, nor at some point into a process's environment.
 */
const maxValueBytes = 16 * 1024

/** More is not read. It is the API server's limit for values alone (`MaxSecretSize`); here the keys count too. */
const maxDataBytes = 1024 * 1024

const trueTexts = ['1', 't', 'T', 'true', 'True', 'TRUE']
const falseTexts = ['0', 'f', 'F', 'false', 'False', 'FALSE']

/**
 * Makes the env vars of a ConfigMap, unless it is too large to read.
 *
 * @param configMap in any form
 * @param makeEnvVars makes env vars from the data, always with the same names
 */
export function readConfigMap (configMap: unknown, makeEnvVars: (data: ConfigData) => ConfigEnvVars): ConfigEnvVars {
  if (!isTooLarge(valueAt(configMap, 'data'))) return makeEnvVars(readConfigData(configMap))
  return { env: makeEnvVars({}).env, problems: [{ path: 'data', message: `expected at most ${maxDataBytes} bytes, got more` }] }
}

/** Stops counting at the limit. */
function isTooLarge (data: unknown): boolean {
  let bytes = 0
  for (const key in isObject(data) ? data : {}) {
    const value = valueAt(data, key)
    bytes += Buffer.byteLength(key) + (typeof value === 'string' ? Buffer.byteLength(value) : 0)
    if (bytes > maxDataBytes) return true
  }
  return false
}

/** Reads the data of a ConfigMap in any form, without its example. */
export function readConfigData (configMap: unknown): ConfigData {
  const data = valueAt(configMap, 'data')
  return Object.fromEntries(Object.entries(isObject(data) ? data : {})
    .filter((entry): entry is [string, string] => entry[0] !== exampleKey && typeof entry[1] === 'string')
    .sort(([left], [right]) => left < right ? -1 : 1))
}

/** The path of a key, for problems. */
export function pathOfKey (key: string): string {
  return `data[${quote(key)}]`
}

/** Reports the variables whose values are too long. */
export function sizeProblems (env: EnvVar[]): FieldError[] {
  return env.flatMap(({ name, value = '' }) => {
    const bytes = Buffer.byteLength(value)
    return bytes <= maxValueBytes ? [] : [{ path: `data, as ${name}`, message: `expected at most ${maxValueBytes} bytes, got ${bytes}` }]
  })
}

/** Reads the values of a ConfigMap as Go does, and collects its problems. */
export class ConfigReader {
  readonly problems: FieldError[] = []
  readonly #data: ConfigData

  constructor (data: ConfigData) {
    this.#data = data
  }

  /** The text of a key, trimmed; empty if there is none. */
  text (key: string): string {
    return this.#read(key, text => text.trim(), '', 'a text')
  }

  /** One of several texts; the first if there is none. */
  oneOf (key: string, ...texts: [string, ...string[]]): string {
    return this.#read(key, text => texts.find(candidate => candidate === text.trim()), texts[0], `one of ${texts.join(', ')}`)
  }

  /** https://pkg.go.dev/strconv#ParseBool */
  flag (key: string): boolean {
    return this.#read(key, text => trueTexts.includes(text) || (falseTexts.includes(text) ? false : undefined), false, 'true or false')
  }

  /** A number from 0 to 1. */
  rate (key: string, fallback: number): number {
    const isDecimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
    return this.#read(key, text => isDecimal.test(text) && Number(text) >= 0 && Number(text) <= 1 ? Number(text) : undefined, fallback, 'a number from 0 to 1')
  }

  /** A Go duration in nanoseconds, up to the largest integer that is exact in JSON: 104 days. */
  nanoseconds (key: string, fallback: number): number {
    const parse = (text: string) => {
      const duration = parseDuration(text) ?? -1n
      return duration >= 0n && duration <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(duration) : undefined
    }
    return this.#read(key, parse, fallback, 'a Go duration such as 30s, from 0s to 2501h')
  }

  #read<T> (key: string, parse: (text: string) => T | undefined, fallback: T, expected: string): T {
    const text = Object.hasOwn(this.#data, key) ? this.#data[key] as string : undefined
    if (text === undefined) return fallback
    const value = parse(text)
    if (value === undefined) this.problems.push({ path: pathOfKey(key), message: `expected ${expected}, got ${quote(text)}` })
    return value ?? fallback
  }
}

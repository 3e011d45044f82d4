import { quote, type FieldError } from './field-error.js'

/**
 * RFC 1123 label: the form of a namespace's name.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
 */
export const dnsLabelPattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$'

/**
 * RFC 1123 subdomain: the form of most objects' names.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
export const dnsSubdomainPattern = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'

const dnsLabel = new RegExp(dnsLabelPattern)
const dnsSubdomain = new RegExp(dnsSubdomainPattern)

/** Whether a name is a DNS label of at most 63 characters. */
export function isDnsLabel (name: string): boolean {
  return name.length <= 63 && dnsLabel.test(name)
}

/** The longest name of an object, in characters. */
export const maxNameLength = 253

/** Whether a name is a DNS subdomain of at most 253 characters. */
export function isDnsSubdomain (name: string): boolean {
  return name.length <= maxNameLength && dnsSubdomain.test(name)
}

/** Validates the name of an object, if there is one; the path is empty. A name that is too long is left to the schema. */
export function validateObjectName (name: string | undefined): FieldError[] {
  if (name === undefined || name.length > maxNameLength || isDnsSubdomain(name)) return []
  return [{ path: '', message: `expected a DNS subdomain name, got ${quote(name)}` }]
}

/**
 * The longest value of a label, in characters.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export const maxLabelValueLength = 63

const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/

/**
 * Whether a text is the key of a label, which is also the form of a finalizer, and without regard to case that of the key
 * of an annotation: at most 63 characters, after an optional DNS subdomain and a slash.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function isLabelKey (key: string): boolean {
  const [name = '', prefix, ...rest] = key.split('/').reverse()
  return labelName.test(name) && (prefix === undefined || isDnsSubdomain(prefix)) && rest.length === 0
}

/** Whether a text is the value of a label. */
export function isLabelValue (value: string): boolean {
  return value === '' || labelName.test(value)
}

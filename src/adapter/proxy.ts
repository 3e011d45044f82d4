import { BlockList, isIP } from 'node:net'

/** The environment variables that configure the proxy; also read in lower case. */
type Variable = 'HTTP_PROXY' | 'HTTPS_PROXY' | 'NO_PROXY'

/**
 * Finds the proxy for a URL, as Go programs do: `HTTP_PROXY` or `HTTPS_PROXY` by the scheme, unless `NO_PROXY` matches the
 * host. `NO_PROXY` lists names, domains, addresses and ranges of addresses, each with or without a port, or `*`. Loopback
 * addresses never use a proxy.
 * https://pkg.go.dev/golang.org/x/net/http/httpproxy#Config
 *
 * @param env such as `process.env`
 * @returns undefined if there is none
 * @throws if the variable is not an http or https URL
 */
export function proxyFor (url: URL, env: NodeJS.ProcessEnv): URL | undefined {
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const text = valueOf(variable, env)
  if (text === '' || isExcluded(url, valueOf('NO_PROXY', env))) return undefined
  const proxy = text.includes('://') ? text : `http://${text}`
  // The value is not repeated: it may contain a password.
  if (!/^https?:/i.test(proxy) || !URL.canParse(proxy)) throw new Error(`${variable} must be an http or https URL`)
  return new URL(proxy)
}

function valueOf (variable: Variable, env: NodeJS.ProcessEnv): string {
  return env[variable] || env[variable.toLowerCase()] || ''
}

function isExcluded (url: URL, noProxy: string): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '').toLowerCase()
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  if (host === 'localhost' || (isIP(host) > 0 && isIn(host, '127.0.0.0/8', '::1'))) return true
  return noProxy.split(',').map(rule => rule.trim().toLowerCase()).some(rule => rule !== '' && matches(host, port, rule))
}

function matches (host: string, port: string, rule: string): boolean {
  if (rule === '*') return true
  const { name, onlyPort = port } = readRule(rule)
  if (onlyPort !== port) return false
  if (isIP(host) > 0) return isIn(host, name)
  const domain = name.replace(/^\*(?=\.)/, '')
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`)
}

/** Splits the port off a rule, if it has one. An IPv6 address with a port is in brackets. */
function readRule (rule: string): { name: string, onlyPort?: string | undefined } {
  const [, address, name = address, onlyPort] = /^(?:\[(.*)\]|([^:]*))(?::(\d+))?$/.exec(rule) ?? []
  return name === undefined ? { name: rule } : { name, onlyPort }
}

/** Whether an address is one of these addresses, or in one of these ranges. Anything else in the list matches nothing. */
function isIn (address: string, ...ranges: string[]): boolean {
  const list = new BlockList()
  for (const range of ranges) {
    const [network = '', bits] = range.split('/')
    const family = isIP(network)
    if (family === 0) continue
    const length = bits === undefined ? (family === 6 ? 128 : 32) : Number(bits)
    if (Number.isInteger(length) && length >= 0 && length <= (family === 6 ? 128 : 32)) list.addSubnet(network, length, `ipv${family as 4 | 6}`)
  }
  return list.check(address, `ipv${isIP(address) as 4 | 6}`)
}

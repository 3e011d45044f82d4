import { quote } from '../../src/kubernetes/field-error.js'
import { isLabelKey, isLabelValue } from '../../src/kubernetes/names.js'
import { arrayAt, isObject, stringAt, valueAt, type JsonObject } from '../../src/kubernetes/object.js'
import type { ApiServer, KubeObject, Manifest } from '../harness/api-server.js'
import type { LabelSelector } from '../harness/label-selector.js'
import type { CompositeController } from '../harness/metacontroller.js'
import { anyObject, boolean, integer, list, object, oneOf, readerOf, string } from './definition-schema.js'

/* What the API server and Metacontroller accept as a CompositeController. */

const conditions = list(object({ type: string, status: string, reason: string }, 'type'))
const selector = object({
  matchLabels: { type: 'object', additionalProperties: string },
  matchExpressions: list(object({ key: string, operator: oneOf('In', 'NotIn', 'Exists', 'DoesNotExist'), values: list(string) }, 'key', 'operator'))
})

/** The settings of a connection are not simulated. */
const connection = { authorization: anyObject, basicAuth: anyObject, caBundle: anyObject, clientTLS: anyObject }

const webhook = object({
  url: string,
  path: string,
  service: object({ name: string, namespace: string, port: integer, protocol: string }, 'name', 'namespace'),
  timeout: { ...string, format: 'duration' },
  responseUnMarshallMode: oneOf('loose', 'strict'),
  etag: object({ enabled: boolean, cacheTimeoutSeconds: integer, cacheCleanupSeconds: integer }),
  ...connection
})

const hookTypes = ['sync', 'finalize', 'customize', 'preUpdateChild', 'postUpdateChild']

/** https://github.com/metacontroller/metacontroller/blob/master/manifests/production/metacontroller-crds-v1.yaml */
const schema = object({
  spec: object({
    parentResource: object({
      apiVersion: string,
      resource: string,
      labelSelector: selector,
      ignoreStatusChanges: boolean,
      revisionHistory: object({ fieldPaths: list(string) })
    }, 'apiVersion', 'resource'),
    childResources: list(object({
      apiVersion: string,
      resource: string,
      updateStrategy: object({
        method: oneOf('OnDelete', 'Recreate', 'InPlace', 'RollingRecreate', 'RollingInPlace'),
        statusChecks: object({ conditions })
      })
    }, 'apiVersion', 'resource')),
    hooks: object(Object.fromEntries(hookTypes.map(type => [type, object({ version: oneOf('v1', 'v2'), webhook }, 'webhook')])), 'sync'),
    generateSelector: boolean,
    resyncPeriodSeconds: integer,
    endpointConfigs: list(anyObject)
  }, 'parentResource', 'hooks'),
  status: anyObject
}, 'spec')

const read = readerOf('metacontroller.k8s.io/v1alpha1', 'CompositeController', schema)

/**
 * Reads a CompositeController as the API server stores it.
 *
 * @throws Error if the API server refuses it, or Metacontroller does not start it
 */
export function readController (manifest: Manifest): CompositeController {
  const controller = read(manifest)
  const problems = [...selectorProblems(controller.spec.parentResource.labelSelector), ...hooksOf(controller).flatMap(([type, hook]) => webhookProblems(`spec.hooks.${type}.webhook`, hook['webhook'] as JsonObject))]
  if (problems.length > 0) throw new Error(problems.join(', '))
  return controller as unknown as CompositeController
}

/** The paths of settings of a CompositeController that are accepted and not simulated. */
export function settingsNotSimulated (controller: CompositeController): string[] {
  const places: Array<[path: string, settings: unknown]> = [
    ...Object.entries(controller.spec.hooks).map(([type, hook]): [string, unknown] => [`spec.hooks.${type}.webhook`, hook.webhook]),
    ...arrayAt(controller, 'spec', 'endpointConfigs').map((settings, index): [string, unknown] => [`spec.endpointConfigs[${index}]`, settings])
  ]
  return places.flatMap(([path, settings]) => Object.keys(connection).filter(name => valueAt(settings, name) !== undefined).map(name => `${path}.${name}`))
}

/** The rule of `childResources` for the kind of an object; undefined if there is none. */
export function childRuleOf ({ spec: { childResources = [] } }: CompositeController, api: ApiServer, { apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>) {
  const plural = api.discover(apiVersion, kind)?.plural
  return childResources.find(rule => rule.apiVersion === apiVersion && rule.resource === plural)
}

function hooksOf ({ spec }: KubeObject): Array<[type: string, hook: JsonObject]> {
  return Object.entries(spec.hooks as JsonObject).filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
}

/** https://github.com/metacontroller/metacontroller/blob/master/pkg/hooks/webhook.go (webhookURL) */
function webhookProblems (path: string, webhook: JsonObject): string[] {
  const url = stringAt(webhook, 'url')
  if (url === undefined) return stringAt(webhook, 'path') === undefined || !isObject(webhook['service']) ? [`${path}: url is required, or service and path`] : []
  return URL.canParse(url) ? [] : [`${path}.url must be a URL, got ${quote(url)}`]
}

/** https://pkg.go.dev/k8s.io/apimachinery/pkg/apis/meta/v1#LabelSelectorAsSelector */
function selectorProblems ({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): string[] {
  const requirements = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values }))
  ]
  return requirements.flatMap(({ key, operator, values }) => [
    ...(isLabelKey(key) ? [] : [`it is not the key of a label: ${quote(key)}`]),
    ...values.filter(value => !isLabelValue(value)).map(value => `it is not the value of a label: ${quote(value)}`),
    ...(/In$/.test(operator) && values.length === 0 ? [`${operator} needs values`] : []),
    ...(/Exists?$/.test(operator) && values.length > 0 ? [`${operator} has no values`] : [])
  ]).map(problem => `spec.parentResource.labelSelector: ${problem}`)
}

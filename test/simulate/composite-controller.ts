import { isObject, stringAt, type JsonObject } from '../../src/kubernetes/object.js'
import type { KubeObject, Manifest } from '../harness/api-server.js'
import { resourceOf } from '../harness/crd.js'

/* What the API server and Metacontroller accept as a CompositeController. */

const string = { type: 'string' }
const boolean = { type: 'boolean' }
const integer = { type: 'integer' }
const anyObject = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const object = (properties: object, ...required: string[]) => ({ type: 'object', properties, ...(required.length > 0 && { required }) })
const list = (items: object) => ({ type: 'array', items })
const oneOf = (...values: string[]) => ({ ...string, enum: values })

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

const resource = resourceOf({
  spec: {
    group: 'metacontroller.k8s.io',
    scope: 'Cluster',
    names: { kind: 'CompositeController', plural: 'compositecontrollers' },
    versions: [{ name: 'v1alpha1', storage: true, schema: { openAPIV3Schema: schema } }]
  }
})

/** What is wrong with a CompositeController: the API server refuses it, or Metacontroller does not start it. */
export function controllerProblems (controller: Manifest): string[] {
  const problems = [...resource.unknownFields!(controller), ...resource.validate(resource.read(controller as KubeObject))]
  return problems.length > 0 ? problems : hooksOf(controller).flatMap(([type, hook]) => webhookProblems(`spec.hooks.${type}.webhook`, hook['webhook'] as JsonObject))
}

function hooksOf ({ spec }: Manifest): Array<[type: string, hook: JsonObject]> {
  return Object.entries(spec.hooks as JsonObject).filter((entry): entry is [string, JsonObject] => isObject(entry[1]))
}

function webhookProblems (path: string, webhook: JsonObject): string[] {
  const url = stringAt(webhook, 'url')
  if (url === undefined) return stringAt(webhook, 'path') === undefined ? [`${path}: url is required, or service and path`] : []
  return URL.canParse(url) ? [] : [`${path}.url must be a URL, got ${JSON.stringify(url)}`]
}

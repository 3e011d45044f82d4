import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Certificate } from '@kubernetes-models/cert-manager/cert-manager.io/v1/Certificate'
import { Issuer } from '@kubernetes-models/cert-manager/cert-manager.io/v1/Issuer'
import { PodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor'
import { Ajv, type ValidateFunction } from 'ajv'
import { CustomResourceDefinition } from 'kubernetes-models/apiextensions.k8s.io/v1/CustomResourceDefinition'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { Service } from 'kubernetes-models/v1/Service'
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount'
import { parse } from 'yaml'
import * as names from '../../../src/samplesource/names.js'
import { manifests, type Manifest } from './kustomize.js'

/** Kinds of Kubernetes, cert-manager and the Prometheus Operator, with validators made from their OpenAPI schemas. */
const kubernetesKinds: Record<string, { prototype: { validate (): void } }> = {
  'apiextensions.k8s.io/v1 CustomResourceDefinition': CustomResourceDefinition,
  'apps/v1 Deployment': Deployment,
  'cert-manager.io/v1 Certificate': Certificate,
  'cert-manager.io/v1 Issuer': Issuer,
  'monitoring.coreos.com/v1 PodMonitor': PodMonitor,
  'monitoring.coreos.com/v1 PrometheusRule': PrometheusRule,
  'monitoring.coreos.com/v1 ServiceMonitor': ServiceMonitor,
  'networking.k8s.io/v1 NetworkPolicy': NetworkPolicy,
  'policy/v1 PodDisruptionBudget': PodDisruptionBudget,
  'rbac.authorization.k8s.io/v1 ClusterRole': ClusterRole,
  'v1 ConfigMap': ConfigMap,
  'v1 Namespace': Namespace,
  'v1 Service': Service,
  'v1 ServiceAccount': ServiceAccount
}

const customKinds: Record<string, ValidateFunction> = {
  'metacontroller.k8s.io/v1alpha1 CompositeController': compile({ type: 'object', required: ['spec'], properties: { spec: compositeControllerSpec() } }),
  [`${names.apiVersion} ${names.kind}`]: compile(sampleSourceSchema())
}

/**
 * Validates an object by the schema of its kind. A field that is not in the schema is an error, as it is
 * for kubectl.
 *
 * @returns the problems; empty if the object is valid
 */
export function problemsOf (object: Manifest): string[] {
  const kind = `${object.apiVersion} ${object.kind}`
  const model = kubernetesKinds[kind]
  if (model !== undefined) return problemsByModel(model, object)
  const check = customKinds[kind]
  if (check !== undefined) return check(object) ? [] : (check.errors ?? []).map(error => `${error.instancePath}: ${error.message} ${JSON.stringify(error.params)}`)
  return [`no schema for ${kind}`]
}

function problemsByModel (model: { prototype: { validate (): void } }, object: Manifest): string[] {
  const unread = new Set<string>()
  try {
    model.prototype.validate.call(watched(object, '', unread))
  } catch (error) {
    return [(error as Error).message]
  }
  // The schemas allow unknown fields, but a validator reads every field in its schema: a field it did not read is unknown.
  return [...unread].filter(path => !schemaInside.test(path)).map(path => `${path}: unknown field`)
}

/** The schema of a CRD's schema refers to itself, and the validators skip it. */
const schemaInside = /^\/spec\/versions\/\d+\/schema\/openAPIV3Schema\//

/** Copies a value; each path is in `unread` until it is read. */
function watched (value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const copy = Array.isArray(value) ? [] : {}
  for (const [key, item] of Object.entries(value)) {
    const itemPath = `${path}/${key}`
    const watchedItem = watched(item, itemPath, unread)
    unread.add(itemPath)
    Object.defineProperty(copy, key, {
      enumerable: true,
      get () {
        unread.delete(itemPath)
        return watchedItem
      }
    })
  }
  return copy
}

interface Schema {
  type?: string
  required?: string[]
  properties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  items?: Schema
  enum?: string[]
  pattern?: string
}

/** Compiles the schema of a custom kind, with the fields of every object, so that it refuses unknown fields. */
function compile (schema: Schema): ValidateFunction {
  const string = { type: 'string' }
  const strings = { type: 'object', additionalProperties: string }
  const metadata = { type: 'object', required: ['name'], properties: { name: string, namespace: string, labels: strings, annotations: strings } }
  const properties = { apiVersion: string, kind: string, metadata, ...schema.properties }
  // Not strict, and without formats: OpenAPI has keywords and formats that JSON Schema does not have.
  return new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(closed({ ...schema, properties }))
}

function closed (schema: Schema): Schema {
  const { properties, additionalProperties, items } = schema
  return {
    ...schema,
    ...(properties !== undefined && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, closed(property)])),
      additionalProperties: false
    }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: closed(additionalProperties) }),
    ...(items !== undefined && { items: closed(items) })
  }
}

function sampleSourceSchema (): Schema {
  const crd = parse(readFileSync(join(manifests, 'base/crd.yaml'), 'utf8')) as { spec: { versions: Array<{ schema: { openAPIV3Schema: Schema } }> } }
  const [version] = crd.spec.versions
  if (version === undefined) throw new Error('the CRD has no version')
  return version.schema.openAPIV3Schema
}

/**
 * The fields of a CompositeController that this project uses.
 * https://github.com/metacontroller/metacontroller/blob/master/pkg/apis/metacontroller/v1alpha1/types.go
 */
function compositeControllerSpec (): Schema {
  const string = { type: 'string' }
  const integer = { type: 'integer' }
  const resourceRule = { apiVersion: string, resource: { type: 'string', pattern: '^[a-z]+$' } }
  const webhook = {
    type: 'object',
    required: ['service', 'path'],
    properties: {
      service: { type: 'object', required: ['name', 'namespace'], properties: { name: string, namespace: string, port: integer, protocol: { type: 'string', enum: ['http', 'https'] } } },
      path: { type: 'string', pattern: '^/' },
      timeout: { type: 'string', pattern: '^([0-9]+(ms|s|m|h))+$' },
      etag: { type: 'object', properties: { enabled: { type: 'boolean' }, cacheTimeoutSeconds: integer, cacheCleanupSeconds: integer } }
    }
  }
  const secretKey = { type: 'object', required: ['name', 'namespace', 'key'], properties: { name: string, namespace: string, key: string } }
  const endpointConfig = {
    type: 'object',
    required: ['host'],
    properties: {
      host: string,
      caBundle: { type: 'object', required: ['secretRef'], properties: { secretRef: { ...secretKey, required: ['name', 'namespace'] } } },
      clientTLS: {
        type: 'object',
        required: ['secretRef'],
        properties: { secretRef: { type: 'object', required: ['name', 'namespace'], properties: { name: string, namespace: string } }, certKey: string, privateKeyKey: string }
      },
      authorization: { type: 'object', required: ['secretRef'], properties: { type: string, secretRef: secretKey } }
    }
  }
  const hook = { type: 'object', required: ['webhook'], properties: { version: { type: 'string', enum: ['v1', 'v2'] }, webhook } }
  const method = { type: 'string', enum: ['OnDelete', 'Recreate', 'InPlace', 'RollingRecreate', 'RollingInPlace'] }
  return {
    type: 'object',
    required: ['parentResource'],
    properties: {
      generateSelector: { type: 'boolean' },
      resyncPeriodSeconds: integer,
      endpointConfigs: { type: 'array', items: endpointConfig },
      parentResource: { type: 'object', required: ['apiVersion', 'resource'], properties: resourceRule },
      childResources: {
        type: 'array',
        items: {
          type: 'object',
          required: ['apiVersion', 'resource'],
          properties: { ...resourceRule, updateStrategy: { type: 'object', properties: { method } } }
        }
      },
      hooks: { type: 'object', properties: { sync: hook, finalize: hook, customize: hook } }
    }
  }
}

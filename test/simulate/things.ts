import type { Test } from 'tap'
import type { Manifest } from '../harness/api-server.js'
import { fakeHook, type FakeCall } from '../harness/fake-hook.js'
import type { CompositeController } from '../harness/metacontroller.js'
import type { Outcome } from './outcome.js'
import { simulate, type Simulation, type Stage } from './simulate.js'

/* A small example controller, for hooks of every kind. */

const free = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }

/** The CustomResourceDefinition of Things. */
export function thingDefinition (status: object = free, scope = 'Namespaced'): Manifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.org' },
    spec: {
      group: 'example.org',
      scope,
      names: { kind: 'Thing', plural: 'things' },
      versions: [{
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: free, status } } }
      }]
    }
  }
}

/** A CompositeController for Things. By default, its children are ConfigMaps that are updated in place. */
export function thingController (hooks: string[] = ['sync'], childResources: object[] = [{ apiVersion: 'v1', resource: 'configmaps', updateStrategy: { method: 'InPlace' } }]): CompositeController {
  return {
    apiVersion: 'metacontroller.k8s.io/v1alpha1',
    kind: 'CompositeController',
    metadata: { name: 'thing-controller' },
    spec: {
      generateSelector: true,
      parentResource: { apiVersion: 'example.org/v1', resource: 'things' },
      childResources,
      hooks: Object.fromEntries(hooks.map(type => [type, { version: 'v2', webhook: { url: `http://thing-controller.metacontroller/${type}` } }]))
    }
  } as CompositeController
}

export const thing: Manifest = { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: 'a' }, spec: {} }

export const configMap = (data: object, name = 'settings') => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data })

/** A stage of one file. */
export const stage = (name: string, ...objects: Manifest[]): Stage => ({ name, objects: objects.map(object => ({ file: name, object })) })

/** Runs a Thing with a hook. */
export async function simulateThing (t: Pick<Test, 'teardown'>, answer: (call: FakeCall) => unknown, options: Partial<Simulation> = {}): Promise<Outcome> {
  const { url } = await fakeHook(t, answer)
  return await simulate({
    hookUrl: url,
    controller: thingController(),
    crds: [thingDefinition()],
    stages: [stage('thing.yaml', thing)],
    applyStrategy: 'dynamic-apply',
    hookVersion: undefined,
    hookTimeoutSeconds: undefined,
    sinks: { byDefault: true, addresses: new Map() },
    maxSyncs: 60,
    judgesReady: true,
    allowed: [],
    pauseMs: 0,
    ...options
  })
}

import t, { type Test } from 'tap'
import * as names from '../../src/samplesource/names.js'
import { find } from './kube-object.js'
import { readManifest } from './manifests.js'
import { findMetacontroller } from './metacontroller.js'
import { readOptions, type Options } from './options.js'
import { describeFacts, preflight } from './preflight.js'
import { list, stubCommands, type Answer } from './stub.js'

/* The preflight, with a stub for kubectl on the PATH that answers as a cluster does. */

const ours = find(await readManifest('base/crd.yaml'), 'CustomResourceDefinition')
const signal = new AbortController().signal

const compositeControllers = {
  kind: 'CustomResourceDefinition',
  metadata: { name: 'compositecontrollers.metacontroller.k8s.io' },
  spec: { versions: [{ name: 'v1alpha1', schema: { openAPIV3Schema: { properties: { spec: { properties: { endpointConfigs: {} } } } } } }] }
}
const oldCompositeControllers = { ...compositeControllers, spec: { versions: [{ name: 'v1alpha1', schema: { openAPIV3Schema: { properties: { spec: { properties: {} } } } } }] } }
const sinkBindings = { kind: 'CustomResourceDefinition', metadata: { name: 'sinkbindings.sources.knative.dev' }, spec: { versions: [{ name: 'v1', served: true }] } }
const node = { metadata: { name: 'node' }, spec: { providerID: 'kind://docker/samples/node' }, status: { conditions: [{ type: 'Ready', status: 'True' }] } }
const elsewhere = { ...node, spec: { providerID: 'aws:///x' } }
const statefulSet = {
  metadata: { name: 'metacontroller', namespace: 'metacontroller' },
  spec: { template: { spec: { containers: [{ image: 'ghcr.io/metacontroller/metacontroller:v4.17.2', command: ['/usr/bin/metacontroller'], args: ['--apply-strategy=server-side-apply'] }] } } },
  status: { readyReplicas: 1 }
}
const webhook = { status: { availableReplicas: 1 } }

interface Cluster {
  context?: Answer
  version?: Partial<Answer>
  crds?: object[]
  controllers?: object[]
  nodes?: object[]
  workloads?: object[]
  webhook?: object
  namespace?: object
  mayNot?: string
  stored?: object
}

/** The answers of a cluster. By default it has everything for the level control plane. */
function answersOf ({ context, version, crds = [compositeControllers, sinkBindings], controllers = [], nodes = [], workloads = [], webhook, namespace, mayNot = 'none', stored = ours }: Cluster): Answer[] {
  return [
    context ?? { args: 'config current-context', stdout: 'kind-samples\n' },
    ...[
      { args: 'version *', stdout: { serverVersion: { gitVersion: 'v1.34.1' } }, ...version },
      { args: 'get nodes *', stdout: list(...nodes) },
      { args: 'get customresourcedefinitions.apiextensions.k8s.io *', stdout: list(...crds) },
      { args: 'get compositecontrollers.metacontroller.k8s.io *', stdout: list(...controllers) },
      { args: 'get statefulsets.apps,deployments.apps *', stdout: list(...workloads) },
      { args: 'get deployments.apps eventing-webhook *', stdout: webhook ?? '' },
      { args: `get namespaces ${names.systemNamespace} *`, stdout: namespace ?? '' },
      { args: 'apply *', stdout: stored },
      { args: `auth can-i create ${mayNot}`, stdout: 'no\n', code: 1 },
      { args: 'auth can-i *', stdout: 'yes\n' }
    ].map(answer => ({ ...answer, args: `--context kind-samples ${answer.args}` })),
    { args: 'version *', stdout: { serverVersion: { gitVersion: 'v1.34.1' } } }
  ]
}

const works: Answer[] = [{ args: '*' }]

async function look (t: Test, cluster: Cluster, options: Partial<Options> = {}, commands: Record<string, Answer[]> = { docker: works, kind: works }) {
  const { calls } = stubCommands(t, { kubectl: answersOf(cluster), ...commands })
  const found = await preflight({ ...readOptions([], {}).options as Options, ...options }, signal)
  t.notOk(calls().some(call => /kubectl (--context \S+ )?(create|patch|delete|replace)/.test(call) || (call.includes(' apply ') && !call.includes('--dry-run=server'))), 'nothing is changed')
  return found
}

const hookUrl = new URL('http://10.0.0.1:8471')
const withNodes: Cluster = { nodes: [node], workloads: [statefulSet], webhook }

t.test('with an API server and Metacontroller but no nodes, the level is control plane', async t => {
  const { facts, level } = await look(t, {}, { hookUrl })
  t.equal(level, 'control-plane')
  t.strictSame(facts, { kubernetes: 'v1.34.1', context: 'kind-samples', readyNodes: 0, kindCluster: undefined, metacontroller: undefined, hasSinkBindingController: false, hasSameCrd: false })
  t.match(describeFacts(facts!).join('\n'), /v1\.34\.1, context kind-samples, no node is ready\nMetacontroller {2}not in this cluster.*\nKnative .*without its controller/)
})

t.test('with nodes and Knative Eventing, the level is full', async t => {
  const { facts, level } = await look(t, withNodes)
  t.equal(level, 'full')
  t.match(facts, { readyNodes: 1, kindCluster: 'samples', metacontroller: { version: 'v4.17.2', applyStrategy: 'server-side-apply', namespace: 'metacontroller' }, hasSinkBindingController: true })
  t.match(describeFacts(facts!).join('\n'), /ready nodes: 1 \(kind cluster samples\)\nMetacontroller {2}v4\.17\.2, server-side-apply, in the namespace metacontroller\nKnative .*with its controller/)
})

t.test('the level can be chosen', async t => {
  await t.test('control plane with HOOK_URL', async t => t.equal((await look(t, withNodes, { hookUrl })).level, 'control-plane'))
  await t.test('full, which needs more', async t => t.match((await look(t, {}, { level: 'full' })).missing, [/^Knative Eventing is not running: kubectl apply -f https:.*eventing-crds.yaml && kubectl apply -f https:.*eventing-core.yaml$/, /^no node is ready: .*kind create cluster/]))
})

t.test('an existing CRD that is the same is used', async t => {
  const { facts } = await look(t, { crds: [compositeControllers, sinkBindings, ours] }, { hookUrl })
  t.equal(facts?.hasSameCrd, true)
  t.match(describeFacts(facts!).at(-1), /already exists, is the same, and stays$/)
})

t.test('each thing that is missing is a line, with how to get it', async t => {
  const theirs = { metadata: { name: 'theirs' }, spec: { parentResource: { apiVersion: names.apiVersion, resource: names.plural } } }
  const table: Array<[string, Cluster, Partial<Options>, RegExp[], Record<string, Answer[]>?]> = [
    ['an API server', { version: { code: 1, stdout: '', stderr: 'E1123 memcache.go\nThe connection to the server was refused\n' } }, {}, [/^no API server answers in the kube context kind-samples: .*`kind create cluster`.*\(The connection to the server was refused\)$/]],
    ['a newer one', { version: { stdout: { serverVersion: { gitVersion: 'v1.28.9' } } } }, {}, [/^Kubernetes v1\.28\.9 is too old: 1\.29 or newer is needed/]],
    ['rights', { mayNot: 'customresourcedefinitions.apiextensions.k8s.io' }, { hookUrl }, [/^you may not create customresourcedefinitions\S*: use a kube context of a cluster administrator$/]],
    ['Metacontroller', { crds: [sinkBindings] }, { hookUrl }, [/^Metacontroller is not installed: kubectl apply -k "https:/]],
    ['a newer one', { crds: [oldCompositeControllers, sinkBindings] }, { hookUrl }, [/^Metacontroller is older than 4\.16 .*: kubectl apply -k "https:/]],
    ['its pods', { ...withNodes, workloads: [] }, {}, [/^Metacontroller has no pods, only its CustomResourceDefinitions: kubectl apply -k "https:/]],
    ['a pod that is ready', { ...withNodes, workloads: [{ ...statefulSet, status: {} }] }, {}, [/^Metacontroller has no pod that is ready: kubectl -n metacontroller describe pods$/]],
    ['SinkBinding', { crds: [compositeControllers] }, { hookUrl }, [/^Knative's SinkBinding .*: kubectl apply -f https:.*eventing-crds.yaml$/]],
    ['a served version of it', { crds: [compositeControllers, { ...sinkBindings, spec: { versions: [{ name: 'v1', served: false }] } }] }, { hookUrl }, [/^Knative's SinkBinding/]],
    ['HOOK_URL without nodes', {}, {}, [/^HOOK_URL is not set \(no node is ready, .*HOOK_URL=http:/]],
    ['HOOK_URL without Knative', { ...withNodes, webhook: { status: {} } }, {}, [/^HOOK_URL is not set \(without Knative Eventing only /]],
    ['an image, if the nodes are not kind\'s', { ...withNodes, nodes: [elsewhere] }, {}, [/^this is not a kind cluster, .*--image$/]],
    ['docker and kind', withNodes, {}, [/^docker is needed/, /^kind is needed/], {}],
    ['an engine', withNodes, {}, [/^docker is needed/], { docker: [{ args: 'info', code: 1 }], kind: works }],
    ['a place of its own', { controllers: [theirs] }, { hookUrl }, [new RegExp(`^the CompositeController theirs already manages ${names.kind}s here: .*kubectl delete -k manifests$`)]],
    ['the CRD of these manifests', { crds: [compositeControllers, sinkBindings, { ...ours, spec: { ...ours.spec, versions: [] } }] }, { hookUrl }, [new RegExp(`^the CustomResourceDefinition of ${names.kind} differs from the one in manifests/: `)]],
    ['the namespace of the manifests', { ...withNodes, namespace: { metadata: { name: names.systemNamespace } } }, {}, [new RegExp(`^the namespace ${names.systemNamespace} already exists: `)]],
    ['the leftovers of a run to be gone', { controllers: [{ ...theirs, metadata: { name: 'theirs', labels: { [`${names.group}/e2e`]: 'abc' } } }] }, { hookUrl }, [/^another run is in progress.*npm run e2e -- --clean$/]],
    ['several things', { crds: [] }, {}, [/^Metacontroller is not installed/, /^Knative's SinkBinding/, /^HOOK_URL is not set/]]
  ]
  for (const [what, cluster, options, expected, commands] of table) {
    await t.test(what, async t => {
      const { missing = [] } = await look(t, cluster, options, commands)
      t.equal(missing.length, expected.length, missing.join('\n'))
      t.match(missing, expected)
      t.notOk(missing.some(line => line.includes('\n')), 'a line each')
    })
  }
  await t.test('kubectl', async t => {
    stubCommands(t, {})
    t.match(await preflight(readOptions([], {}).options as Options, signal), { missing: [/^kubectl is not on the PATH: install it, see https:/] })
  })
})

t.test('without a kubeconfig, kubectl finds the API server by itself', async t => {
  const { calls } = stubCommands(t, {
    kubectl: [{ args: 'config current-context', code: 1, stderr: 'error: current-context is not set\n' }, ...answersOf({}).map(answer => ({ ...answer, args: answer.args.replace('--context kind-samples ', '') }))]
  })
  const { facts } = await preflight({ ...readOptions([], {}).options as Options, hookUrl }, signal)
  t.equal(facts?.context, undefined)
  t.notOk(calls().some(call => call.includes('--context')))
})

t.test('an image from --image is neither built nor loaded', async t => {
  t.equal((await look(t, { ...withNodes, nodes: [elsewhere] }, { image: 'registry.example/hook:v1' }, {})).level, 'full')
})

t.test('Metacontroller is found however it was installed', async t => {
  const of = (container: object, status: object = { readyReplicas: 1 }) => findMetacontroller([
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'other', namespace: 'other' }, spec: { template: { spec: { containers: [{ image: 'other/metacontroller-ui:1' }] } } } },
    { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'x', namespace: 'ns' }, spec: { template: { spec: { containers: [container] } } }, status }
  ])
  t.match(of({ image: 'metacontrollerio/metacontroller:v4.16.0', args: ['--zap-log-level=4'] }), { namespace: 'ns', version: 'v4.16.0', applyStrategy: 'dynamic-apply', isReady: true })
  t.match(of({ image: 'localhost:5000/metacontroller@sha256:0', args: ['-apply-strategy', 'server-side-apply'] }), { version: 'of an unknown version', applyStrategy: 'server-side-apply' })
  t.match(of({ image: 'registry.example/mirror:v1', command: ['/usr/bin/metacontroller', '--apply-strategy=dynamic-apply'] }, {}), { version: 'v1', applyStrategy: 'dynamic-apply', isReady: false })
  t.equal(of({ image: 'busybox' }), undefined)
})

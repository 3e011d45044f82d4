import { expectContains, expectEqual, expectText, until, Unexpected } from '../expect.js'
import { condition, find, ofRun } from '../kube-object.js'
import { readManifest } from '../manifests.js'
import type { Run, Step } from '../run.js'
import { customResourceDefinitions, sampleSource } from '../sources.js'
import { accepted, refusedByRules, refusedBySchema, type Refusal } from '../specs.js'
import { defaults, requiredSpec } from '../../samplesource/source.js'

/** Tests the CRD itself, before there is a controller. */
export const crdSteps: Step[] = [
  {
    title: 'the CRD is accepted as structural',
    prove: async run => {
      const crd = find(await readManifest('base/crd.yaml'), 'CustomResourceDefinition')
      if (!run.facts.hasSameCrd) await run.kubectl.create(ofRun(crd, run.id))
      const stored = await until(run.patience, 'a CRD that is established', async () => await run.kubectl.get({ resource: customResourceDefinitions, name: crd.metadata.name }), crd => condition(crd, 'Established')?.startsWith('True') === true)
      expectEqual('condition NonStructuralSchema', condition(stored, 'NonStructuralSchema'), undefined)
      await until(run.patience, 'the new API to be served', async () => await run.kubectl.tryCreate(sampleSource('probe', run.namespace)), ({ stored }) => stored !== undefined)
    }
  },
  {
    title: 'defaults',
    prove: async run => {
      const { stored, refusal } = await run.kubectl.tryCreate(sampleSource('defaults', run.namespace, { ...requiredSpec, sink: { uri: 'http://example.com' } }))
      expectContains('a stored source', stored ?? refusal, { spec: defaults })
    }
  },
  {
    title: 'each CEL rule refuses invalid specs',
    prove: async run => await expectRefusals(run, refusedByRules)
  },
  {
    title: 'the rest of the schema refuses invalid specs',
    prove: async run => await expectRefusals(run, refusedBySchema)
  },
  {
    title: 'valid specs that are close to these are accepted',
    prove: async run => {
      for (const spec of accepted) {
        const { refusal } = await run.kubectl.tryCreate(sampleSource('accepted', run.namespace, spec as object))
        if (refusal !== undefined) throw new Unexpected(`to be accepted: ${JSON.stringify(spec)}`, refusal)
      }
      return `${accepted.length} specs`
    }
  }
]

async function expectRefusals ({ kubectl, namespace }: Run, refusals: Refusal[]): Promise<string> {
  for (const { message, path, specs } of refusals) {
    for (const spec of specs) {
      const { stored, refusal } = await kubectl.tryCreate(sampleSource('refused', namespace, spec as object))
      if (refusal === undefined) throw new Unexpected(`to be refused with "${message}": ${JSON.stringify(spec)}`, stored)
      expectText('a refusal', refusal, message)
      expectText('a refusal', refusal, path)
    }
  }
  return refusals.map(({ message, specs }) => `${specs.length} × "${message}"`).join(', ')
}

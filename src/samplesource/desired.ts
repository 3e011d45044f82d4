import type { EnvVar } from '../kubernetes/env-vars.js'
import type { FieldError } from '../kubernetes/field-error.js'
import { validateSize } from '../source/child-size.js'
import { labels } from './labels.js'
import { makeReceiveAdapter } from './receive-adapter.js'
import type { SampleSource, SampleSourceSpec } from './schema.js'
import type { Settings } from './settings.js'
import { makeSinkBinding } from './sink-binding.js'
import { validate } from './validation.js'

/** The children that a source should have, or why it cannot have them. */
export type Desired =
  | { children: ReturnType<typeof makeChildren>, problems?: never }
  | { children?: never, problems: FieldError[] }

/**
 * Makes the desired children of a source.
 *
 * @param source with a spec in any form
 * @param settings for all sources
 * @param additionalEnvs env vars of the receive adapter from the ConfigMaps
 * @returns the children; or the problems, if the spec is invalid or a child would be too large
 */
export function desire (source: SampleSource, settings: Settings, additionalEnvs: EnvVar[]): Desired {
  const { spec, problems } = validate(source.spec)
  if (spec === undefined) return { problems }
  const children = makeChildren(source, spec, settings, additionalEnvs)
  const tooLarge = Object.values(children).flatMap(validateSize)
  return tooLarge.length > 0 ? { problems: tooLarge } : { children }
}

/** The children of a valid source. */
function makeChildren (source: SampleSource, spec: SampleSourceSpec, settings: Settings, additionalEnvs: EnvVar[]) {
  const { namespace, name } = source.metadata
  const receiveAdapter = makeReceiveAdapter({
    image: settings.receiveAdapterImage,
    args: settings.receiveAdapterArgs,
    resources: settings.receiveAdapterResources,
    labels: labels(name),
    source,
    spec,
    eventSource: `${namespace}/${name}`,
    additionalEnvs
  })
  return { receiveAdapter, sinkBinding: makeSinkBinding(spec, receiveAdapter) }
}

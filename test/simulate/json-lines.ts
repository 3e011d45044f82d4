import type { KubeObject } from '../harness/api-server.js'
import type { Step } from '../harness/cluster.js'
import { lastAppliedAnnotation } from '../harness/dynamic-apply.js'
import { copy } from '../harness/json.js'
import { kubectlAnnotation } from './kubectl-apply.js'
import { movesBetween } from './moves.js'
import type { Outcome } from './outcome.js'

/* The steps as JSON, one object a line. */

/** @returns the line of a stage, without the line break */
export const lineOfStage = (stage: string) => JSON.stringify({ type: 'stage', stage })

/** @returns the line of a step; undefined values are left out */
export function lineOfStep (step: Step): string {
  const { type, time } = step
  switch (step.type) {
    case 'write': {
      const { verb, subresource, manager, apiVersion, kind, namespace, name, changed, refused, old, object } = step.write
      const moves = changed && old !== undefined && object !== undefined ? movesBetween(withoutBookkeeping(old), withoutBookkeeping(object)) : undefined
      return JSON.stringify({ type, time, verb, apiVersion, kind, namespace, name, subresource, manager, changed, refused: refused?.message, moves })
    }
    case 'sync': {
      const { hook, parent: { apiVersion, kind, metadata: { namespace, name } }, response, error } = step.sync
      return JSON.stringify({ type, time, hook, apiVersion, kind, namespace, name, children: response?.children.length, error: error?.message })
    }
    case 'event':
      return JSON.stringify({ ...step.event, type, severity: step.event.type, time })
  }
}

/** @returns the last line */
export const lineOfOutcome = ({ exitCode, ...outcome }: Outcome) => JSON.stringify({ type: 'summary', ...outcome, exit: exitCode })

/** An object without what Metacontroller, kubectl and the API server note with every write. */
function withoutBookkeeping ({ metadata: { managedFields, resourceVersion, annotations = {}, ...metadata }, ...object }: KubeObject): object {
  const { [lastAppliedAnnotation]: _, [kubectlAnnotation]: _other, ...others } = annotations
  return copy({ ...object, metadata: { ...metadata, annotations: others } })
}

import { readyOf } from '../story/ready.js'
import { isParent, parentsOf, type Evidence } from './evidence.js'
import { isLeaving, wasFinalized } from './finalization.js'
import { labelOf, type Finding } from './finding.js'

/** Judges the customize hook and the parents at the end of a simulation. */
export function judge (evidence: Evidence): Finding[] {
  return [...judgeCustomize(evidence), ...unselected(evidence), ...gone(evidence), ...(evidence.judgesReady ? notReady(evidence) : [])]
}

function judgeCustomize ({ controller, cluster }: Evidence): Finding[] {
  const { answers, rules } = cluster.metacontroller.customize
  if (answers === 0 || rules > 0) return []
  return [{ fault: 'empty-customize', object: labelOf(controller), message: `has a customize hook that asks for nothing: relatedResources was empty in ${answers === 1 ? 'its answer' : `all ${answers} answers`}`, moves: [] }]
}

function unselected ({ cluster, steps }: Evidence): Finding[] {
  const { metacontroller } = cluster
  return parentsOf(cluster).filter(parent => !metacontroller.isSelected(parent) && !isLeaving(parent, metacontroller) && !wasFinalized(parent, steps)).map(parent =>
    ({ fault: 'not-ready', object: labelOf(parent), message: "is not looked at: its labels are not those of the CompositeController's spec.parentResource.labelSelector", moves: [] }))
}

/** The parents that were applied and are no longer there, although no hook has finalized them. */
function gone ({ cluster, applied, steps }: Evidence): Finding[] {
  const left = new Set(parentsOf(cluster).map(({ metadata: { uid } }) => uid))
  return applied.filter(object => isParent(cluster, object) && !left.has(object.metadata.uid) && !wasFinalized(object, steps)).map(parent => {
    const deletion = steps.findLast(step => step.type === 'write' && step.write.verb === 'delete' && step.write.old?.metadata.uid === parent.metadata.uid)
    return { fault: 'not-ready', object: labelOf(parent), message: `is gone at the end${deletion?.type === 'write' ? `: ${deletion.write.manager} has deleted it` : ''}`, moves: [] }
  })
}

function notReady ({ cluster }: Evidence): Finding[] {
  return parentsOf(cluster).filter(parent => cluster.metacontroller.isSelected(parent) && parent.metadata.deletionTimestamp === undefined).flatMap((parent): Finding[] => {
    const { status, reason, message } = readyOf(parent) ?? {}
    if (status === undefined || status === 'True') return []
    const parts = ['is not Ready', status, reason, message].filter(Boolean).map(part => typeof part === 'string' ? part : JSON.stringify(part))
    return [{ fault: 'not-ready', object: labelOf(parent), message: parts.join(': '), moves: [] }]
  })
}

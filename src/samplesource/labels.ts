import { maxLabelValueLength } from '../kubernetes/names.js'
import { childName } from '../knative/child-name.js'
import { controllerAgentName, singular } from './names.js'

/**
 * The labels that identify a source's receive adapter. They are in the Deployment's selector, which is immutable, and so
 * on its pods; the children have them too.
 *
 * @param name of the SampleSource; if too long for a label value, it is cut and gets a hash
 */
export function labels (name: string): Record<string, string> {
  return {
    'knative-eventing-source': controllerAgentName,
    'knative-eventing-source-name': name.length <= maxLabelValueLength ? name : childName(name, '')
  }
}

/**
 * The labels that tell people and tools what a child is. No selector uses them.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export const recommendedLabels = {
  'app.kubernetes.io/name': `${singular}-adapter`,
  'app.kubernetes.io/component': 'receive-adapter',
  'app.kubernetes.io/part-of': singular,
  'app.kubernetes.io/managed-by': controllerAgentName
}

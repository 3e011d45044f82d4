import { maxLabelValueLength } from '../kubernetes/names.js'
import { childName } from '../knative/child-name.js'
import { controllerAgentName, singular } from './names.js'

/**
 * The labels by which a source's receive adapter is found: of the Deployment's selector, which can never change, and so of
 * its pods and of the children themselves.
 *
 * @param name of the SampleSource; one that is too long for a label's value is cut and gets a hash
 */
export function labels (name: string): Record<string, string> {
  return {
    'knative-eventing-source': controllerAgentName,
    'knative-eventing-source-name': name.length <= maxLabelValueLength ? name : childName(name, '')
  }
}

/**
 * The labels that tell people and tools what a child is. No selector asks for them.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export const recommendedLabels = {
  'app.kubernetes.io/name': `${singular}-adapter`,
  'app.kubernetes.io/component': 'receive-adapter',
  'app.kubernetes.io/part-of': singular,
  'app.kubernetes.io/managed-by': controllerAgentName
}

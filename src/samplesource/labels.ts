import { maxLabelValueLength } from '../kubernetes/names.js'
import { childName } from '../knative/child-name.js'
import { controllerAgentName } from './names.js'

/**
 * The labels of a source's receive adapter: of the Deployment, its selector and its pods.
 *
 * @param name of the SampleSource; one that is too long for a label's value is cut and gets a hash
 */
export function labels (name: string): Record<string, string> {
  return {
    'knative-eventing-source': controllerAgentName,
    'knative-eventing-source-name': name.length <= maxLabelValueLength ? name : childName(name, '')
  }
}

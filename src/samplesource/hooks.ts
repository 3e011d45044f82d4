import { CustomizeRequest } from '../metacontroller/protocol.js'
import type { Hook } from '../metacontroller/hook.js'
import { findCondition } from '../kubernetes/conditions.js'
import { isEqual } from '../kubernetes/object.js'
import { customize } from '../source/system-objects.js'
import { finalize } from './finalize.js'
import { SyncRequest, reconcile } from './reconcile.js'
import { SampleSource } from './schema.js'
import type { Settings } from './settings.js'

const CustomizeSampleSource = CustomizeRequest(SampleSource)

/**
 * The hooks of the CompositeController, in the form that the server takes.
 *
 * @param settings for all sources
 */
export function makeHooks (settings: Settings): Hook[] {
  /** Answers an observed source and its children with the desired children and the status. */
  const sync: Hook<typeof SyncRequest> = {
    name: 'sync',
    request: SyncRequest,
    answer (request, now) {
      const { response, events } = reconcile(request, settings, now)
      const { metadata: { namespace, name, generation }, status } = request.parent
      const report = {
        source: `${namespace}/${name}`,
        generation,
        events,
        statusChanged: !isEqual(response.status, status),
        specInvalid: findCondition(response.status, 'SpecValid')?.status === 'False'
      }
      return { response, report }
    }
  }
  /** The same, while the source is being deleted. */
  const finalizing: Hook<typeof SyncRequest> = {
    name: 'finalize',
    request: SyncRequest,
    answer: (request, now) => ({ response: finalize(request, settings, now) })
  }
  /** Answers which other objects concern a source. */
  const customizing: Hook<typeof CustomizeSampleSource> = {
    name: 'customize',
    request: CustomizeSampleSource,
    answer: request => ({ response: customize(request, settings.system) })
  }
  return [sync, finalizing, customizing]
}

import type { FakeCall } from '../../../harness/fake-hook.js'

/**
 * Runs a pod that prints a greeting. Modelled on Metacontroller's guide:
 * https://metacontroller.github.io/metacontroller/guide/create.html
 *
 * @param greet makes the greeting. One that changes each time is the fault that the guide warns of: a hook must give
 * the same answer to the same request.
 */
export const helloWorldHook = (greet: (who: string) => string) => ({ body: { parent, children } }: FakeCall): object => ({
  status: { pods: Object.keys(children['Pod.v1']).length },
  children: [{
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: parent.metadata.name },
    spec: { restartPolicy: 'OnFailure', containers: [{ name: 'hello', image: 'busybox', command: ['echo', greet(parent.spec.who)] }] }
  }]
})

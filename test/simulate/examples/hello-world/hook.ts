import type { FakeCall } from '../../../harness/fake-hook.js'

/**
 * Runs a pod that greets. Modelled after the guide of Metacontroller:
 * https://metacontroller.github.io/metacontroller/guide/create.html
 *
 * @param greet makes the greeting. One that is another each time is the fault that the guide warns of: a hook has to
 * answer the same when it is asked the same.
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

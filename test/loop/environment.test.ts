import { parseOverrides } from '../../src/adapter/overrides.js'
import { environmentOf } from '../harness/pod-environment.js'
import t from 'tap'
import { applyAndSettle, child, condition, inEveryCluster, sampleSource, stored } from './desk.js'

inEveryCluster(t, 'what a person writes reaches the adapter as it is, whatever it looks like', async (t, cluster) => {
  const extensions = { team: '$(NAME) $$ $5 "$(EVENT_SOURCE)" $(K_SINK) $', market: '<&>\u2028' }
  const { ref } = sampleSource().spec.sink
  await applyAndSettle(cluster, sampleSource({ sink: { ref, uri: '/$(NAME)/$$5' }, ceOverrides: { extensions } }))
  t.equal(condition(stored(cluster)), 'True')
  const deployment = child(cluster, 'Deployment')
  const environment = environmentOf(deployment.spec.template.spec.containers[0], deployment)
  t.equal(environment['K_SINK'], 'http://event-display.demo.svc.cluster.local/$(NAME)/$$5')
  t.equal(stored(cluster).status.sinkUri, environment['K_SINK'], 'the status says where it sends')
  const mistakes: string[] = []
  t.same(parseOverrides(environment['K_CE_OVERRIDES'] as string, mistakes), extensions)
  t.same(mistakes, [])

  cluster.api.resetWrites()
  await cluster.resync(stored(cluster), 5)
  t.same(cluster.api.writes, [])
})

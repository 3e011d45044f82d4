import t from 'tap'
import { HTTP } from 'cloudevents'
import { makeEvent, toMessage } from '../../src/adapter/event.js'
import { content } from './content.js'

const data = { sequence: 7, heartbeat: '10s' }

t.test('an event', async t => {
  const before = Date.now()
  const { id, time, traceparent, ...rest } = makeEvent(content(data), { team: 'checkout' }).toJSON() as Record<string, string>
  t.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  t.ok(Date.parse(time as string) >= before && Date.parse(time as string) <= Date.now())
  t.match(traceparent, /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  t.same(rest, {
    specversion: '1.0',
    type: 'com.example.widget',
    source: 'example.com/widget',
    datacontenttype: 'application/json',
    data: { sequence: 7, heartbeat: '10s' },
    team: 'checkout'
  })
  const other = makeEvent(content(data), {})
  t.not(other.id, id)
  t.not(other['traceparent'], traceparent)
})

t.test('a traceparent that is given stays', async t => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
  const event = makeEvent(content(data), { traceparent })
  t.equal(event['traceparent'], traceparent)
  t.equal(toMessage(event).headers['traceparent'], traceparent)
})

t.test('the message', async t => {
  const event = makeEvent(content(data), { team: 'checkout' })
  t.same(toMessage(event), {
    headers: {
      'content-type': 'application/json',
      'ce-id': event.id,
      'ce-time': event.time,
      'ce-type': 'com.example.widget',
      'ce-source': 'example.com/widget',
      'ce-specversion': '1.0',
      'ce-traceparent': event['traceparent'],
      'ce-team': 'checkout',
      traceparent: event['traceparent']
    },
    body: '{"sequence":7,"heartbeat":"10s"}'
  })
  t.same((HTTP.toEvent(toMessage(event)) as typeof event).toJSON(), event.toJSON())
})

t.test('what cannot stand in a header is percent-encoded', async t => {
  const table = { 'Euro € 😀': 'Euro%20%E2%82%AC%20%F0%9F%98%80', '"100%"': '%22100%25%22', "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~": "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", '': '' }
  for (const [value, encoded] of Object.entries(table)) {
    t.equal(toMessage(makeEvent(content(data), { extension: value })).headers['ce-extension'], encoded)
  }
})

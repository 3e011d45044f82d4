import t from 'tap'
import { HTTP } from 'cloudevents'
import { makeEvent, toMessage } from '../../src/adapter/event.js'
import { content } from './content.js'

const data = { sequence: 7, heartbeat: '10s' }

t.test('an event', async t => {
  const before = Date.now()
  const { id, time, ...rest } = makeEvent(content(data), { team: 'checkout' }).toJSON() as Record<string, string>
  t.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  t.ok(Date.parse(time as string) >= before && Date.parse(time as string) <= Date.now())
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
})

const delivery = '00-59a938795cbd299b7c0893a04114819c-c09c293b82f767ee-01'

t.test('the event keeps its own traceparent; the header has the one of the delivery', async t => {
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'
  const event = makeEvent(content(data), { traceparent })
  t.match(toMessage(event, delivery).headers, { 'ce-traceparent': traceparent, traceparent: delivery })
})

t.test('the message', async t => {
  const event = makeEvent(content(data), { team: 'checkout' })
  t.same(toMessage(event, delivery), {
    headers: {
      'content-type': 'application/json',
      'ce-id': event.id,
      'ce-time': event.time,
      'ce-type': 'com.example.widget',
      'ce-source': 'example.com/widget',
      'ce-specversion': '1.0',
      'ce-traceparent': delivery,
      'ce-team': 'checkout',
      traceparent: delivery
    },
    body: '{"sequence":7,"heartbeat":"10s"}'
  })
  t.same((HTTP.toEvent(toMessage(event, delivery)) as typeof event).toJSON(), { ...event.toJSON(), traceparent: delivery })
})

t.test('characters that a header cannot have are percent-encoded', async t => {
  const table = { 'Euro € 😀': 'Euro%20%E2%82%AC%20%F0%9F%98%80', '"100%"': '%22100%25%22', "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~": "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", '': '' }
  for (const [value, encoded] of Object.entries(table)) {
    t.equal(toMessage(makeEvent(content(data), { extension: value }), delivery).headers['ce-extension'], encoded)
  }
})

import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readToken } from '../../src/adapter/token.js'

t.test('none without the file, or with an empty one', async t => {
  const directory = t.testdir({ empty: '\n' })
  t.equal(readToken(join(directory, 'token')), undefined)
  t.equal(readToken(join(directory, 'nowhere', 'token')), undefined)
  t.equal(readToken(join(directory, 'empty')), undefined)
})

t.test('that of the moment, as the kubelet exchanges it', async t => {
  const directory = t.testdir()
  const write = (version: string, token: string): void => {
    mkdirSync(join(directory, version))
    writeFileSync(join(directory, version, 'token'), token)
    symlinkSync(version, join(directory, '..data_tmp'))
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'))
  }
  symlinkSync('..data/token', join(directory, 'token'))
  write('..1', 'first\n')
  t.equal(readToken(join(directory, 'token')), 'first')
  write('..2', 'other')
  t.equal(readToken(join(directory, 'token')), 'other')
})

t.test('one that cannot be read is an error, not none', async t => {
  const directory = t.testdir({ token: { file: '' } })
  t.throws(() => readToken(join(directory, 'token')), { code: 'EISDIR' })
})

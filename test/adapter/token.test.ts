import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readToken } from '../../src/adapter/token.js'

t.test('there is no token without the file, or with an empty one', async t => {
  const directory = t.testdir({ empty: '\n' })
  t.equal(readToken(join(directory, 'token')), undefined)
  t.equal(readToken(join(directory, 'nowhere', 'token')), undefined)
  t.equal(readToken(join(directory, 'empty')), undefined)
})

t.test('the current token is read, as the kubelet replaces it', async t => {
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

t.test('a token that cannot be read is an error', async t => {
  const directory = t.testdir({ token: { file: '' } })
  t.throws(() => readToken(join(directory, 'token')), { code: 'EISDIR' })
})

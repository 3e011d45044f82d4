/*
 * The files that a test covers: all of the source for the tests of its rooms. Tests of whole programs run
 * without coverage, which takes half as much time again.
 */

const rooms = ['adapter', 'cli', 'hook', 'http', 'knative', 'kubernetes', 'metacontroller', 'ops', 'process', 'samplesource', 'source', 'telemetry']

/** @param file a single test, or the tests of a room, which rooms.mjs has put together */
export default file => rooms.some(room => file.startsWith(`build/test/${room}/`) || file === `build/rooms/${room}.test.js`)
  ? ['src/**/*.ts', 'build/src/**/*.js']
  : null

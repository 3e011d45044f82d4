/*
 * The files that a test covers: all of the source for the tests of its rooms. Tests of whole programs run
 * without coverage, which takes half as much time again.
 */

const rooms = /^build\/(?:test|rooms)\/(?:adapter|cli|hook|http|knative|kubernetes|metacontroller|ops|process|samplesource|source|telemetry)\b/

export default file => rooms.test(file) ? ['src/**/*.ts', 'build/src/**/*.js'] : null

/*
 * Which files a test counts the coverage of: all of the source, for the tests of its rooms. What is tested as a whole runs
 * without the instruments, which take half as much time again.
 */

const rooms = /^build\/(?:test|rooms)\/(?:adapter|cli|hook|http|knative|kubernetes|metacontroller|ops|process|samplesource|source|telemetry)\b/

export default file => rooms.test(file) ? ['src/**/*.ts', 'build/src/**/*.js'] : null

import { fileURLToPath } from 'node:url'

/*
 * Each process that tap starts imports this first. It drops what a shell may have set: LOG_LEVEL, K_CA_CERTS or HTTP_PROXY
 * would reach the programs that the tests start, and GIT_DIR or CI the tools. What finds and runs these stays, and what
 * tap, npm and the soak set. Instead of the settings in the home folder, git and curl read those in own-settings/.
 */
const kept = /^(PATH|HOME|TMPDIR|TERM|LD_LIBRARY_PATH|NODE_(OPTIONS|COMPILE_CACHE|V8_COVERAGE)|SOAK|ATTACK_SEED|_?TAP.*|npm_.*)$/i
const settings = fileURLToPath(new URL('own-settings', import.meta.url))

for (const name of Object.keys(process.env)) if (!kept.test(name)) delete process.env[name]
Object.assign(process.env, { CURL_HOME: settings, XDG_CONFIG_HOME: settings, GIT_CONFIG_GLOBAL: `${settings}/gitconfig`, GIT_CONFIG_NOSYSTEM: '1' })

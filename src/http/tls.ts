import { X509Certificate, createPrivateKey } from 'node:crypto'
import type { Server, ServerOptions } from 'node:https'
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { httpError } from './errors.js'
import { FollowedFiles } from './followed-files.js'
import type { Metrics } from './metrics.js'

/** Where TLS has its files, all in PEM. */
export interface TlsPaths {
  /** The server's certificate, and those between it and its CA. */
  certFile: string
  keyFile: string
  /** The CAs of those who may call; without, nobody is asked for a certificate. */
  clientCaFile?: string | undefined
}

const minVersion = 'TLSv1.2'

/** TLS of a server, as its files have it now. */
export class TlsFiles {
  readonly #files: FollowedFiles<SecureContextOptions>
  readonly #clientCertificates: boolean
  /** Connections whose client has shown a certificate of one of the CAs. */
  readonly #verified = new WeakSet<object>()

  /** @throws Error if a file is broken */
  constructor ({ certFile, keyFile, clientCaFile }: TlsPaths, logger: FastifyBaseLogger) {
    this.#clientCertificates = clientCaFile !== undefined
    this.#files = new FollowedFiles({
      name: clientCaFile === undefined ? 'TLS_CERT_FILE, TLS_KEY_FILE' : 'TLS_CERT_FILE, TLS_KEY_FILE, TLS_CLIENT_CA_FILE',
      paths: [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])],
      parse: parseTls,
      describe: describeTls,
      logger
    })
  }

  /**
   * What an HTTPS server is made with. A caller without a good certificate gets through the handshake, to be told 403:
   * a handshake that fails would look to it like a network that fails.
   */
  serverOptions (): ServerOptions {
    return { ...this.#files.value, requestCert: this.#clientCertificates, rejectUnauthorized: false }
  }

  /** Has a server's new connections follow the files; those that are there stay as they are. */
  follow (server: Server): void {
    this.#files.onChange(value => server.setSecureContext(value))
    server.on('secureConnection', (socket: TLSSocket) => {
      // `authorized` alone would not do: Node says so too of a TLS 1.3 session that is resumed without a certificate.
      if (socket.authorized && socket.getPeerX509Certificate() !== undefined) this.#verified.add(socket)
    })
  }

  /** Why the caller at the other end may not call, by OpenSSL's name for it; undefined if it may, as far as its certificate goes. */
  refusal (socket: TLSSocket): string | undefined {
    if (!this.#clientCertificates || this.#verified.has(socket)) return undefined
    return socket.getPeerX509Certificate() === undefined ? 'no certificate' : String(socket.authorizationError)
  }

  close (): void {
    this.#files.close()
  }
}

function parseTls ([cert = '', key = '', ca]: string[]): SecureContextOptions {
  const certificate = parsed('certificate', () => new X509Certificate(cert))
  const privateKey = parsed('private key', () => createPrivateKey(key))
  if (!certificate.checkPrivateKey(privateKey)) throw new Error('the private key is not that of the certificate')
  const options: SecureContextOptions = { cert, key, minVersion, ...(ca !== undefined && { ca: parsed('client CAs', () => certificatesIn(ca)) }) }
  // Throws where OpenSSL does not take them all the same, such as a key that is too short.
  createSecureContext(options)
  return options
}

/** Says which of the files it is that is broken. */
function parsed<Value> (file: string, parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`)
  }
}

/** OpenSSL passes over what is no certificate; then nobody could call, and nobody would know why. */
function certificatesIn (pem: string): string[] {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs)
  if (certificates === null) throw new Error('expected PEM certificates, got none')
  return certificates.map(certificate => new X509Certificate(certificate).toString())
}

function describeTls ({ cert }: SecureContextOptions): object {
  const { subjectAltName, validTo } = new X509Certificate(cert as string)
  return { subjectAltName, validTo }
}

/** Answers 403 to callers without a certificate of one of the client CAs, and counts them. */
export const clientCertificate = fastifyPlugin(async (app: FastifyInstance, { tls, metrics }: { tls: TlsFiles, metrics: Metrics }) => {
  app.addHook('onRequest', (request, _reply, done) => {
    const refusal = tls.refusal(request.raw.socket as TLSSocket)
    if (refusal === undefined) return done()
    metrics.authenticationFailures.inc({ reason: 'certificate' })
    done(httpError(403, 'forbidden', refusal))
  })
  app.addHook('onClose', async () => tls.close())
})

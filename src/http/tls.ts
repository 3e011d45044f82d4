import { X509Certificate, createPrivateKey } from 'node:crypto'
import type { Server, ServerOptions } from 'node:https'
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { validityOf, type Validity } from './certificate-validity.js'
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

/** What the files hold. */
interface Tls {
  options: SecureContextOptions
  /** Of every certificate in them. */
  validities: Validity[]
}

type FailureListener = (error: NodeJS.ErrnoException, caller: string | undefined) => void

/** TLS of a server, as its files have it now. */
export class TlsFiles {
  readonly #files: FollowedFiles<Tls>
  readonly #clientCertificates: boolean
  /** Connections whose client has shown a certificate of one of the CAs. */
  readonly #verified = new WeakSet<object>()
  readonly #failureListeners: FailureListener[] = []

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
    return { ...this.#files.value.options, requestCert: this.#clientCertificates, rejectUnauthorized: false }
  }

  /** Has a server's new connections follow the files; those that are there stay as they are. */
  follow (server: Server): void {
    this.#files.onChange(({ options }) => server.setSecureContext(options))
    server.on('tlsClientError', (error, { remoteAddress }) => {
      for (const listener of this.#failureListeners) listener(error, remoteAddress)
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      // `authorized` alone would not do: Node says so too of a TLS 1.3 session that is resumed without a certificate.
      if (socket.authorized && socket.getPeerX509Certificate() !== undefined) this.#verified.add(socket)
    })
  }

  /** Calls back with what there is to know of the certificates, at once and whenever they change. */
  onCertificates (listener: (validities: Validity[]) => void): void {
    listener(this.#files.value.validities)
    this.#files.onChange(({ validities }) => listener(validities))
  }

  /** Calls back when a handshake has failed, with the error and, where it is still known, the caller's address. */
  onHandshakeFailure (listener: FailureListener): void {
    this.#failureListeners.push(listener)
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

function parseTls ([cert = '', key = '', ca]: string[]): Tls {
  const chain = parsed('certificate', () => certificatesIn(cert))
  const privateKey = parsed('private key', () => createPrivateKey(key))
  if (!chain[0]?.checkPrivateKey(privateKey)) throw new Error('the private key is not that of the certificate')
  const cas = ca === undefined ? undefined : parsed('client CAs', () => certificatesIn(ca))
  const options: SecureContextOptions = { cert, key, minVersion, ...(cas !== undefined && { ca: cas.map(String) }) }
  // Throws where OpenSSL does not take them all the same, such as a key that is too short.
  createSecureContext(options)
  return { options, validities: [...chain.map(certificate => validityOf(certificate, 'server')), ...(cas ?? []).map(certificate => validityOf(certificate, 'client_ca'))] }
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
function certificatesIn (pem: string): X509Certificate[] {
  const certificates = pem.match(/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----.+?-----END \1CERTIFICATE-----/gs)
  if (certificates === null) throw new Error('expected PEM certificates, got none')
  return certificates.map(certificate => new X509Certificate(certificate))
}

function describeTls ({ options: { cert } }: Tls): object {
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

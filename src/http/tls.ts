import { X509Certificate, createPrivateKey } from 'node:crypto'
import type { Server, ServerOptions } from 'node:https'
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { validityOf, type Validity } from './certificate-validity.js'
import { httpError } from './errors.js'
import { FollowedFiles } from './followed-files.js'
import type { Metrics } from './metrics.js'

/** Paths of the TLS files, all in PEM format. */
export interface TlsPaths {
  /** The server's certificate and its intermediate certificates. */
  certFile: string
  keyFile: string
  /** The CAs of client certificates; if undefined, no client certificate is requested. */
  clientCaFile?: string | undefined
}

const minVersion = 'TLSv1.2'

/** The contents of the files. */
interface Tls {
  options: SecureContextOptions
  /** Of every certificate in the files. */
  validities: Validity[]
}

type FailureListener = (error: NodeJS.ErrnoException, caller: string | undefined) => void

/** The TLS settings of a server, as its files are now. */
export class TlsFiles {
  readonly #files: FollowedFiles<Tls>
  readonly #clientCertificates: boolean
  /** Connections whose client has presented a certificate of one of the CAs. */
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
   * The options of an HTTPS server. A client without a valid certificate passes the handshake and is answered 403: a failed
   * handshake would look like a network failure.
   */
  serverOptions (): ServerOptions {
    return { ...this.#files.value.options, requestCert: this.#clientCertificates, rejectUnauthorized: false }
  }

  /** Makes new connections of a server use the current files; existing ones stay as they are. */
  follow (server: Server): void {
    this.#files.onChange(({ options }) => server.setSecureContext(options))
    server.on('tlsClientError', (error, { remoteAddress }) => {
      for (const listener of this.#failureListeners) listener(error, remoteAddress)
    })
    server.on('secureConnection', (socket: TLSSocket) => {
      // `authorized` alone is not enough: Node also sets it for a TLS 1.3 session that is resumed without a certificate.
      if (socket.authorized && socket.getPeerX509Certificate() !== undefined) this.#verified.add(socket)
    })
  }

  /** Calls the listener with the validity of the certificates, at once and after every change. */
  onCertificates (listener: (validities: Validity[]) => void): void {
    listener(this.#files.value.validities)
    this.#files.onChange(({ validities }) => listener(validities))
  }

  /** Calls the listener for each failed handshake, with the error and, if still known, the client's address. */
  onHandshakeFailure (listener: FailureListener): void {
    this.#failureListeners.push(listener)
  }

  /** Why the client's certificate is refused, by OpenSSL's name; undefined if it is accepted. */
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
  if (!chain[0]?.checkPrivateKey(privateKey)) throw new Error('the private key does not match the certificate')
  const cas = ca === undefined ? undefined : parsed('client CAs', () => certificatesIn(ca))
  const options: SecureContextOptions = { cert, key, minVersion, ...(cas !== undefined && { ca: cas.map(String) }) }
  // Throws if OpenSSL rejects them for another reason, such as a key that is too short.
  createSecureContext(options)
  return { options, validities: [...chain.map(certificate => validityOf(certificate, 'server')), ...(cas ?? []).map(certificate => validityOf(certificate, 'client_ca'))] }
}

/** Adds the name of the file to an error. */
function parsed<Value> (file: string, parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`)
  }
}

/** OpenSSL ignores what is not a certificate; then nobody could call, without any explanation. */
function certificatesIn (pem: string): X509Certificate[] {
  const certificates = pem.match(/-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----.+?-----END \1CERTIFICATE-----/gs)
  if (certificates === null) throw new Error('expected PEM certificates, got none')
  return certificates.map(certificate => new X509Certificate(certificate))
}

function describeTls ({ options: { cert } }: Tls): object {
  const { subjectAltName, validTo } = new X509Certificate(cert as string)
  return { subjectAltName, validTo }
}

/** Answers 403 to clients without a certificate of one of the client CAs, and counts them. */
export const clientCertificate = fastifyPlugin(async (app: FastifyInstance, { tls, metrics }: { tls: TlsFiles, metrics: Metrics }) => {
  app.addHook('onRequest', (request, _reply, done) => {
    const refusal = tls.refusal(request.raw.socket as TLSSocket)
    if (refusal === undefined) return done()
    metrics.authenticationFailures.inc({ reason: 'certificate' })
    done(httpError(403, 'forbidden', refusal))
  })
  app.addHook('onClose', async () => tls.close())
})

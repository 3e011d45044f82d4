import t from 'tap'
import { handshakeFailure, handshakeFailures } from '../../src/http/handshake-failures.js'

t.test('the codes of OpenSSL 3.0 (Node 20) and 3.5 (Node 24)', async t => {
  const expected: Record<string, string> = {
    ERR_SSL_HTTP_REQUEST: 'plain_http',
    ERR_SSL_HTTPS_PROXY_REQUEST: 'plain_http',
    ERR_SSL_WRONG_VERSION_NUMBER: 'not_tls',
    ERR_SSL_PACKET_LENGTH_TOO_LONG: 'not_tls',
    ERR_SSL_UNSUPPORTED_PROTOCOL: 'incompatible',
    ERR_SSL_VERSION_TOO_LOW: 'incompatible',
    ERR_SSL_NO_SHARED_CIPHER: 'incompatible',
    ERR_SSL_NO_SUITABLE_KEY_SHARE: 'incompatible',
    ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: 'incompatible',
    ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'certificate_rejected',
    ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'certificate_rejected',
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE': 'certificate_rejected',
    ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'certificate_rejected',
    ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: 'certificate_rejected',
    ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: 'client_alert',
    'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE': 'client_alert',
    ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
    ECONNRESET: 'connection_closed',
    EPIPE: 'connection_closed',
    ENOTHING: 'other'
  }
  t.strictSame(Object.fromEntries(Object.keys(expected).map(code => [code, handshakeFailure(code)])), expected)
  t.equal(handshakeFailure(undefined), 'other')
  t.strictSame([...handshakeFailures].sort(), [...new Set(Object.values(expected))].sort())
})

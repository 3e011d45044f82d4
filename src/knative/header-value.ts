/**
 * Percent-encodes the characters that the HTTP binding of CloudEvents does not allow in a header. The SDK does not.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values
 *
 * @param value without lone surrogates, which have no UTF-8
 * @throws URIError if it has one
 */
export function encodeHeaderValue (value: string): string {
  return value.replace(/[^!-~]|["%]/gu, character => encodeURIComponent(character))
}

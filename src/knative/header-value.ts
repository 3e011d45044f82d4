/**
 * Percent-encodes what the HTTP binding of CloudEvents does not let stand in a header. The SDK leaves that to others.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md#3132-http-header-values
 *
 * @param value without lone surrogates: there is no UTF-8 of them
 * @throws URIError when it has one
 */
export function encodeHeaderValue (value: string): string {
  return value.replace(/[^!-~]|["%]/gu, character => encodeURIComponent(character))
}
